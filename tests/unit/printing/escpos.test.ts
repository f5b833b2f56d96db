import { describe, expect, it } from 'vitest';
import { createInterpreter } from '../../../electron/adapters/simulated/printer/interpreter.ts';
import { encodeJob } from '../../../electron/core/printing/escpos.ts';
import { asciiClerk, reprintMark } from '../../../electron/core/printing/reprint-mark.ts';
import { joined, markedBitmap } from './bitmap.ts';

const print = (bands: Uint8Array[], clone = false) => {
  const printer = createInterpreter({ dots: 576, clone });
  const answers = bands.flatMap((band) => [...printer.feed(band)]);
  return { ...printer.result(), answers };
};

/** Heights of the `GS v 0` commands in the trace. */
const heights = (trace: string[]): number[] =>
  trace.filter((entry) => entry.startsWith('GS v 0')).map((entry) => Number(entry.split('×')[1]));

describe('a picture as an ESC/POS job', () => {
  it('starts from the power-on state and ends with feed, cut and the status request that proves it', () => {
    const bytes = joined(encodeJob(markedBitmap(10), { dots: 576, bandRows: 255 }));
    expect([...bytes.subarray(0, 10)]).toEqual([0x1b, 0x40, 0x1d, 0x76, 0x30, 0, 72, 0, 10, 0]);
    expect([...bytes.subarray(-10)]).toEqual([0x1b, 0x64, 3, 0x1d, 0x56, 66, 0, 0x1d, 0x72, 1]);
  });

  it('puts every dot on the paper where it was in the picture, whatever the band height', () => {
    const bitmap = markedBitmap(700);
    for (const bandRows of [8, 96, 128, 240, 255]) {
      const { page, answers, unknown, cuts } = print(encodeJob(bitmap, { dots: 576, bandRows }), true);
      expect(Buffer.from(page.dots.subarray(0, 72 * 700)).toString('base64')).toBe(bitmap.data);
      expect(page.dots.subarray(72 * 700).every((byte) => byte === 0)).toBe(true);
      expect({ answers, unknown, cuts }).toEqual({ answers: [0], unknown: [], cuts: 1 });
    }
  });

  it('never sends a band whose height is a multiple of 48, and pads only the last one', () => {
    for (const height of [48, 96, 240, 255 + 48, 480, 999]) {
      for (const bandRows of [48, 96, 144, 192, 240, 255]) {
        const sent = heights(print(encodeJob(markedBitmap(height), { dots: 576, bandRows })).trace);
        expect(sent.filter((rows) => rows % 48 === 0)).toEqual([]);
        expect(Math.max(...sent)).toBeLessThanOrEqual(255);
        expect([0, 8]).toContain(sent.reduce((sum, rows) => sum + rows, 0) - height);
      }
    }
    expect(heights(print(encodeJob(markedBitmap(48), { dots: 576, bandRows: 255 })).trace)).toEqual([56]);
  });

  it('keeps a 58 mm picture 48 bytes wide', () => {
    const bands = encodeJob(markedBitmap(20, [], 384), { dots: 384, bandRows: 255 });
    expect(bands[0]?.[6]).toBe(48);
    expect(bands[0]).toHaveLength(2 + 8 + 48 * 20);
  });

  it('refuses a picture that is wider than the paper or shorter than it says', () => {
    const wide = markedBitmap(5);
    expect(() => encodeJob(wide, { dots: 384, bandRows: 255 })).toThrow('576 dots for paper of 384');
    expect(() => encodeJob({ ...wide, height: 6 }, { dots: 576, bandRows: 255 })).toThrow('360 bytes');
  });
});

describe('the mark of a reprint', () => {
  const at = Date.UTC(2026, 6, 31, 2, 5);

  it('is readable on a normal printer and on a clone, before the unchanged first printing', () => {
    const bands = encodeJob(markedBitmap(30), { dots: 576, bandRows: 255 });
    const plain = print(bands);
    for (const clone of [false, true]) {
      const marked = print([reprintMark(2, at, 'clerk-1'), ...bands], clone);
      expect(marked.text).toBe('补打 第2次\n2026-07-31 10:05 工号 clerk-1');
      expect(marked.unknown).toEqual([]);
      expect(marked.answers).toEqual([0]);
      const [below, first] = [marked.page.dots, plain.page.dots];
      expect(below.subarray(below.length - first.length)).toEqual(first);
    }
  });

  it('lets nothing but ASCII of the clerk onto the paper, and no commands', () => {
    expect(asciiClerk('王丽\x1b\x40clerk 1\n')).toBe('@clerk1');
    expect(print([reprintMark(1, at, '王丽')]).text).toBe('补打 第1次\n2026-07-31 10:05');
  });
});
