import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createInterpreter } from '../../../electron/adapters/simulated/printer/interpreter.ts';
import { renderJob } from '../../../electron/adapters/simulated/printer/render-job.ts';
import { createVirtualPrinter } from '../../../electron/adapters/simulated/printer/virtual-printer.ts';
import type { PrinterPort, PrintOutcome } from '../../../electron/core/ports/printer.ts';
import { encodeJob } from '../../../electron/core/printing/escpos.ts';
import { createSpool, type Spool, type SpoolPorts } from '../../../electron/core/printing/spool.ts';
import type { Sheet } from '../../../shared/contract/print.ts';
import { joined, markedBitmap } from './bitmap.ts';
import { handClock, scriptedPrinter, silentLog } from './ports.ts';

const UNREACHABLE: PrintOutcome = { outcome: 'failed-before-send', error: 'PRINT_UNREACHABLE' };
const UNCERTAIN: PrintOutcome = { outcome: 'uncertain', error: 'PRINT_UNCERTAIN' };
const settings = { mode: 'tcp', dots: 576, bandRows: 255, bandPauseMs: 0 } as const;
const KEY = 'case/01J9:slip:1';

let folder = '';
let clock = handClock();
let printer = scriptedPrinter();
let opened: Spool[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spool-'));
  clock = handClock();
  printer = scriptedPrinter();
});
afterEach(async () => {
  for (const spool of opened) await spool.close();
  opened = [];
  await rm(folder, { recursive: true });
});

async function openSpool(with_: Partial<SpoolPorts> & { device?: PrinterPort } = {}): Promise<Spool> {
  const { device = printer, ...ports } = with_;
  const spool = createSpool({
    ...{ folder: join(folder, 'spool'), papers: join(folder, 'papers'), clock, log: silentLog },
    ...{ printer: () => device, settings: () => settings, renderJob, ...ports },
  });
  await spool.open();
  opened.push(spool);
  return spool;
}

const sheet = (key = KEY, rows = 40) => ({
  ...{ key, kind: key.split(':')[1] ?? '', title: '小票', bitmap: markedBitmap(rows) },
});
const journal = () => join(folder, 'spool', 'sheets.jsonl');
const states = async (): Promise<string[]> =>
  (await readFile(journal(), 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as Sheet).state);
const become = (spool: Spool, state: string, key = KEY) =>
  expect.poll(() => spool.list([key])[0]?.state, { interval: 5, timeout: 15_000 }).toBe(state);
/** The lane waits, and that long. */
const nextTry = (ms: number) => expect.poll(() => clock.next(), { interval: 5, timeout: 15_000 }).toBe(ms);
const failures = (count: number) =>
  expect
    .poll(async () => (await states()).filter((state) => state === 'failed-before-send').length, {
      timeout: 15_000,
    })
    .toBe(count);
const sendings = (count: number) =>
  expect.poll(() => printer.sent.length, { interval: 5, timeout: 15_000 }).toBe(count);

/** A printer that never settles: the program dies while it prints. */
const stuck = (): PrinterPort => ({ ...scriptedPrinter(), send: () => new Promise(() => undefined) });

