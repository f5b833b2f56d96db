import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import {
  createInterpreter,
  type PrinterModel,
} from '../../../electron/adapters/simulated/printer/interpreter.ts';
import { renderJob } from '../../../electron/adapters/simulated/printer/render-job.ts';
import { encodeJob } from '../../../electron/core/printing/escpos.ts';
import { reprintMark } from '../../../electron/core/printing/reprint-mark.ts';
import { joined, markedBitmap } from './bitmap.ts';

const model: PrinterModel = { dots: 576 };
const run = (bytes: number[], of: PrinterModel = model) => {
  const printer = createInterpreter(of);
  const answers = [...printer.feed(Uint8Array.from(bytes))];
  return { ...printer.result(), answers };
};
const text = (characters: string): number[] => [...Buffer.from(characters, 'latin1')];

describe('the virtual printer', () => {
  it('understands a job the same whatever chunks it arrives in', () => {
    const bytes = joined([
      reprintMark(1, 0, 'w1'),
      ...encodeJob(markedBitmap(300), { dots: 576, bandRows: 255 }),
    ]);
    const whole = run([...bytes]);
    for (const size of [1, 2, 3, 7, 1000]) {
      const printer = createInterpreter(model);
      const answers: number[] = [];
      for (let at = 0; at < bytes.length; at += size)
        answers.push(...printer.feed(bytes.subarray(at, at + size)));
      expect({ ...printer.result(), answers }).toEqual(whole);
    }
    expect(whole.trace).toContain('text 补打 第1次');
    expect(whole.trace.at(-1)).toBe('GS r 1');
  });

  it('prints Chinese as rubbish without FS &, unless it is a clone', () => {
    const word = [0xb2, 0xb9, 0xb4, 0xf2, 0x0a];
    expect(run(word).text).toBe('����');
    expect(run([0x1c, 0x26, ...word]).text).toBe('补打');
    expect(run(word, { dots: 576, clone: true }).text).toBe('补打');
  });

  it('as a clone ignores FS . and turns the ruled line of a code page into hanzi', () => {
    const rule = [0x1c, 0x2e, 0x95, 0x95, 0x95, 0x95, 0x0a];
    expect(run(rule, { dots: 576, clone: true }).text).toBe('晻晻');
    expect(run(rule).text).toBe('����');
  });

  it('as a clone prints the operands of commands it does not know', () => {
    const job = [0x1c, 0x28, ...text('A'), 0x02, 0x00, 0x30, 0x00, 0x1c, ...text('C0'), 0x0a];
    const clone = run(job, { dots: 576, clone: true });
    expect(clone.text).toBe('A00');
    expect(clone.unknown).toEqual(['FS (', 'FS C']);
    expect(run(job)).toMatchObject({ text: '', unknown: [] });
  });

  it('names a command nobody knows', () => {
    expect(run([0x1b, 0x7f, 0x41, 0x0a])).toMatchObject({ unknown: ['ESC \x7f'], text: 'A' });
  });

  it('answers status requests with the bytes a printer sends', () => {
    const asked = [0x10, 4, 1, 0x10, 4, 2, 0x10, 4, 3, 0x10, 4, 4, 0x1d, 0x72, 1];
    expect(run(asked).answers).toEqual([0x12, 0x12, 0x12, 0x12, 0x00]);
    const empty = run(asked, { dots: 576, paperRows: 0 });
    expect(empty.answers).toEqual([0x1a, 0x32, 0x12, 0x72]);
    expect(empty.answers.every((byte) => (byte & 0x93) === 0x12)).toBe(true);
    const open = createInterpreter(model);
    open.openCover();
    expect([...open.feed(Uint8Array.from(asked))]).toEqual([0x1a, 0x16, 0x12, 0x12]);
    expect([...open.closeCover()]).toEqual([0x00]);
  });

  it('answers a status request that happens to stand inside a picture, and prints it as dots', () => {
    const bands = encodeJob(markedBitmap(2, [0x10, 0x04, 0x01]), { dots: 576, bandRows: 255 });
    const printed = run([...joined(bands)]);
    expect(printed.answers).toEqual([0x12, 0x12, 0x00]);
    expect([...printed.page.dots.subarray(0, 3)]).toEqual([0x10, 0x04, 0x01]);
  });

  it('holds the rest of a job when the roll ends, and proves it only on the new roll', () => {
    const printer = createInterpreter({ dots: 576, paperRows: 255 });
    const bytes = joined(encodeJob(markedBitmap(600), { dots: 576, bandRows: 255 }));
    expect([...printer.feed(bytes)]).toEqual([]);
    expect(printer.result().page.height).toBe(255);
    expect([...printer.feed(Uint8Array.of(0x10, 4, 4))]).toEqual([0x72]);
    expect([...printer.loadPaper()]).toEqual([0x00]);
    expect(printer.result().page.height).toBe(600 + 90);
  });

  it('skips the data of bar codes, blocks and bit images', () => {
    const bytes = [
      ...[0x1d, 0x6b, 73, 3, 0x41, 0x42, 0x43],
      ...[0x1d, 0x6b, 4, 0x41, 0x42, 0],
      ...[0x1d, 0x28, 0x6b, 3, 0, 49, 81, 48],
      ...[0x1b, 0x2a, 33, 2, 0, 1, 2, 3, 4, 5, 6],
      ...[0x1d, 0x38, 0x4c, 2, 0, 0, 0, 48, 50],
      ...text('ok\n'),
    ];
    expect(run(bytes)).toMatchObject({ text: 'ok', unknown: [] });
  });

  it('draws the reprint mark legibly and an unknown character as a box', () => {
    const ink = (of: ReturnType<typeof run>): number =>
      of.page.dots.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
    const mark = [0x1c, 0x26, 0xb2, 0xb9, 0xb4, 0xf2, 0x0a];
    const boxes = [0x1c, 0x26, 0xb0, 0xa1, 0xb0, 0xa2, 0x0a];
    expect(ink(run(mark))).toBeGreaterThan(250);
    expect(ink(run(boxes))).toBeGreaterThan(200);
    expect(run(mark).page.dots).not.toEqual(run(boxes).page.dots);
  });

  it('writes a PNG that another program reads', () => {
    const png = PNG.sync.read(
      Buffer.from(renderJob(joined(encodeJob(markedBitmap(40), { dots: 576, bandRows: 255 })), 576)),
    );
    expect([png.width, png.height]).toEqual([576, 40 + 90]);
    // Row 0 starts with 17 = 00010001.
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((x) => png.data[x * 4])).toEqual([
      255, 255, 255, 0, 255, 255, 255, 0,
    ]);
    expect(PNG.sync.read(Buffer.from(renderJob(new Uint8Array(), 384))).width).toBe(384);
  });
});
