import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ServerFault } from '../server-fault.ts';
import {
  archiveEnd,
  archiveHeader,
  archiveTable,
  END_OF_TABLE,
  type ArchiveHeader,
  type ArchiveTable,
} from './archive.ts';

/** Who takes what an archive holds, in its order; each call is waited for. */
export interface ArchiveSink {
  header(header: ArchiveHeader): Promise<void>;
  table(table: ArchiveTable): Promise<void>;
  /** Some rows of the table, whole lines. */
  rows(lines: Buffer): Promise<void>;
  endOfTable(): Promise<void>;
}

export interface ReadArchive {
  header: ArchiveHeader;
  rows: Record<string, number>;
  sha256: string;
}

const NEWLINE = 10;
const END = Buffer.from(END_OF_TABLE);

/**
 * Reads an archive from its first byte to its last and checks it on the way.
 * @throws ServerFault BACKUP_UNREADABLE when the file is not there, not a backup, cut short or changed
 */
export async function readArchive(file: string, sink?: ArchiveSink): Promise<ReadArchive> {
  const hash = createHash('sha256');
  const rows: Record<string, number> = {};
  let header: ArchiveHeader | null = null;
  let table: ArchiveTable | null = null;
  let sha256: string | null = null;

  async function line(bytes: Buffer): Promise<void> {
    if (sha256 !== null) throw unreadable('bytes after the end');
    const read: unknown = JSON.parse(bytes.toString());
    const end = archiveEnd.safeParse(read);
    if (header && end.success) {
      sha256 = hash.digest('hex');
      if (sha256 !== end.data.sha256) throw unreadable('the checksum differs');
      if (Object.entries(end.data.rows).some(([name, count]) => rows[name] !== count))
        throw unreadable('rows are missing');
      return;
    }
    hash.update(bytes);
    if (!header) {
      header = archiveHeader.parse(read);
      await sink?.header(header);
      return;
    }
    table = archiveTable.parse(read);
    rows[table.table] = 0;
    await sink?.table(table);
  }

  /** @returns how many bytes of `bytes` were rows of the table, its end included */
  async function rowsOf(bytes: Buffer, at: ArchiveTable): Promise<number> {
    let count = 0;
    let from = 0;
    let ended = false;
    for (let next = bytes.indexOf(NEWLINE); next >= 0; next = bytes.indexOf(NEWLINE, from)) {
      ended = END.equals(bytes.subarray(from, next + 1));
      if (ended) break;
      count += 1;
      from = next + 1;
    }
    rows[at.table] = (rows[at.table] ?? 0) + count;
    const taken = ended ? from + END.length : from;
    hash.update(bytes.subarray(0, taken));
    if (from > 0) await sink?.rows(bytes.subarray(0, from));
    if (ended) {
      table = null;
      await sink?.endOfTable();
    }
    return taken;
  }

  try {
    await pipeline(createReadStream(file), createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
      let rest: Buffer = Buffer.alloc(0);
      for await (const chunk of chunks) {
        rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
        for (;;) {
          if (table) {
            const taken = await rowsOf(rest, table);
            rest = rest.subarray(taken);
            if (taken === 0 || rest.length === 0) break;
          } else {
            const next = rest.indexOf(NEWLINE);
            if (next < 0) break;
            await line(rest.subarray(0, next + 1));
            rest = rest.subarray(next + 1);
          }
        }
      }
      if (sha256 === null || rest.length > 0) throw unreadable('it is cut short');
    });
  } catch (error) {
    if (error instanceof ServerFault || isDatabaseError(error)) throw error;
    throw unreadable((error as Error).message.split('\n')[0] ?? '');
  }
  return { header: header as unknown as ArchiveHeader, rows, sha256: sha256 as unknown as string };
}

/** What the sink's database said is no fault of the file. */
const isDatabaseError = (error: unknown): boolean => error instanceof Error && 'severity' in error;

const unreadable = (why: string): ServerFault =>
  new ServerFault(
    'BACKUP_UNREADABLE',
    '备份文件无法读取、不完整或已被改动,没有恢复任何数据。请换一份备份重试。',
    `The backup file is not there, cut short or changed (${why}): nothing was restored, take another one.`,
  );