describe('the spool', () => {
  it('has the job and its row on disk before it says queued, and sending before the first byte', async () => {
    const seen: string[][] = [];
    const device = { ...printer, send: async () => (seen.push(await states()), UNREACHABLE) };
    const spool = await openSpool({ device });
    const queued = await spool.submit(sheet());
    expect(queued).toMatchObject({ key: KEY, state: 'queued', copyNo: 1, printer: 'scripted' });
    const [file] = await readdir(join(folder, 'spool', 'jobs'));
    expect(file).toBe(`${queued.payloadHash}.job`);
    await become(spool, 'failed-before-send');
    expect(seen).toEqual([['queued', 'sending']]);
  });

  it('sends the very bytes it named, band by band, under a name without personal data', async () => {
    const spool = await openSpool();
    const { payloadHash } = await spool.submit(sheet(KEY, 600));
    await become(spool, 'printed');
    const [sent] = printer.sent;
    expect(sent?.bytes).toEqual(joined(encodeJob(markedBitmap(600), settings)));
    expect(createHash('sha256').update(sent!.bytes).digest('hex')).toBe(payloadHash);
    expect(sent).toMatchObject({ jobName: `slip-${payloadHash.slice(0, 12)}`, bands: 4 });
    expect(await states()).toEqual(['queued', 'sending', 'printed']);
  });

  it('makes one sheet of a double click, and of the same key after a restart', async () => {
    const spool = await openSpool();
    const [first, second] = await Promise.all([spool.submit(sheet()), spool.submit(sheet(KEY, 90))]);
    expect(second.payloadHash).toBe(first.payloadHash);
    await become(spool, 'printed');
    await spool.close();
    const again = await openSpool();
    expect(await again.submit(sheet())).toMatchObject({ state: 'printed' });
    expect(printer.sent).toHaveLength(1);
  });

  it('prints in the order of submission, one sheet at a time', async () => {
    let finish: (outcome: PrintOutcome) => void = () => undefined;
    printer.script.push(new Promise((settle) => (finish = settle)));
    const spool = await openSpool();
    const rows = [41, 42, 43];
    for (const height of rows) await spool.submit(sheet(`case/${height}:slip:1`, height));
    await sendings(1);
    expect(spool.list().map((row) => row.state)).toEqual(['sending', 'queued', 'queued']);
    finish({ outcome: 'handed-over' });
    await become(spool, 'printed', 'case/43:slip:1');
    expect(printer.sent.map(({ bytes }) => bytes)).toEqual(
      rows.map((height) => joined(encodeJob(markedBitmap(height), settings))),
    );
    expect(spool.list().map((row) => row.state)).toEqual(['handed-over', 'printed', 'printed']);
  });

  it('tries again by itself after 1, 2, 5, 15 and then every 30 seconds, only when nothing was sent', async () => {
    printer.script.push(...Array.from({ length: 7 }, () => UNREACHABLE), UNCERTAIN);
    const spool = await openSpool();
    await spool.submit(sheet());
    let tries = 1;
    for (const wait of [1_000, 2_000, 5_000, 15_000, 30_000, 30_000, 30_000]) {
      await sendings(tries);
      await nextTry(wait);
      clock.move(wait - 1);
      await new Promise((later) => setTimeout(later, 15));
      expect(printer.sent).toHaveLength(tries++);
      clock.move(1);
    }
    await become(spool, 'uncertain');
    clock.move(3_600_000);
    await new Promise((later) => setTimeout(later, 15));
    expect(printer.sent).toHaveLength(8);
  });

  it('tries at once when somebody asks or submits the next sheet, and keeps the order', async () => {
    printer.script.push(UNREACHABLE, UNREACHABLE, UNREACHABLE);
    const spool = await openSpool();
    await spool.submit(sheet());
    await become(spool, 'failed-before-send');
    await spool.submit(sheet('case/2:slip:1', 50));
    await sendings(2);
    await become(spool, 'failed-before-send');
    await spool.resolve(KEY, 'reprint', 'clerk-1');
    await sendings(3);
    await become(spool, 'failed-before-send');
    spool.tryNow();
    await become(spool, 'printed', 'case/2:slip:1');
    expect(new Set(printer.sent.slice(0, 4).map((job) => job.jobName)).size).toBe(1);
    expect(spool.list([KEY])[0]).toMatchObject({ state: 'printed', copyNo: 1 });
  });

  it('does not print a queue number ten minutes late, but does when a person asks for it', async () => {
    const ticket = 'ticket/2026-07-31.A017:ticket:1';
    printer.script.push(UNREACHABLE, UNREACHABLE);
    const spool = await openSpool();
    await spool.submit(sheet(ticket));
    await spool.submit(sheet('case/2:slip:1', 50));
    await failures(2);
    await nextTry(2_000);
    clock.move(10 * 60_000);
    await become(spool, 'printed', 'case/2:slip:1');
    expect(spool.list([ticket])[0]).toMatchObject({ state: 'failed-before-send', error: 'PRINT_EXPIRED' });
    expect(await spool.resolve(ticket, 'reprint', 'clerk-1')).toMatchObject({ key: ticket, copyNo: 1 });
    await become(spool, 'printed', ticket);
    expect(createInterpreterText(printer.sent.at(-1)!.bytes)).toBe('');
  });

  it('forgets a test page after a minute: whoever wanted it has tried again by then', async () => {
    const test = 'test/t1:test:1';
    printer.script.push(UNREACHABLE, UNREACHABLE);
    const spool = await openSpool();
    await spool.submit({ ...sheet(test), kind: 'test' });
    await spool.submit(sheet('case/2:slip:1', 50));
    await failures(2);
    clock.move(60_000);
    await become(spool, 'printed', 'case/2:slip:1');
    expect(spool.list([test])[0]).toMatchObject({ state: 'failed-before-send', error: 'PRINT_EXPIRED' });
  });

  it('tells every change of state once, in order', async () => {
    printer.script.push(UNREACHABLE);
    const spool = await openSpool();
    const told: string[] = [];
    const stop = spool.onSheet((row) => told.push(`${row.state} ${row.error ?? ''}`.trim()));
    await spool.submit(sheet());
    await become(spool, 'failed-before-send');
    clock.move(1_000);
    await become(spool, 'printed');
    expect(told).toEqual([
      ...['queued', 'sending', 'failed-before-send PRINT_UNREACHABLE', 'sending', 'printed'],
    ]);
    stop();
    await spool.submit(sheet('case/2:slip:1'));
    expect(told).toHaveLength(5);
  });

  it('refuses a copy nobody asked for, a bad picture and a closed spool', async () => {
    const spool = await openSpool();
    await expect(spool.submit(sheet('case/1:slip:2'))).rejects.toMatchObject({ code: 'PRINT_BAD_SHEET' });
    const bad = { ...sheet(), bitmap: { ...markedBitmap(5), height: 6 } };
    await expect(spool.submit(bad)).rejects.toMatchObject({ code: 'PRINT_BAD_SHEET' });
    expect(spool.list()).toEqual([]);
    await spool.close();
    await expect(spool.submit(sheet())).rejects.toMatchObject({ code: 'PRINT_SPOOL_FAILED' });
  });

  it('says in a code when the folder cannot be used', async () => {
    await writeFile(join(folder, 'spool'), 'a file where the folder should be');
    await expect(openSpool()).rejects.toMatchObject({ code: 'PRINT_SPOOL_FAILED' });
  });
});

