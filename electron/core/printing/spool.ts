import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { Bitmap, Sheet } from '../../../shared/contract/print.ts';
import type { Settings } from '../../../shared/contract/settings.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import type { PrinterPort } from '../ports/printer.ts';
import { createDeviceLane, type DeviceLane } from './device-lane.ts';
import { encodeJob } from './escpos.ts';
import { createPayloadStore } from './payload-store.ts';
import { reprintMark } from './reprint-mark.ts';
import { openSheetBook, type SheetBook } from './sheet-book.ts';
import { jobName, splitKey, toSheet, type SheetRow } from './sheet-row.ts';

export interface SpoolPorts {
  /** The spool's own folder; nothing else writes there. */
  folder: string;
  /** Where the virtual printer puts its paper. */
  papers: string;
  clock: ClockPort;
  log: LogPort;
  /** Asked at every sheet, because the settings may change. */
  printer: () => PrinterPort;
  settings: () => Settings['printer'];
  renderJob: (bytes: Uint8Array, dots: number) => Uint8Array;
  /** 32 bytes; seals the jobs on disk. */
  sealKey?: Uint8Array;
}

export interface Spool {
  /** Reads the journal and goes on with what was not sent. Rejects with PRINT_SPOOL_FAILED. */
  open(): Promise<void>;
  /** The sheet is on disk when it resolves. The same key again returns the row that is there and prints nothing. */
  submit(sheet: { key: string; kind: string; title: string; bitmap: Bitmap }): Promise<Sheet>;
  /** The sheets of these keys; without keys every open one and the newest {@link LIST_LENGTH}. */
  list(keys?: string[]): Sheet[];
  /**
   * The clerk's answer. `came-out` settles an uncertain or handed-over sheet. `reprint` returns the sheet that will
   * be printed: the next copy, marked 补打, or the same sheet when nothing of it was ever sent. Twice the same answer
   * is one answer.
   */
  resolve(key: string, outcome: 'came-out' | 'reprint', clerk: string): Promise<Sheet>;
  /** `png` in base64, from the job's very bytes; `file` is the virtual printer's paper, when there is one. */
  preview(key: string): Promise<{ png: string; file: string | null }>;
  onSheet(listener: (sheet: Sheet) => void): () => void;
  /** Tries what waits now, e.g. after the settings changed. */
  tryNow(): void;
  close(): Promise<void>;
}

const LIST_LENGTH = 500;
/** How long a job stays readable (preview, reprint) after its sheet is settled; hash and row stay for ever. */
const PAYLOAD_KEPT_FOR = 72 * 3_600_000;
const SWEEP_EVERY = 6 * 3_600_000;

