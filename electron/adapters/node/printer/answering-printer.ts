import type { ClockPort } from '../../../core/ports/clock.ts';
import type { LogPort } from '../../../core/ports/log.ts';
import type { PrinterCondition, PrinterPort, PrintOutcome } from '../../../core/ports/printer.ts';
import type { PrinterConnection } from './connection.ts';

/** Milliseconds. A job of 100 mm settles within 10 s unless the roll ends in the middle of it. */
export interface AnsweringLimits {
  connect: number;
  /** Wait for the answer to a DLE EOT. */
  probe: number;
  /** Longest time the printer may take nothing of a band. */
  stall: number;
  /** Wait for the proof: this much … */
  proof: number;
  /** … and this much per millimetre of paper (the slowest printers do 50 mm/s). */
  proofPerMm: number;
  /** How long a clerk may take to change a roll that ended in the middle of a sheet. */
  paper: number;
}

export const ANSWERING_LIMITS: AnsweringLimits = {
  connect: 3_000,
  probe: 1_000,
  stall: 30_000,
  proof: 3_000,
  proofPerMm: 20,
  paper: 120_000,
};

/** For a printer that never said a word so far: no clerk should wait for it at every slip. */
const QUIET = { probe: 300, proof: 1_000 };

const DLE_EOT = (n: number): Uint8Array => Uint8Array.of(0x10, 0x04, n);
const OFFLINE = 0x08; // DLE EOT 1, bit 3
const PAPER_END = 0x60; // DLE EOT 4, bits 5 and 6
const PAPER_END_ORDERED = 0x0c; // GS r 1, bits 2 and 3
/** 203 dpi. */
const DOTS_PER_MM = 8;

/** How to reach one printer. */
export interface PrinterLine {
  /** Shown to the clerk and kept on the sheet's row. */
  name: string;
  /** @returns null when it cannot be reached within `ms`; 'none' when there is no such printer to reach */
  connect(ms: number): Promise<PrinterConnection | null | 'none'>;
}

export interface AnsweringPrinterPorts {
  line: PrinterLine;
  clock: ClockPort;
  log: LogPort;
  limits?: Partial<AnsweringLimits>;
}

/**
 * A printer that can answer: network (raw port 9100), USB and serial. It is asked before and after the sheet, so that
 * "printed" has a witness. Connects late and hangs up early, because most printers serve one connection at a time.
 */
