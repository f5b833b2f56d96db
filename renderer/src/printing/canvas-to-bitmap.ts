import type { Bitmap } from '../../../shared/contract/print.ts';

/** Darker than this becomes a dot. Above the middle, because thin strokes vanish on thermal paper otherwise. */
const THRESHOLD = 150;
/** An opaque white pixel, the same in either byte order; nine of ten are. */
const WHITE = 0xffffffff;

/**
 * Black and white without dithering: letters keep their edges.
 * @param pixels RGBA, opaque
 * @returns the picture without the white rows below its last ink; one white row when there is no ink
 */
export function pixelsToBitmap(pixels: Uint8ClampedArray, width: number, height: number): Bitmap {
  const lineBytes = Math.ceil(width / 8);
  const dots = new Uint8Array(lineBytes * height);
  let last = -1;
  const whole = new Uint32Array(pixels.buffer, pixels.byteOffset, width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = whole[y * width + x] ?? WHITE;
      if (pixel === WHITE) continue;
      const at = (y * width + x) * 4;
      // Rec. 601 luminance: some systems draw letters with coloured edges.
      const light = 299 * (pixels[at] ?? 0) + 587 * (pixels[at + 1] ?? 0) + 114 * (pixels[at + 2] ?? 0);
      if (light >= THRESHOLD * 1000) continue;
      const byte = y * lineBytes + (x >> 3);
      dots[byte] = (dots[byte] ?? 0) | (0x80 >> (x & 7));
      last = y;
    }
  }
  const kept = Math.max(1, last + 1);
  return { width, height: kept, data: toBase64(dots.subarray(0, kept * lineBytes)) };
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}