const createInterpreterText = (bytes: Uint8Array): string => {
  const paper = createInterpreter({ dots: 576, clone: true });
  paper.feed(bytes);
  return paper.result().text;
};

describe('an uncertain sheet', () => {
  const uncertain = async (): Promise<Spool> => {
    printer.script.push(UNCERTAIN);
    const spool = await openSpool();
    await spool.submit(sheet());
    await become(spool, 'uncertain');
    return spool;
  };

  it('is resolved by the word of the clerk that it came out', async () => {
    const spool = await uncertain();
    expect(await spool.resolve(KEY, 'came-out', 'clerk-7')).toMatchObject({ state: 'resolved', copyNo: 1 });
    expect(await spool.resolve(KEY, 'came-out', 'clerk-7')).toMatchObject({ state: 'resolved' });
    expect(printer.sent).toHaveLength(1);
    expect(await readFile(journal(), 'utf8')).toContain('"clerk":"clerk-7"');
  });

  it('is printed again only as a marked copy, once for any number of clicks', async () => {
    const spool = await uncertain();
    const copies = await Promise.all([1, 2, 3].map(() => spool.resolve(KEY, 'reprint', '工号 007')));
    expect(copies.map((copy) => [copy.key, copy.copyNo])).toEqual(
      Array.from({ length: 3 }, () => ['case/01J9:slip:2', 2]),
    );
    await become(spool, 'printed', 'case/01J9:slip:2');
    expect(spool.list([KEY])[0]?.state).toBe('resolved');
    expect(printer.sent).toHaveLength(2);
    expect(createInterpreterText(printer.sent[1]!.bytes)).toBe('补打 第1次\n2026-07-31 10:00 工号 007');
    expect(printer.sent[1]!.bytes.subarray(-printer.sent[0]!.bytes.length)).toEqual(printer.sent[0]!.bytes);
  });

  it('counts the reprints, each from the first printing', async () => {
    const spool = await uncertain();
    printer.script.push(UNCERTAIN);
    await spool.resolve(KEY, 'reprint', 'c1');
    await become(spool, 'uncertain', 'case/01J9:slip:2');
    await spool.resolve('case/01J9:slip:2', 'reprint', 'c1');
    await become(spool, 'printed', 'case/01J9:slip:3');
    expect(createInterpreterText(printer.sent[2]!.bytes)).toBe('补打 第2次\n2026-07-31 10:00 工号 c1');
  });

  it('keeps what is known of a printed sheet when a copy of it is made', async () => {
    const spool = await openSpool();
    await spool.submit(sheet());
    await become(spool, 'printed');
    expect(await spool.resolve(KEY, 'came-out', 'c1')).toMatchObject({ state: 'printed' });
    expect(await spool.resolve(KEY, 'reprint', 'c1')).toMatchObject({ copyNo: 2, state: 'queued' });
    expect(spool.list([KEY])[0]?.state).toBe('printed');
  });

  it('cannot be answered while it is on its way, nor when it does not exist', async () => {
    printer.script.push(UNREACHABLE);
    const spool = await openSpool();
    await spool.submit(sheet());
    await become(spool, 'failed-before-send');
    await spool.submit(sheet('case/2:slip:1'));
    const bad = { code: 'PRINT_BAD_SHEET' };
    await expect(spool.resolve('case/9:slip:1', 'reprint', 'c1')).rejects.toMatchObject(bad);
    clock.move(2_000);
    await become(spool, 'printed', 'case/2:slip:1');
    let finish: (outcome: PrintOutcome) => void = () => undefined;
    printer.script.push(new Promise((settle) => (finish = settle)));
    await spool.submit(sheet('case/3:slip:1'));
    await become(spool, 'sending', 'case/3:slip:1');
    await expect(spool.resolve('case/3:slip:1', 'came-out', 'c1')).rejects.toMatchObject(bad);
    finish(UNCERTAIN);
  });
});