export function createSpool(ports: SpoolPorts): Spool {
  const { folder, clock, log, settings } = ports;
  const payloads = createPayloadStore(join(folder, 'jobs'), ports.sealKey);
  let opened: { book: SheetBook; lane: DeviceLane } | null = null;
  const listeners = new Set<(sheet: Sheet) => void>();
  let commands: Promise<unknown> = Promise.resolve();
  let cancelSweep = (): void => undefined;

  /** Submits, answers and sweeps happen one after the other: that is what makes a double click one sheet. */
  function inTurn<T>(command: (open: { book: SheetBook; lane: DeviceLane }) => Promise<T>): Promise<T> {
    const done = commands.then(async () => {
      if (opened === null) throw new CodedError('PRINT_SPOOL_FAILED', 'the spool is not open');
      try {
        return await command(opened);
      } catch (error) {
        if (error instanceof CodedError) throw error;
        throw new CodedError('PRINT_SPOOL_FAILED', String(error), { cause: error });
      }
    });
    commands = done.catch(() => undefined);
    return done;
  }

  async function keep(row: Omit<SheetRow, 'payloadHash' | 'bands'>, bands: Uint8Array[]): Promise<SheetRow> {
    const payloadHash = await payloads.save(Buffer.concat(bands));
    const { book, lane } = opened ?? closedSpool();
    const kept = await book.put({ ...row, payloadHash, bands: bands.map((band) => band.length) });
    lane.join(kept.key);
    return kept;
  }

  async function bandsOf(row: SheetRow): Promise<Uint8Array[]> {
    const bytes = await payloads.read(row.payloadHash);
    if (bytes === null) throw new CodedError('PRINT_BAD_SHEET', 'the job is no longer kept');
    let at = 0;
    return row.bands.map((length) => bytes.subarray(at, (at += length)));
  }

  async function reprint(row: SheetRow, clerk: string): Promise<SheetRow> {
    const { book, lane } = opened ?? closedSpool();
    const { stem } = splitKey(row.key);
    const next = `${stem}:${row.copyNo + 1}`;
    const made = book.get(next);
    if (made !== undefined) {
      await settle(row, clerk);
      return made;
    }
    if (row.state === 'failed-before-send') {
      if (lane.waits(row.key)) lane.tryNow();
      else {
        await book.put({ ...row, state: 'queued', error: undefined, queuedAt: clock.now(), clerk });
        lane.join(row.key);
      }
      return book.get(row.key) ?? row;
    }
    const first = (await bandsOf(row)).slice(row.copyNo > 1 ? 1 : 0);
    const now = clock.now();
    const copy = await keep(
      {
        ...{ key: next, kind: row.kind, title: row.title, copyNo: row.copyNo + 1, dots: row.dots, clerk },
        ...{ state: 'queued', printer: ports.printer().name, createdAt: now, changedAt: now, queuedAt: now },
      },
      [reprintMark(row.copyNo, now, clerk), ...first],
    );
    await settle(row, clerk);
    return copy;
  }

  /** A printed sheet stays printed: a second copy takes nothing away from what is known of the first. */
  async function settle(row: SheetRow, clerk: string): Promise<SheetRow> {
    if (row.state !== 'uncertain' && row.state !== 'handed-over') return row;
    return (opened ?? closedSpool()).book.put({ ...row, state: 'resolved', error: undefined, clerk });
  }

  function sweepLater(): void {
    cancelSweep = clock.after(
      SWEEP_EVERY,
      () =>
        void sweep()
          .catch(() => undefined)
          .finally(sweepLater),
    );
  }

  const sweep = (): Promise<void> =>
    inTurn(({ book, lane }) => {
      const wanted = new Set<string>();
      for (const row of book.all()) {
        const needed = row.state === 'uncertain' || lane.waits(row.key);
        if (needed || clock.now() - row.changedAt < PAYLOAD_KEPT_FOR) wanted.add(row.payloadHash);
      }
      return payloads.sweep((hash) => wanted.has(hash));
    });

  return {
    async open() {
      try {
        const book = await openSheetBook(folder, clock, log);
        book.onSheet((sheet) => listeners.forEach((listener) => listener(sheet)));
        const lane = createDeviceLane({ ...ports, book, payloads });
        opened = { book, lane };
        const unsent = book
          .all()
          .filter(isUnsent)
          .sort((a, b) => a.queuedAt - b.queuedAt);
        for (const row of unsent) lane.join(row.key);
      } catch (error) {
        throw new CodedError('PRINT_SPOOL_FAILED', String(error), { cause: error });
      }
      await sweep().catch((error: unknown) =>
        log.write('warning', 'spool', 'old jobs cannot be deleted', { error: String(error) }),
      );
      sweepLater();
    },

    submit({ key, kind, title, bitmap }) {
      return inTurn(async ({ book }) => {
        const there = book.get(key);
        // A sheet whose job was lost before anything was sent may be handed in again.
        if (there !== undefined && !isLost(there)) return toSheet(there);
        // Only the spool makes further copies, because only it puts 补打 on them.
        if (splitKey(key).copyNo !== 1) throw new CodedError('PRINT_BAD_SHEET', 'a first printing is copy 1');
        const { dots, bandRows } = settings();
        const now = clock.now();
        const row = await keep(
          {
            ...{ key, kind, title, dots, copyNo: 1, state: 'queued', printer: ports.printer().name },
            ...{ createdAt: there?.createdAt ?? now, changedAt: now, queuedAt: now },
          },
          encodeJob(bitmap, { dots, bandRows }),
        );
        return toSheet(row);
      });
    },

    list(keys) {
      const rows = opened?.book.all() ?? [];
      if (keys !== undefined) {
        const wanted = new Set(keys);
        return rows.filter((row) => wanted.has(row.key)).map(toSheet);
      }
      const newest = new Set(rows.slice(-LIST_LENGTH));
      return rows.filter((row) => newest.has(row) || isUnsent(row) || row.state === 'uncertain').map(toSheet);
    },

    resolve(key, outcome, clerk) {
      return inTurn(async ({ book }) => {
        const row = book.get(key);
        if (row === undefined) throw new CodedError('PRINT_BAD_SHEET', 'no such sheet');
        if (row.state === 'queued' || row.state === 'sending') {
          throw new CodedError('PRINT_BAD_SHEET', 'the sheet is still on its way');
        }
        if (outcome === 'reprint') return toSheet(await reprint(row, clerk));
        if (row.state === 'failed-before-send') throw new CodedError('PRINT_BAD_SHEET', 'nothing was sent');
        return toSheet(await settle(row, clerk));
      });
    },

    async preview(key) {
      const row = opened?.book.get(key);
      if (row === undefined) throw new CodedError('PRINT_BAD_SHEET', 'no such sheet');
      const png = ports.renderJob(Buffer.concat(await bandsOf(row)), row.dots);
      const file = join(ports.papers, `${jobName(row)}.png`);
      const isThere = await access(file).then(
        () => true,
        () => false,
      );
      return { png: Buffer.from(png).toString('base64'), file: isThere ? file : null };
    },

    onSheet(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    tryNow: () => opened?.lane.tryNow(),

    async close() {
      cancelSweep();
      await commands;
      const closing = opened;
      opened = null;
      listeners.clear();
      await closing?.lane.close();
      await closing?.book.close();
    },
  };
}

const isLost = (row: SheetRow): boolean =>
  row.state === 'failed-before-send' && row.error === 'PRINT_SPOOL_FAILED';

/** Expired tickets and lost jobs wait for a person, not for the printer. */
const isUnsent = (row: SheetRow): boolean =>
  row.state === 'queued' ||
  (row.state === 'failed-before-send' && row.error !== 'PRINT_EXPIRED' && !isLost(row));

function closedSpool(): never {
  throw new CodedError('PRINT_SPOOL_FAILED', 'the spool is not open');
}
