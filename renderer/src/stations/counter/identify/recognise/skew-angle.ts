/** A grey picture: one byte a dot, 0 is black, row after row. */
export interface GreyPicture {
  width: number;
  height: number;
  dots: Uint8Array | Uint8ClampedArray;
}

/** A card that lies more askew than this was not laid down, it fell; degrees. */
const MOST = 6;
const STEP = 0.5;

/**
 * How far the lines of text lean: the angle at which rows of ink and rows of paper are told apart best (projection
 * profile). Positive leans down to the right. Small pictures do as well as large ones and are read sooner.
 * @returns degrees, −6 … 6, to half a degree
 */
export function skewAngle(picture: GreyPicture): number {
  let best = { angle: 0, sharpness: -1 };
  for (let angle = -MOST; angle <= MOST; angle += STEP) {
    const sharpness = sharpnessAt(picture, Math.tan((angle * Math.PI) / 180));
    // Of equals the one nearest to straight: an empty picture is straight.
    if (
      sharpness > best.sharpness ||
      (sharpness === best.sharpness && Math.abs(angle) < Math.abs(best.angle))
    )
      best = { angle, sharpness };
  }
  return best.angle;
}

/** Sum of the squared steps between neighbouring rows of the sheared picture. */
function sharpnessAt({ width, height, dots }: GreyPicture, slope: number): number {
  const rows = new Float64Array(height);
  const inRow = new Uint32Array(height);
  const middle = width / 2;
  for (let x = 0; x < width; x++) {
    const shift = Math.round((x - middle) * slope);
    const from = Math.max(0, -shift);
    const to = Math.min(height, height - shift);
    for (let y = from; y < to; y++) {
      rows[y] = (rows[y] ?? 0) + (dots[(y + shift) * width + x] ?? 0);
      inRow[y] = (inRow[y] ?? 0) + 1;
    }
  }
  let sum = 0;
  let before: number | null = null;
  for (let y = 0; y < height; y++) {
    const count = inRow[y] ?? 0;
    // A row that is mostly outside says nothing.
    if (count < width * 0.6) continue;
    const mean = (rows[y] ?? 0) / count;
    if (before !== null) sum += (mean - before) ** 2;
    before = mean;
  }
  return sum;
}
