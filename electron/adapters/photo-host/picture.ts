import { crc32, deflateSync } from 'node:zlib';

/** The portrait of every card, pixels. */
export const WIDTH = 102;
export const HEIGHT = 126;
/** What decoders write: 3 bytes for each pixel, no padding. */
export const RAW_BYTES = WIDTH * HEIGHT * 3;
/** A whole BMP file of the same picture: its rows are padded to 308 bytes. */
export const BMP_BYTES = 54 + HEIGHT * 308;

/** How a decoder's raw picture lies; makers differ. */
export interface PictureLayout {
  rows: 'bottom-up' | 'top-down';
  /** The first pixel of a row is the rightmost one. */
  mirrored: boolean;
  channels: 'bgr' | 'rgb';
}

/**
 * What a decoder wrote, as a PNG. A whole BMP says itself how it lies, so that the layout is only for raw pictures.
 * @param written at least {@link RAW_BYTES}
 * @returns null when there is no picture in it: every pixel is the same
 */
export function pictureToPng(written: Uint8Array, layout: PictureLayout): Uint8Array | null {
  const bmp = bmpIn(written);
  const pixels = bmp ? toRgb(bmp.pixels, bmp.layout, 308) : toRgb(written, layout, WIDTH * 3);
  const isFlat = pixels.every((value, at) => value === pixels[at % 3]);
  const png = isFlat ? null : encodePng(pixels);
  pixels.fill(0);
  return png;
}

/** Rows from the top, pixels from the left, red first. */
function toRgb(from: Uint8Array, layout: PictureLayout, rowBytes: number): Uint8Array {
  const rgb = new Uint8Array(RAW_BYTES);
  const [red, blue] = layout.channels === 'rgb' ? [0, 2] : [2, 0];
  for (let y = 0; y < HEIGHT; y++) {
    const row = layout.rows === 'top-down' ? y : HEIGHT - 1 - y;
    for (let x = 0; x < WIDTH; x++) {
      const source = row * rowBytes + (layout.mirrored ? WIDTH - 1 - x : x) * 3;
      const target = (y * WIDTH + x) * 3;
      rgb[target] = from[source + red] ?? 0;
      rgb[target + 1] = from[source + 1] ?? 0;
      rgb[target + 2] = from[source + blue] ?? 0;
    }
  }
  return rgb;
}

/** A 24-bit BMP file of the portrait's size; a raw picture cannot look like one by chance. */
function bmpIn(written: Uint8Array): { pixels: Uint8Array; layout: PictureLayout } | null {
  if (written.length < BMP_BYTES || written[0] !== 0x42 || written[1] !== 0x4d) return null;
  const view = new DataView(written.buffer, written.byteOffset, written.byteLength);
  const start = view.getUint32(10, true);
  const height = view.getInt32(22, true);
  if (view.getInt32(18, true) !== WIDTH || Math.abs(height) !== HEIGHT) return null;
  if (view.getUint16(28, true) !== 24 || start < 54 || start + HEIGHT * 308 > written.length) return null;
  return {
    pixels: written.subarray(start),
    layout: { rows: height > 0 ? 'bottom-up' : 'top-down', mirrored: false, channels: 'bgr' },
  };
}

/** @param rgb rows from the top */
function encodePng(rgb: Uint8Array): Uint8Array {
  const head = new Uint8Array(13);
  const view = new DataView(head.buffer);
  view.setUint32(0, WIDTH);
  view.setUint32(4, HEIGHT);
  // 8 bits for each of three channels; deflate, plain filters, not interlaced.
  head.set([8, 2, 0, 0, 0], 8);
  const rows = new Uint8Array(HEIGHT * (1 + WIDTH * 3));
  for (let y = 0; y < HEIGHT; y++) {
    rows.set(rgb.subarray(y * WIDTH * 3, (y + 1) * WIDTH * 3), y * (1 + WIDTH * 3) + 1);
  }
  const png = Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', new Uint8Array(0)),
  ]);
  rows.fill(0);
  return png;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}
