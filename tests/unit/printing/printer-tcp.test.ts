import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createReplySorter } from '../../../electron/adapters/node/printer/connection.ts';
import { createTcpPrinter, parseAddress } from '../../../electron/adapters/node/printer/tcp-printer.ts';
import {
  startVirtualPrinterServer,
  type PrinterFault,
  type PrinterServer,
} from '../../../electron/adapters/simulated/printer/printer-server.ts';
import type { PrinterPort } from '../../../electron/core/ports/printer.ts';
import { encodeJob } from '../../../electron/core/printing/escpos.ts';
import { markedBitmap } from './bitmap.ts';
import { quickClock, silentLog } from './ports.ts';

const limits = { connect: 2_000, probe: 250, stall: 800, proof: 600, proofPerMm: 1, paper: 2_000 };
const job = encodeJob(markedBitmap(600), { dots: 576, bandRows: 255 });
const size = job.reduce((sum, band) => sum + band.length, 0);
const probes = 6; // bytes of the two DLE EOT before a job

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close();
});

async function against(fault: PrinterFault): Promise<{ server: PrinterServer; printer: PrinterPort }> {
  const server = await startVirtualPrinterServer({ port: 0, faults: fault });
  const printer = createTcpPrinter({
    address: `127.0.0.1:${server.port}`,
    clock: quickClock(),
    log: silentLog,
    limits,
  });
  opened.push(printer, server);
  return { server, printer };
}

const outcome = async (fault: PrinterFault) => {
  const { server, printer } = await against(fault);
  const said = await printer.send(job, 'slip-1', 0);
  return { ...said, received: server.jobs()[0]?.bytesReceived ?? 0 };
};