describe('after a crash', () => {
  /** Leaves the spool as a killed process does: nothing is closed. */
  async function crashWhileSending(): Promise<void> {
    const spool = await openSpool({ device: stuck() });
    await spool.submit(sheet());
    await spool.submit(sheet('case/2:slip:1', 50));
    await become(spool, 'sending');
    opened = [];
  }

  it('what was being sent is uncertain and is not sent again; what waited is printed', async () => {
    await crashWhileSending();
    const spool = await openSpool();
    expect(spool.list([KEY])[0]).toMatchObject({ state: 'uncertain', error: 'PRINT_UNCERTAIN' });
    await become(spool, 'printed', 'case/2:slip:1');
    expect(printer.sent).toHaveLength(1);
  });

  it('a torn last line is cut off and the next one stands on a line of its own', async () => {
    await crashWhileSending();
    const whole = await readFile(journal(), 'utf8');
    for (const torn of ['{"key":"case/3:slip:1","ki', '\0\0\0\0', '{"key":"x"}\n', '\0\n\0\n']) {
      await writeFile(journal(), whole + torn);
      const spool = await openSpool();
      expect(spool.list().map((row) => row.key)).toEqual([KEY, 'case/2:slip:1']);
      await become(spool, 'printed', 'case/2:slip:1');
      await spool.close();
      // Every line is whole.
      expect(await states()).toContain('uncertain');
    }
  });

  it('a torn "sending" was never sent: the sheet is printed', async () => {
    await crashWhileSending();
    const bytes = await readFile(journal());
    const lines = bytes.toString().split('\n').filter(Boolean);
    const at = lines.findIndex((line) => line.includes('"sending"'));
    const upTo = Buffer.byteLength(`${lines.slice(0, at).join('\n')}\n`);
    await truncate(journal(), upTo + 20);
    const spool = await openSpool();
    await become(spool, 'printed');
  });

  it('a damaged line in the middle makes what stands before it uncertain instead of printing it twice', async () => {
    printer.script.push(UNREACHABLE, UNREACHABLE);
    const before = await openSpool();
    await before.submit(sheet());
    await become(before, 'failed-before-send');
    await before.close();
    await appendFile(journal(), 'x'.repeat(300) + '\n');
    const good = JSON.parse((await readFile(journal(), 'utf8')).split('\n')[0]!) as Sheet;
    await appendFile(journal(), `${JSON.stringify({ ...good, key: 'case/2:slip:1', state: 'printed' })}\n`);
    const spool = await openSpool();
    expect(spool.list().map((row) => row.state)).toEqual(['uncertain', 'printed']);
    expect(printer.sent).toHaveLength(1);
  });

  it('a job that is gone or damaged on disk is not printed, and may be handed in again', async () => {
    await crashWhileSending();
    const jobs = join(folder, 'spool', 'jobs');
    for (const name of await readdir(jobs)) await writeFile(join(jobs, name), 'rubbish');
    const spool = await openSpool();
    const lost = { state: 'failed-before-send', error: 'PRINT_SPOOL_FAILED' };
    await become(spool, 'failed-before-send', 'case/2:slip:1');
    expect(spool.list(['case/2:slip:1'])[0]).toMatchObject(lost);
    await spool.submit(sheet('case/2:slip:1', 50));
    await become(spool, 'printed', 'case/2:slip:1');
  });

  it('deletes jobs nobody refers to, and those settled for three days', async () => {
    const spool = await openSpool();
    await spool.submit(sheet());
    await become(spool, 'printed');
    printer.script.push(UNCERTAIN);
    await spool.submit(sheet('case/2:slip:1', 50));
    await become(spool, 'uncertain', 'case/2:slip:1');
    await spool.close();
    const jobs = join(folder, 'spool', 'jobs');
    await writeFile(join(jobs, `${'0'.repeat(64)}.job`), 'orphan');
    await writeFile(join(jobs, `${'1'.repeat(64)}.job.part`), 'torn');
    const next = await openSpool();
    expect(await readdir(jobs)).toHaveLength(2);
    clock.move(73 * 3_600_000);
    await expect.poll(() => readdir(jobs), { timeout: 15_000 }).toHaveLength(1);
    await expect(next.preview(KEY)).rejects.toMatchObject({ code: 'PRINT_BAD_SHEET' });
    expect(await next.preview('case/2:slip:1')).toMatchObject({ file: null });
    expect(next.list([KEY])[0]?.state).toBe('printed');
  });

  it('rewrites a journal grown long by tries, and loses no sheet', async () => {
    const spool = await openSpool();
    for (const n of [1, 2, 3]) await spool.submit(sheet(`case/${n}:slip:1`, 40 + n));
    await become(spool, 'printed', 'case/3:slip:1');
    const before = spool.list();
    await spool.close();
    const line = (await readFile(journal(), 'utf8')).trimEnd().split('\n').at(-1)!;
    await appendFile(journal(), `${line}\n`.repeat(5_100));
    const next = await openSpool();
    expect(next.list()).toEqual(before);
    expect(await states()).toEqual(['printed', 'printed', 'printed']);
  });
});

