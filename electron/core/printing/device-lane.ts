import type { Settings } from '../../../shared/contract/settings.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import type { PrinterPort, PrintOutcome } from '../ports/printer.ts';
import type { PayloadStore } from './payload-store.ts';
import type { SheetBook } from './sheet-book.ts';
import { jobName, type SheetRow } from './sheet-row.ts';

export interface DeviceLanePorts {
  book: SheetBook;
  payloads: PayloadStore;
  printer: () => PrinterPort;
  settings: () => Settings['printer'];
  clock: ClockPort;
  log: LogPort;
}

/** The one writer of a printer: sheets leave in the order in which they came. */
export interface DeviceLane {
  /** Puts a sheet at the end and tries at once. */
  join(key: string): void;
  waits(key: string): boolean;
  /** Does not wait for the next automatic try. */
  tryNow(): void;
  /** Resolves when nothing is being sent any more, at the latest after 3 s; what is then still under way stays `sending`. */
  close(): Promise<void>;
}

/** Milliseconds between automatic tries of a sheet of which nothing was sent. */
export const RETRY_AFTER = [1_000, 2_000, 5_000, 15_000, 30_000];
/** A queue number printed later than this sends somebody to a window that called him long ago. */
export const TICKET_EXPIRES_AFTER = 10 * 60_000;
/** Whoever wanted a test page has changed something by then, and tried again. */
export const TEST_EXPIRES_AFTER = 60_000;
const EXPIRES_AFTER: Readonly<Partial<Record<string, number>>> = {
  ticket: TICKET_EXPIRES_AFTER,
  test: TEST_EXPIRES_AFTER,
};
/** Longer than any printer's own limits. */
const SEND_LIMIT = 5 * 60_000;
const CLOSE_LIMIT = 3_000;

export function createDeviceLane(ports: DeviceLanePorts): DeviceLane {
  const { book, payloads, clock, log } = ports;
  const waiting: string[] = [];
  let working: Promise<void> | null = null;
  let closed = false;
  /** The book is closed: what is still being sent stays `sending` in it, and will be uncertain. */
  let abandoned = false;
  let wake = (): void => undefined;

  function start(): void {
    wake();
    working ??= work().finally(() => {
      working = null;
      if (!closed && waiting.length > 0) start();
    });
  }

  async function work(): Promise<void> {
    let failures = 0;
    while (!isClosed() && waiting.length > 0) {
      if (await isSettled()) {
        failures = 0;
        continue;
      }
      if (isClosed()) return;
      await pause(RETRY_AFTER[Math.min(failures++, RETRY_AFTER.length - 1)] ?? 0);
    }
  }

  const isClosed = (): boolean => closed;
  const isAbandoned = (): boolean => abandoned;

  /** @returns whether the first sheet left the lane; otherwise it is tried again later */
  async function isSettled(): Promise<boolean> {
    try {
      await expireSheets();
      const row = book.get(waiting[0] ?? '');
      const stays = row !== undefined && !(await send(row));
      if (!stays) waiting.shift();
      return !stays;
    } catch (error) {
      log.write('error', 'spool', 'the journal cannot be written, nothing is sent', { error: String(error) });
      return false;
    }
  }

  async function expireSheets(): Promise<void> {
    for (const key of [...waiting]) {
      const row = book.get(key);
      const limit = EXPIRES_AFTER[row?.kind ?? ''];
      if (row === undefined || limit === undefined || clock.now() - row.queuedAt < limit) continue;
      await book.put({ ...row, state: 'failed-before-send', error: 'PRINT_EXPIRED' });
      waiting.splice(waiting.indexOf(key), 1);
    }
  }

  /** @returns false when nothing was sent and the sheet may be tried again. Rejects when it could not be written down first. */
  async function send(row: SheetRow): Promise<boolean> {
    const bytes = await payloads.read(row.payloadHash);
    if (bytes === null) {
      await book.put({ ...row, state: 'failed-before-send', error: 'PRINT_SPOOL_FAILED' });
      return true;
    }
    const device = ports.printer();
    const sending = await book.put({ ...row, state: 'sending', error: undefined, printer: device.name });
    const outcome = await limited(
      device.send(cut(bytes, row.bands), jobName(row), ports.settings().bandPauseMs),
    );
    if (isAbandoned()) return true;
    const after = {
      ...sending,
      state: outcome.outcome,
      error: 'error' in outcome ? outcome.error : undefined,
    };
    await book.put(after).catch((error: unknown) => {
      log.write('error', 'spool', 'the outcome cannot be written', {
        error: String(error),
        state: after.state,
      });
      book.putUnwritten(after);
    });
    return outcome.outcome !== 'failed-before-send';
  }

  /** A printer adapter that neither settles nor keeps its word must not stop the lane for ever. */
  function limited(sent: Promise<PrintOutcome>): Promise<PrintOutcome> {
    const uncertain: PrintOutcome = { outcome: 'uncertain', error: 'PRINT_UNCERTAIN' };
    return new Promise((settle) => {
      const cancel = clock.after(SEND_LIMIT, () => settle(uncertain));
      sent
        .then(settle, (error: unknown) => {
          log.write('error', 'spool', 'the printer failed unexpectedly', { error: String(error) });
          settle(uncertain);
        })
        .finally(cancel);
    });
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resume) => {
      const cancel = clock.after(ms, resume);
      wake = () => {
        cancel();
        resume();
      };
    });
  }

  return {
    join(key) {
      waiting.push(key);
      start();
    },
    waits: (key) => waiting.includes(key),
    tryNow: start,
    async close() {
      closed = true;
      wake();
      await new Promise<void>((resume) => {
        const cancel = clock.after(CLOSE_LIMIT, resume);
        void Promise.resolve(working).finally(() => {
          cancel();
          resume();
        });
      });
      abandoned = true;
    },
  };
}

function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  let at = 0;
  return lengths.map((length) => bytes.subarray(at, (at += length)));
}
