import { mkdir, open, readFile, rename, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { sheetRowSchema, type SheetRow } from './sheet-row.ts';

/** A printer that is off for days adds two lines at every try; so many are borne before the file is rewritten. */
const SPARE_LINES = 5_000;

export interface SpoolJournal {
  /** Newest row of every sheet, in the order of their first lines. */
  rows: Map<string, SheetRow>;
  /** Keys whose rows stand before a damaged line, so that something newer may be missing. */
  doubtful: Set<string>;
  /** Flushed to the medium before it resolves; one caller at a time. Nothing is left behind when it rejects. */
  append(row: SheetRow): Promise<void>;
  close(): Promise<void>;
}

/**
 * The spool's record: one JSON line per change, each the whole row, in one file that is only appended to. A
 * last line torn by a power cut was never acknowledged and is cut off.
 */
export async function openSpoolJournal(folder: string): Promise<SpoolJournal> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'sheets.jsonl');
  const { rows, doubtful, end, lines } = readLines(await readFile(path).catch(ifMissing));
  const compact = doubtful.size === 0 && lines > 3 * rows.size + SPARE_LINES;
  let length = compact ? await rewrite(path, rows) : end;
  let file = await reopen(path);
  await file.truncate(length);
  await file.sync();
  await syncFolder(folder);
  let healthy = true;

  async function append(row: SheetRow): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(row)}\n`);
    try {
      if (!healthy) await recover();
      const { bytesWritten } = await file.write(line, 0, line.length, length);
      if (bytesWritten < line.length) throw new Error('the line did not fit on the disk');
      await file.datasync();
    } catch (error) {
      // What of the line reached the disk is not known (full, or going): it is taken back, if need be later.
      healthy = false;
      await recover().catch(() => undefined);
      throw error;
    }
    length += line.length;
    rows.set(row.key, row);
  }

  async function recover(): Promise<void> {
    await file.close().catch(() => undefined);
    file = await reopen(path);
    await file.truncate(length);
    healthy = true;
  }

  return { rows, doubtful, append, close: () => file.close() };
}

/** Puts a file with one line per sheet in the place of the long one; whole or not at all. */
async function rewrite(path: string, rows: Map<string, SheetRow>): Promise<number> {
  const text = Buffer.from([...rows.values()].map((row) => `${JSON.stringify(row)}\n`).join(''));
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  return text.length;
}

const reopen = async (path: string): Promise<FileHandle> =>
  open(path, 'r+').catch((error: unknown) => {
    ifMissing(error);
    return open(path, 'w+', 0o600);
  });

function ifMissing(error: unknown): Buffer {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  return Buffer.alloc(0);
}

/** Makes a new file's name durable. Windows has no such thing for folders and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function readLines(bytes: Buffer): {
  rows: Map<string, SheetRow>;
  doubtful: Set<string>;
  end: number;
  lines: number;
} {
  const rows = new Map<string, SheetRow>();
  const doubtful = new Set<string>();
  let end = 0;
  let lines = 0;
  let damaged = false;
  for (let from = 0; from < bytes.length;) {
    const to = bytes.indexOf(0x0a, from);
    const row = to < 0 ? null : readRow(bytes.toString('utf8', from, to));
    if (row === null) damaged = true;
    else {
      // A bad line with good ones behind it is no torn end.
      if (damaged) for (const key of rows.keys()) doubtful.add(key);
      damaged = false;
      rows.set(row.key, row);
      doubtful.delete(row.key);
      end = to + 1;
      lines++;
    }
    if (to < 0) break;
    from = to + 1;
  }
  return { rows, doubtful, end, lines };
}

function readRow(line: string): SheetRow | null {
  try {
    const read = sheetRowSchema.safeParse(JSON.parse(line));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