describe('when the disk is full', () => {
  /** Lets the next calls of a file operation fail, like a disk that fills up and is cleared again. */
  async function failing(operation: 'write' | 'datasync', times: number): Promise<void> {
    const handle = await open(join(folder, 'any'), 'w');
    const spy = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, operation);
    await handle.close();
    for (let i = 0; i < times; i++) spy.mockRejectedValueOnce(new Error('ENOSPC'));
  }
  afterEach(() => vi.restoreAllMocks());

  it('a sheet that cannot be written down is refused in a code and not printed', async () => {
    const spool = await openSpool();
    await failing('datasync', 1);
    await expect(spool.submit(sheet())).rejects.toMatchObject({ code: 'PRINT_SPOOL_FAILED' });
    expect(spool.list()).toEqual([]);
    await spool.submit(sheet());
    await become(spool, 'printed');
    expect(await states()).toEqual(['queued', 'sending', 'printed']);
    expect(printer.sent).toHaveLength(1);
  });

  it('nothing is sent while "sending" cannot be written down', async () => {
    printer.script.push(UNREACHABLE);
    const spool = await openSpool();
    await spool.submit(sheet());
    await failures(1);
    await failing('write', 1);
    clock.move(1_000);
    await nextTry(2_000);
    expect(printer.sent).toHaveLength(1);
    clock.move(2_000);
    await become(spool, 'printed');
    expect(await states()).toEqual(['queued', 'sending', 'failed-before-send', 'sending', 'printed']);
  });

  it('an outcome that cannot be written down is told, and is uncertain after a restart', async () => {
    let finish: (outcome: PrintOutcome) => void = () => undefined;
    printer.script.push(new Promise((settle) => (finish = settle)));
    const spool = await openSpool();
    await spool.submit(sheet());
    await become(spool, 'sending');
    await failing('datasync', 1);
    finish({ outcome: 'printed' });
    await become(spool, 'printed');
    await spool.close();
    expect((await openSpool()).list([KEY])[0]?.state).toBe('uncertain');
  });
});

