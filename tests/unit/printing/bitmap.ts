import type { Bitmap } from '../../../shared/contract/print.ts';

/** A picture whose every row is `marks` and then the row's number: rows can be told apart on the paper. */
export function markedBitmap(height: number, marks: number[] = [], width = 576): Bitmap {
  const lineBytes = Math.ceil(width / 8);
  const data = new Uint8Array(lineBytes * height);
  for (let y = 0; y < height; y++) data.set([...marks, (y % 200) + 17, (y * 7) % 251], y * lineBytes);
  return { width, height, data: Buffer.from(data).toString('base64') };
}

export const joined = (bands: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(bands));
