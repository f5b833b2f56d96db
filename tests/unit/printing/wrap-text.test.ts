import { describe, expect, it } from 'vitest';
import { pixelsToBitmap } from '../../../renderer/src/printing/canvas-to-bitmap.ts';
import { wrapText } from '../../../renderer/src/printing/wrap-text.ts';

/** A letter of another script is half as wide as a hanzi. */
const measure = (text: string): number =>
  Array.from(text).reduce((sum, c) => sum + (c < '\u0300' ? 1 : /\p{M}/u.test(c) ? 0 : 2), 0);
const wrap = (text: string, width: number): string[] => wrapText(text, width, measure);

describe('lines of a slip', () => {
  it('break anywhere between hanzi, also rare ones outside the first plane', () => {
    expect(wrap('灵活就业𠮷𬭚参保', 8)).toEqual(['灵活就业', '𠮷𬭚参保']);
  });

  it('never begin with a closing mark nor end with an opening one', () => {
    expect(wrap('先交材料，再办', 8)).toEqual(['先交材', '料，再办']);
    expect(wrap('登记（变更）', 6)).toEqual(['登记', '（变', '更）']);
    expect(wrap('登记《变更》', 8)).toEqual(['登记《变', '更》']);
  });

  it('keep numbers and words whole while they fit on a line', () => {
    expect(wrap('电话 0571-12333', 12)).toEqual(['电话', '0571-12333']);
    expect(wrap('受理 2026-12-04 前', 14)).toEqual(['受理', '2026-12-04 前']);
  });

  it('cut a word that is longer than a line, and lose nothing', () => {
    expect(wrap('330102-20261120-A-0007', 8)).toEqual(['330102-2', '0261120-', 'A-0007']);
    expect(wrap('宽', 1)).toEqual(['宽']);
  });

  it('keep a variation selector at its character', () => {
    expect(wrap('葛\u{e0100}葛\u{e0100}', 2)).toEqual(['葛\u{e0100}', '葛\u{e0100}']);
  });

  it('leave an empty text one empty line, and obey line breaks', () => {
    expect(wrap('', 10)).toEqual(['']);
    expect(wrap('一\n二', 10)).toEqual(['一', '二']);
  });
});

describe('pixels as dots', () => {
  const picture = (rows: string[]): Uint8ClampedArray =>
    Uint8ClampedArray.from(
      rows.flatMap((row) => Array.from(row, Number).flatMap((n) => [n * 28, n * 28, n * 28, 255])),
    );

  it('become black below the threshold, most significant bit leftmost, padded to whole bytes', () => {
    const { width, height, data } = pixelsToBitmap(picture(['0999999990', '9559999999']), 10, 2);
    expect({ width, height }).toEqual({ width: 10, height: 2 });
    expect([...Buffer.from(data, 'base64')]).toEqual([0b10000000, 0b01000000, 0b01100000, 0]);
  });

  it('lose the white below the last ink, but never all rows', () => {
    expect(pixelsToBitmap(picture(['99999999', '09999999', '99999999']), 8, 3)).toMatchObject({ height: 2 });
    expect(pixelsToBitmap(picture(['99999999', '99999999']), 8, 2)).toMatchObject({
      height: 1,
      data: 'AA==',
    });
  });
});