describe('closing', () => {
  it('waits for the sheet on its way and writes down what became of it', async () => {
    let finish: (outcome: PrintOutcome) => void = () => undefined;
    printer.script.push(new Promise((settle) => (finish = settle)));
    const spool = await openSpool();
    await spool.submit(sheet());
    await become(spool, 'sending');
    const closing = spool.close();
    finish({ outcome: 'handed-over' });
    await closing;
    expect(await states()).toEqual(['queued', 'sending', 'handed-over']);
  });

  it('does not wait longer than 3 seconds; the sheet is uncertain the next time', async () => {
    const spool = await openSpool({ device: stuck() });
    await spool.submit(sheet());
    await become(spool, 'sending');
    const closing = spool.close();
    await new Promise((later) => setTimeout(later, 10));
    clock.move(3_000);
    await closing;
    expect((await openSpool()).list([KEY])[0]?.state).toBe('uncertain');
  });

  it('gives up a printer that never settles, as uncertain, and goes on with the next sheet', async () => {
    printer.script.push(new Promise(() => undefined));
    const spool = await openSpool();
    await spool.submit(sheet());
    await spool.submit(sheet('case/2:slip:1', 50));
    await sendings(1);
    await new Promise((later) => setTimeout(later, 10));
    clock.move(5 * 60_000);
    await become(spool, 'printed', 'case/2:slip:1');
    expect(spool.list([KEY])[0]?.state).toBe('uncertain');
  });
});

describe('a preview', () => {
  it('is rendered from the very bytes, and points to the virtual printer’s paper', async () => {
    const papers = join(folder, 'papers');
    const device = createVirtualPrinter({ folder: papers, clock, log: silentLog, dots: 576 });
    const spool = await openSpool({ device });
    const { payloadHash } = await spool.submit(sheet(KEY, 123));
    await become(spool, 'printed');
    const { png, file } = await spool.preview(KEY);
    expect(file).toBe(join(papers, `slip-${payloadHash.slice(0, 12)}.png`));
    expect(Buffer.from(png, 'base64')).toEqual(await readFile(file!));
    expect(PNG.sync.read(Buffer.from(png, 'base64')).height).toBe(123 + 90);
    expect(await readdir(papers)).toHaveLength(1);
  });

  it('works on sealed jobs, which show nothing of the picture', async () => {
    const sealKey = new Uint8Array(32).fill(7);
    const spool = await openSpool({ sealKey });
    const { payloadHash } = await spool.submit(sheet());
    await become(spool, 'printed');
    const kept = await readFile(join(folder, 'spool', 'jobs', `${payloadHash}.job`));
    expect(kept.includes(Buffer.from([0x1d, 0x76, 0x30]))).toBe(false);
    expect((await spool.preview(KEY)).png.length).toBeGreaterThan(100);
    expect(printer.sent[0]?.bytes).toEqual(joined(encodeJob(markedBitmap(40), settings)));
  });
});

describe('the virtual printer as the shell’s printer', () => {
  it('has sent nothing when it cannot write its paper', async () => {
    await writeFile(join(folder, 'papers'), '');
    const device = createVirtualPrinter({ folder: join(folder, 'papers'), clock, log: silentLog, dots: 576 });
    const bands = encodeJob(markedBitmap(8), settings);
    expect(await device.send(bands, 'slip-1', 0)).toEqual(UNREACHABLE);
  });

  it('says printed only when the job ends with the request that proves it', async () => {
    const device = createVirtualPrinter({ folder: join(folder, 'papers'), clock, log: silentLog, dots: 576 });
    const bands = encodeJob(markedBitmap(8), settings);
    expect(await device.send(bands, 'slip-1', 0)).toEqual({ outcome: 'printed' });
    expect(await device.send(bands.slice(0, 1), 'slip-2', 0)).toEqual({ outcome: 'handed-over' });
  });
});