export function createAnsweringPrinter({ line, clock, log, limits }: AnsweringPrinterPorts): PrinterPort {
  const limit = { ...ANSWERING_LIMITS, ...limits };
  let open: PrinterConnection | null = null;
  let closed = false;
  /** The printer let a whole job pass without one status byte. */
  let quiet = false;

  /** A question and a job never share the line. */
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<T>(deed: () => Promise<T>): Promise<T> {
    const done = turn.then(deed);
    turn = done.catch(() => undefined);
    return done;
  }

  async function send(bands: Uint8Array[], pauseMs: number): Promise<PrintOutcome> {
    if (closed) return notSent('PRINT_UNREACHABLE');
    const connection = await line.connect(limit.connect);
    if (connection === 'none') return notSent('PRINT_NO_PRINTER');
    if (connection === null) return notSent('PRINT_UNREACHABLE');
    open = connection;
    try {
      if (isClosed()) return notSent('PRINT_UNREACHABLE');
      return (await probe(connection)) ?? (await transfer(connection, bands, pauseMs));
    } finally {
      open = null;
      connection.finish();
    }
  }

  async function check(): Promise<PrinterCondition> {
    const condition = (state: PrinterCondition['state']): PrinterCondition => ({
      state,
      proves: state === 'silent' ? 'handed-over' : 'printed',
    });
    const connection = await line.connect(limit.connect);
    if (connection === 'none') return condition('no-printer');
    if (connection === null) return condition('unreachable');
    open = connection;
    try {
      const printer = await ask(connection, 1, limit.probe);
      const paper = printer === undefined ? undefined : await ask(connection, 4, limit.probe);
      if (connection.ending() !== 'open') return condition('unreachable');
      if (printer === undefined) return condition('silent');
      if (paper !== undefined && (paper & PAPER_END) !== 0) return condition('paper-out');
      return condition((printer & OFFLINE) !== 0 ? 'not-ready' : 'ready');
    } finally {
      open = null;
      connection.finish();
    }
  }

  const isClosed = (): boolean => closed;

  /** @returns what keeps the job from being sent, or null */
  async function probe(connection: PrinterConnection): Promise<PrintOutcome | null> {
    const wait = quiet ? Math.min(QUIET.probe, limit.probe) : limit.probe;
    const printer = await ask(connection, 1, wait);
    const paper = printer === undefined ? undefined : await ask(connection, 4, wait);
    if (connection.ending() !== 'open') return notSent('PRINT_UNREACHABLE');
    if (paper !== undefined && (paper & PAPER_END) !== 0) return notSent('PRINT_PAPER_OUT');
    if (printer !== undefined && (printer & OFFLINE) !== 0) return notSent('PRINT_UNREACHABLE');
    return null;
  }

  /** @returns the answer to DLE EOT n */
  async function ask(connection: PrinterConnection, n: number, ms: number): Promise<number | undefined> {
    const before = connection.realTime().length;
    if (!(await connection.write(DLE_EOT(n), ms))) return undefined;
    await connection.until(() => connection.realTime().length > before, ms);
    return connection.realTime()[before];
  }

  async function transfer(
    connection: PrinterConnection,
    bands: Uint8Array[],
    pauseMs: number,
  ): Promise<PrintOutcome> {
    // From here on bytes have left, whatever happens.
    let early = 0;
    for (const band of bands) {
      early = connection.ordered().length;
      if (!(await connection.write(band, limit.stall))) return uncertain('the job broke off');
      if (pauseMs > 0) await connection.until(() => false, pauseMs);
    }
    const proof = (): number | undefined => connection.ordered()[early];
    const wait = quiet
      ? Math.min(QUIET.proof, limit.proof)
      : limit.proof + limit.proofPerMm * millimetres(bands);
    await connection.until(() => proof() !== undefined, wait);
    if (proof() === undefined) await waitForPaper(connection, () => proof() !== undefined);
    const answer = proof();
    if (answer !== undefined) {
      quiet = false;
      // Some clones answer while the paper is out; that proves nothing.
      if ((answer & PAPER_END_ORDERED) !== 0) return uncertain('the paper ended');
      return { outcome: 'printed' };
    }
    quiet = connection.realTime().length === 0;
    if (!quiet) return uncertain('it answered before and not at the end');
    return connection.ending() === 'broken' ? uncertain('the connection broke') : { outcome: 'handed-over' };
  }

  /** A roll that ends in mid-job: printers hold the rest and go on with the new one, so nothing is sent again. */
  async function waitForPaper(connection: PrinterConnection, proven: () => boolean): Promise<void> {
    const latest = clock.monotonic() + limit.paper;
    let ended = false;
    while (connection.ending() === 'open' && connection.realTime().length > 0 && clock.monotonic() < latest) {
      const paper = await ask(connection, 4, limit.probe);
      if (proven() || paper === undefined || (paper & PAPER_END) === 0) break;
      if (!ended) log.write('warning', 'printer', 'the paper ended within a sheet, waiting for a new roll');
      ended = true;
      if (await connection.until(proven, limit.probe * 2)) break;
    }
    // The new roll is in; the rest of the sheet takes its time.
    if (ended) await connection.until(proven, limit.proof);
  }

  function uncertain(why: string): PrintOutcome {
    log.write('warning', 'printer', 'not known whether the sheet came out', { why });
    return { outcome: 'uncertain', error: 'PRINT_UNCERTAIN' };
  }

  return {
    name: line.name,
    virtual: false,
    send: (bands, _jobName, pauseMs) => inTurn(() => send(bands, pauseMs)),
    check: () => inTurn(check),
    close() {
      closed = true;
      open?.drop();
      return Promise.resolve();
    },
  };
}

const notSent = (error: 'PRINT_UNREACHABLE' | 'PRINT_PAPER_OUT' | 'PRINT_NO_PRINTER'): PrintOutcome => ({
  outcome: 'failed-before-send',
  error,
});

/** Paper the job takes, from the heads of its pictures (`GS v 0 m xL xH yL yH`, in the first after `ESC @`). */
function millimetres(bands: readonly Uint8Array[]): number {
  let rows = 120;
  for (const band of bands) {
    const at = band[0] === 0x1b && band[1] === 0x40 ? 2 : 0;
    const isPicture = band[at] === 0x1d && band[at + 1] === 0x76 && band[at + 2] === 0x30;
    if (isPicture) rows += (band[at + 6] ?? 0) + (band[at + 7] ?? 0) * 256;
  }
  return rows / DOTS_PER_MM;
}
