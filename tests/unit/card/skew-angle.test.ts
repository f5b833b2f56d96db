import { describe, expect, it } from 'vitest';
import { skewAngle } from '../../../renderer/src/stations/counter/identify/recognise/skew-angle.ts';

/** Dark bars on paper, leaning down to the right by so many degrees. */
function bars(degrees: number): { width: number; height: number; dots: Uint8ClampedArray } {
  const [width, height] = [320, 200];
  const dots = new Uint8ClampedArray(width * height).fill(235);
  const slope = Math.tan((degrees * Math.PI) / 180);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const across = y - (x - width / 2) * slope;
      // Letters, not rules: every second bit of a line is paper.
      if (across % 30 > 20 && x % 9 > 3 && x > 20 && x < 300) dots[y * width + x] = 40;
    }
  return { width, height, dots };
}

describe('how far text leans', () => {
  it('is measured to half a degree, either way', () => {
    for (const degrees of [-5, -3, -1.5, 0, 0.5, 2, 3, 5.5]) expect(skewAngle(bars(degrees))).toBe(degrees);
  });

  it('is nothing on an empty picture', () => {
    expect(skewAngle({ width: 60, height: 40, dots: new Uint8ClampedArray(2400).fill(255) })).toBe(0);
  });
});
