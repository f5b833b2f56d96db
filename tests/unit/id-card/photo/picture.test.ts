import fc from 'fast-check';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import {
  BMP_BYTES,
  HEIGHT,
  pictureToPng,
  RAW_BYTES,
  WIDTH,
  type PictureLayout,
} from '../../../../electron/adapters/photo-host/picture.ts';

type Rgb = readonly [number, number, number];

/** Different along every edge, so that a picture turned, mirrored or with its colours swapped is another picture. */
const colourAt = (x: number, y: number): Rgb => [(x * 2 + y) & 255, (y * 2) & 255, (x + 100) & 255];

/** Lays the picture down as a decoder of this layout does. */
function stored({ rows, mirrored, channels }: PictureLayout, colour = colourAt): Uint8Array {
  const raw = new Uint8Array(RAW_BYTES);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const row = rows === 'top-down' ? y : HEIGHT - 1 - y;
      const column = mirrored ? WIDTH - 1 - x : x;
      const [r, g, b] = colour(x, y);
      raw.set(channels === 'rgb' ? [r, g, b] : [b, g, r], (row * WIDTH + column) * 3);
    }
  }
  return raw;
}

function seen(png: Uint8Array | null): { width: number; height: number; at(x: number, y: number): Rgb } {
  const picture = PNG.sync.read(Buffer.from(png!));
  return {
    width: picture.width,
    height: picture.height,
    at: (x, y) => {
      const from = (y * picture.width + x) * 4;
      return [picture.data[from]!, picture.data[from + 1]!, picture.data[from + 2]!];
    },
  };
}

const layouts: PictureLayout[] = (['bottom-up', 'top-down'] as const).flatMap((rows) =>
  [false, true].flatMap((mirrored) =>
    (['bgr', 'rgb'] as const).map((channels) => ({ rows, mirrored, channels })),
  ),
);

/** Every pixel; one comparison, because 12 852 expectations take seconds. */
const wrongPixels = (png: Uint8Array | null, colour: (x: number, y: number) => Rgb): string[] => {
  const picture = seen(png);
  const wrong: string[] = [];
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      if (String(picture.at(x, y)) !== String(colour(x, y))) wrong.push(`${x},${y}`);
    }
  }
  return wrong;
};

describe('a decoded photo', () => {
  it.each(layouts)('lies upright whatever way the decoder writes it: %o', (layout) => {
    const png = pictureToPng(stored(layout), layout);
    expect(seen(png)).toMatchObject({ width: 102, height: 126 });
    expect(wrongPixels(png, colourAt)).toEqual([]);
  });

  it('with a wrong layout is another picture: the settings do something', () => {
    const raw = stored(layouts[0]!);
    for (const layout of layouts.slice(1)) {
      expect(wrongPixels(pictureToPng(raw, layout), colourAt).length).toBeGreaterThan(10_000);
    }
  });

  it('of any pixels comes out as they were', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: RAW_BYTES, maxLength: RAW_BYTES }),
        fc.constantFrom(...layouts),
        (pixels, layout) => {
          pixels.set([1, 2, 3, 4, 5, 6]);
          const colour = (x: number, y: number): Rgb => {
            const from = (y * WIDTH + x) * 3;
            return [pixels[from]!, pixels[from + 1]!, pixels[from + 2]!];
          };
          expect(wrongPixels(pictureToPng(stored(layout, colour), layout), colour)).toEqual([]);
        },
      ),
      { numRuns: 10 },
    );
  });

  it('in a buffer that holds more than the picture is cut to it', () => {
    const layout = layouts[0]!;
    const roomy = new Uint8Array(64 * 1024).fill(0xee);
    roomy.set(stored(layout));
    expect(wrongPixels(pictureToPng(roomy, layout), colourAt)).toEqual([]);
  });

  it.each([0, 255, 128])('of one colour only (%i) is no picture', (value) => {
    expect(pictureToPng(new Uint8Array(RAW_BYTES).fill(value), layouts[0]!)).toBeNull();
    const blue = stored(layouts[0]!, () => [value, 7, 200]);
    expect(pictureToPng(blue, layouts[0]!)).toBeNull();
  });
});

describe('a decoder that writes a whole BMP', () => {
  function bmp(height: number): Uint8Array {
    const file = new Uint8Array(BMP_BYTES);
    const view = new DataView(file.buffer);
    view.setUint16(0, 0x424d);
    view.setUint32(10, 54, true);
    view.setInt32(18, WIDTH, true);
    view.setInt32(22, height, true);
    view.setUint16(28, 24, true);
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        const row = height > 0 ? HEIGHT - 1 - y : y;
        const [r, g, b] = colourAt(x, y);
        file.set([b, g, r], 54 + row * 308 + x * 3);
      }
    }
    return file;
  }

  it.each([HEIGHT, -HEIGHT])('is believed about its own layout (height %i)', (height) => {
    const wrong: PictureLayout = { rows: 'top-down', mirrored: true, channels: 'rgb' };
    expect(wrongPixels(pictureToPng(bmp(height), wrong), colourAt)).toEqual([]);
  });

  it('of another size is not taken for one', () => {
    const file = bmp(HEIGHT);
    new DataView(file.buffer).setInt32(18, 103, true);
    const layout = layouts[0]!;
    expect(wrongPixels(pictureToPng(file, layout), colourAt).length).toBeGreaterThan(10_000);
  });
});
