import type { Sheet } from '../../../shared/contract/print.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import { toSheet, type SheetRow } from './sheet-row.ts';
import { openSpoolJournal } from './spool-journal.ts';

/** Every sheet and its state: what the journal says, and who wants to know. */
export interface SheetBook {
  get(key: string): SheetRow | undefined;
  /** In the order in which they were submitted. */
  all(): SheetRow[];
  /**
   * Writes the row down, then tells it. Rejects when the journal cannot be written; then nothing has changed.
   * `changedAt` is set here.
   */
  put(row: SheetRow): Promise<SheetRow>;
  /** Tells what happened to the paper although it cannot be written down; the journal keeps the more doubtful state. */
  putUnwritten(row: SheetRow): SheetRow;
  onSheet(listener: (sheet: Sheet) => void): () => void;
  close(): Promise<void>;
}

/**
 * Opens the book. What was being sent when the program ended is uncertain from now on; so is what stands
 * before a damaged line, because the damaged line may have said that it was being sent.
 */
export async function openSheetBook(folder: string, clock: ClockPort, log: LogPort): Promise<SheetBook> {
  const journal = await openSpoolJournal(folder);
  const listeners = new Set<(sheet: Sheet) => void>();
  let writing: Promise<unknown> = Promise.resolve();

  function tell(row: SheetRow): SheetRow {
    for (const listener of listeners) {
      try {
        listener(toSheet(row));
      } catch (error) {
        log.write('error', 'spool', 'a listener failed', { error: String(error) });
      }
    }
    return row;
  }

  function put(row: SheetRow): Promise<SheetRow> {
    const changed = { ...row, changedAt: clock.now() };
    const written = writing.then(() => journal.append(changed));
    writing = written.catch(() => undefined);
    return written.then(() => tell(changed));
  }

  if (journal.doubtful.size > 0) {
    log.write('error', 'spool', 'the journal is damaged', { sheets: journal.doubtful.size });
  }
  for (const row of [...journal.rows.values()]) {
    const mayHaveBeenSent = row.state === 'queued' || row.state === 'failed-before-send';
    if (row.state === 'sending' || (mayHaveBeenSent && journal.doubtful.has(row.key))) {
      await put({ ...row, state: 'uncertain', error: 'PRINT_UNCERTAIN' });
    }
  }

  return {
    get: (key) => journal.rows.get(key),
    all: () => [...journal.rows.values()],
    put,
    putUnwritten(row) {
      const changed = { ...row, changedAt: clock.now() };
      journal.rows.set(row.key, changed);
      return tell(changed);
    },
    onSheet(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      listeners.clear();
      await writing;
      await journal.close();
    },
  };
}