describe('a printer on TCP 9100', () => {
  it('says printed when the printer answered the status request at the end of the job', async () => {
    const { server, printer } = await against({ kind: 'none' });
    expect(await printer.send(job, 'slip-1', 1)).toEqual({ outcome: 'printed' });
    const [printed] = server.jobs();
    expect(printed?.trace.slice(0, 3)).toEqual(['DLE 4 1', 'DLE 4 4', 'ESC @']);
    expect(printed).toMatchObject({ cuts: 1, unknown: [], bytesReceived: size + probes });
  });

  it.each<[PrinterFault, string]>([
    [{ kind: 'none' }, 'ready'],
    [{ kind: 'paper-out' }, 'paper-out'],
    [{ kind: 'cover-open' }, 'not-ready'],
    [{ kind: 'never-answers' }, 'silent'],
    [{ kind: 'refuse' }, 'unreachable'],
  ])('asked with %o it is %s, and no paper has moved', async (fault, state) => {
    const { server, printer } = await against(fault);
    expect(await printer.check()).toEqual({
      state,
      proves: state === 'silent' ? 'handed-over' : 'printed',
    });
    expect(server.jobs().reduce((sum, job) => sum + job.page.height, 0)).toBe(0);
  });

  it('is not asked while a job is on its way', async () => {
    const { server, printer } = await against({ kind: 'none' });
    const [printed, asked] = await Promise.all([printer.send(job, 'slip-1', 1), printer.check()]);
    expect(printed).toEqual({ outcome: 'printed' });
    expect(asked.state).toBe('ready');
    const traces = server.jobs().map(({ trace }) => trace);
    expect(traces).toHaveLength(2);
    expect(traces[1]).toEqual(['DLE 4 1', 'DLE 4 4']);
  });

  it('hangs up after the job, so that another window can print', async () => {
    const { server, printer } = await against({ kind: 'none' });
    await printer.send(job, 'slip-1', 0);
    await expect.poll(() => server.jobs()[0]?.ended, { timeout: 15_000 }).toBe(true);
  });

  it('sends nothing to a printer that refuses, has no paper or an open cover', async () => {
    expect(await outcome({ kind: 'refuse' })).toMatchObject({ error: 'PRINT_UNREACHABLE', received: 0 });
    const failed = { outcome: 'failed-before-send', received: probes };
    expect(await outcome({ kind: 'paper-out' })).toEqual({ ...failed, error: 'PRINT_PAPER_OUT' });
    expect(await outcome({ kind: 'cover-open' })).toEqual({ ...failed, error: 'PRINT_UNREACHABLE' });
  });

  it('is unreachable where nobody listens, and missing where there is no address', async () => {
    const spare = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => spare.once('listening', listening));
    const { port } = spare.address() as { port: number };
    await new Promise((closed) => spare.close(closed));
    const ports = { clock: quickClock(), log: silentLog, limits };
    const gone = createTcpPrinter({ address: `127.0.0.1:${port}`, ...ports });
    expect(await gone.send(job, 'slip-1', 0)).toMatchObject({ error: 'PRINT_UNREACHABLE' });
    for (const address of [undefined, '', 'two words', 'printer:99999']) {
      const none = createTcpPrinter({ address, ...ports });
      expect(await none.send(job, 'slip-1', 0)).toMatchObject({ error: 'PRINT_NO_PRINTER' });
    }
  });

  it('is uncertain when the connection was reset in the middle of the job', async () => {
    expect(await outcome({ kind: 'reset', afterBytes: 20_000 })).toMatchObject({ outcome: 'uncertain' });
    expect(await outcome({ kind: 'reset', afterBytes: probes + 1 })).toMatchObject({ outcome: 'uncertain' });
  });

  it('is uncertain when a printer that answered before died without the proof', async () => {
    for (const kind of ['never-proves', 'dies-before-proof', 'hangs-up-before-proof'] as const) {
      const { received, ...said } = await outcome({ kind });
      expect(said).toEqual({ outcome: 'uncertain', error: 'PRINT_UNCERTAIN' });
      expect(received).toBeGreaterThanOrEqual(size + probes);
    }
  });

  it('has only handed over what a printer took that never answers anything', async () => {
    const { server, printer } = await against({ kind: 'never-answers' });
    const started = performance.now();
    expect(await printer.send(job, 'slip-1', 0)).toEqual({ outcome: 'handed-over' });
    expect(performance.now() - started).toBeGreaterThan(limits.probe + limits.proof);
    expect(await printer.send(job, 'slip-2', 0)).toEqual({ outcome: 'handed-over' });
    expect(server.jobs().map((printed) => printed.cuts)).toEqual([1, 1]);
  });

  it('takes late answers for what they are', async () => {
    expect(await outcome({ kind: 'late', ms: 100 })).toMatchObject({ outcome: 'printed' });
    // Later than the probe waits, but within the time for the proof.
    expect(await outcome({ kind: 'late', ms: 400 })).toMatchObject({ outcome: 'printed' });
    // Later than any wait: the same as silence.
    expect(await outcome({ kind: 'late', ms: 3_000 })).toMatchObject({ outcome: 'handed-over' });
  });

  it('waits for the new roll when the paper ends within a sheet, and sends nothing twice', async () => {
    const { server, printer } = await against({ kind: 'paper-ends', afterRows: 300 });
    const sent = printer.send(job, 'slip-1', 0);
    setTimeout(() => server.loadPaper(), 600);
    expect(await sent).toEqual({ outcome: 'printed' });
    expect(server.jobs()).toHaveLength(1);
    expect(server.jobs()[0]?.page.height).toBe(600 + 90);
  });

  it('is uncertain when nobody changes the roll', async () => {
    const { printer } = await against({ kind: 'paper-ends', afterRows: 300 });
    expect(await printer.send(job, 'slip-1', 0)).toMatchObject({ outcome: 'uncertain' });
  });

  it('does not take an answer provoked by the dots of the picture for the proof', async () => {
    const { printer } = await against({ kind: 'never-proves' });
    const provoking = encodeJob(markedBitmap(90, [0x10, 0x04, 0x01, 0x10, 0x04, 0x04]), {
      dots: 576,
      bandRows: 255,
    });
    expect(await printer.send(provoking, 'slip-1', 0)).toMatchObject({ outcome: 'uncertain' });
  });

  it('settles at once when it is closed in the middle, and prints nothing afterwards', async () => {
    const { printer } = await against({ kind: 'never-proves' });
    const sent = printer.send(job, 'slip-1', 200);
    setTimeout(() => void printer.close(), 250);
    expect(await sent).toMatchObject({ outcome: 'uncertain' });
    expect(await printer.send(job, 'slip-2', 0)).toMatchObject({ outcome: 'failed-before-send' });
  });
});

describe('status bytes', () => {
  it('counts off automatic status, whose bytes look like a proof', () => {
    const replies = createReplySorter();
    replies.take(Uint8Array.of(0x12, 0x10, 0x00));
    replies.take(Uint8Array.of(0x00, 0x0f, 0x72, 0x13, 0x11, 0x00));
    expect(replies.realTime).toEqual([0x12, 0x72]);
    expect(replies.ordered).toEqual([0x00]);
  });
});

describe('an address of a printer', () => {
  it('may leave out the port', () => {
    expect(parseAddress('192.0.2.7')).toEqual({ host: '192.0.2.7', port: 9100 });
    expect(parseAddress(' printer-3.hall.example:9101 ')).toEqual({
      host: 'printer-3.hall.example',
      port: 9101,
    });
    expect(parseAddress('[2001:db8::7]:9100')).toEqual({ host: '2001:db8::7', port: 9100 });
    expect(parseAddress('http://192.0.2.7')).toBeNull();
  });
});
