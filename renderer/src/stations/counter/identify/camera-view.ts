import type { Part, Turn } from './recognise/picture.ts';

/** How the camera's picture is shown: turned, because cameras are mounted as they are, and enlarged. */
export interface CameraView {
  turn: Turn;
  zoom: 1 | 2 | 3;
}

/** Of the shown picture the frame takes so much, in the direction that is the shorter one for a card. */
const FILL = 0.86;
/** ID-1 of ISO/IEC 7810: 85.60 mm × 53.98 mm. */
const CARD_RATIO = 53.98 / 85.6;
/** A little more than the frame is read: nobody lays a card down to the millimetre. */
const MARGIN = 0.05;

/** @returns size of the frame in parts of the shown picture's width and height */
export function frameOf(
  width: number,
  height: number,
  { turn }: CameraView,
): { width: number; height: number } {
  const [shownWidth, shownHeight] = isLying(turn) ? [height, width] : [width, height];
  const frame = Math.min(shownWidth * FILL, (shownHeight * FILL) / CARD_RATIO);
  return { width: frame / shownWidth, height: (frame * CARD_RATIO) / shownHeight };
}

/** The part of the camera's own picture that lies in the frame, with its margin, before it is turned. */
export function partInFrame(width: number, height: number, view: CameraView): Part {
  const frame = frameOf(width, height, view);
  const grow = (1 + 2 * MARGIN) / view.zoom;
  const [across, down] = isLying(view.turn) ? [frame.height, frame.width] : [frame.width, frame.height];
  const part = {
    width: Math.min(width, width * across * grow),
    height: Math.min(height, height * down * grow),
  };
  return { x: (width - part.width) / 2, y: (height - part.height) / 2, ...part };
}

const isLying = (turn: Turn): boolean => turn === 90 || turn === 270;

const KEY = 'zc.cameraView';

/** As it was set on this PC. */
export function readView(): CameraView {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<CameraView>;
    return {
      turn: ([0, 90, 180, 270] as const).find((turn) => turn === kept.turn) ?? 0,
      zoom: ([1, 2, 3] as const).find((zoom) => zoom === kept.zoom) ?? 1,
    };
  } catch {
    return { turn: 0, zoom: 1 };
  }
}

export function keepView(view: CameraView): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(view));
  } catch {
    // Set again next time, that is all.
  }
}
