import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  frameOf,
  keepView,
  partInFrame,
  readView,
} from '../../../renderer/src/stations/counter/identify/camera-view.ts';

const views = fc.record({
  turn: fc.constantFrom<(0 | 90 | 180 | 270)[]>(0, 90, 180, 270),
  zoom: fc.constantFrom<(1 | 2 | 3)[]>(1, 2, 3),
});
const side = fc.integer({ min: 120, max: 5000 });

describe('the frame on the camera’s picture', () => {
  afterEach(() => localStorage.clear());

  it('is card-shaped however the camera is turned, and lies in the picture', () => {
    fc.assert(
      fc.property(side, side, views, (width, height, view) => {
        const lies = view.turn === 90 || view.turn === 270;
        const [shownWidth, shownHeight] = lies ? [height, width] : [width, height];
        const frame = frameOf(width, height, view);
        expect((frame.width * shownWidth) / (frame.height * shownHeight)).toBeCloseTo(85.6 / 53.98, 6);
        expect(Math.max(frame.width, frame.height)).toBeLessThanOrEqual(0.8601);
        const part = partInFrame(width, height, view);
        expect(part.x).toBeGreaterThanOrEqual(0);
        expect(part.y).toBeGreaterThanOrEqual(0);
        expect(part.x + part.width).toBeLessThanOrEqual(width + 0.001);
        expect(part.y + part.height).toBeLessThanOrEqual(height + 0.001);
        // What is in the frame is read, and a little more.
        const across = lies ? frame.height : frame.width;
        expect(part.width).toBeGreaterThanOrEqual((across * width) / view.zoom);
      }),
    );
  });

  it('is kept on this PC, and survives nonsense there', () => {
    keepView({ turn: 270, zoom: 3 });
    expect(readView()).toEqual({ turn: 270, zoom: 3 });
    for (const nonsense of ['', '{', '{"turn":45,"zoom":9}', 'null', '[]']) {
      localStorage.setItem('zc.cameraView', nonsense);
      expect(readView()).toEqual({ turn: 0, zoom: 1 });
    }
  });
});
