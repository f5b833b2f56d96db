import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { ServerFault } from '../server-fault.ts';
import { syncFolder } from '../store/durable-file.ts';
import {
  ARCHIVE_FORMAT,
  ARCHIVE_VERSION,
  END_OF_TABLE,
  quoted,
  type ArchiveHeader,
  type ArchiveTable,
} from './archive.ts';
import { readArchive, type ReadArchive } from './read-archive.ts';
import { sequencesOf, tablesOf } from './tables.ts';

export interface BackupReport extends ReadArchive {
  file: string;
  /** Size of the file, bytes. */
  bytes: number;
}

/**
 * Writes everything the database holds into one file, while servers go on using it: one repeatable-read transaction
 * sees one moment. The file gets its name only when it is whole, on the medium and has been read back once; it is for
 * this account's eyes only and holds what the database holds, persons included.
 * @param to the file, or a folder in which a dated one is made
 * @throws ServerFault BACKUP_NOT_WRITTEN
 */
export async function writeBackup(url: string, to: string, app: string): Promise<BackupReport> {
  const file = await fileFor(to);
  const half = `${file}.half-${randomBytes(4).toString('hex')}`;
  // Not the pool's: a table of years takes longer than any statement of the server's.
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('begin isolation level repeatable read, read only');
    await client.query('set local statement_timeout = 0');
    await client.query('set local idle_in_transaction_session_timeout = 0');
    const header = await headerOf(client, app);
    const tables = await tablesOf(client);
    await pipeline(
      () => plainText(client, header, tables),
      createGzip(),
      createWriteStream(half, { flags: 'wx', mode: 0o600 }),
    );
    await client.query('commit');
    const written = await open(half, 'r+');
    await written.sync().finally(() => written.close());
    // A backup that was never read is a hope.
    const read = await readArchive(half);
    await rename(half, file);
    await syncFolder(dirname(file));
    return { ...read, file, bytes: (await stat(file)).size };
  } catch (error) {
    await rm(half, { force: true }).catch(() => undefined);
    throw error instanceof Error && 'syscall' in error ? notWritten(file, error) : error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function* plainText(
  client: pg.Client,
  header: ArchiveHeader,
  tables: readonly ArchiveTable[],
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  const hashed = (bytes: Buffer): Buffer => {
    hash.update(bytes);
    return bytes;
  };
  const line = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value)}\n`);
  const rows: Record<string, number> = {};
  yield hashed(line(header));
  for (const { table, columns } of tables) {
    yield hashed(line({ table, columns } satisfies ArchiveTable));
    // From a query, because COPY does not read a partitioned table by its name.
    const select = `select ${columns.map(quoted).join(', ')} from ${quoted(table)}`;
    const copied = client.query(copyTo(`copy (${select}) to stdout`));
    for await (const chunk of copied as AsyncIterable<Buffer>) yield hashed(chunk);
    rows[table] = copied.rowCount;
    yield hashed(Buffer.from(END_OF_TABLE));
  }
  yield line({ rows, sha256: hash.digest('hex') });
}

async function headerOf(client: pg.Client, app: string): Promise<ArchiveHeader> {
  const one = async (sql: string): Promise<string> =>
    (await client.query<{ value: string }>(sql)).rows[0]?.value ?? '';
  const halls = await client.query<{ hall: string; head: string; streamHash: string }>(
    'select hall, head::text as head, stream_hash as "streamHash" from hall order by hall',
  );
  return {
    format: ARCHIVE_FORMAT,
    version: ARCHIVE_VERSION,
    app,
    epoch: await one(`select value from meta where key = 'epoch'`),
    takenAt: await one(`select to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as value`),
    step: Number(await one('select max(step)::text as value from migration')),
    halls: halls.rows.map((row) => ({ ...row, head: Number(row.head) })),
    sequences: await sequencesOf(client),
  };
}

/** A dated name when `to` is a folder. Nothing is ever overwritten. */
async function fileFor(to: string): Promise<string> {
  const there = await stat(to).catch(() => null);
  if (!there) return to;
  if (!there.isDirectory()) {
    throw new ServerFault(
      'BACKUP_NOT_WRITTEN',
      `文件 ${to} 已存在,请换一个名字,或给出一个目录。`,
      `The file ${to} is there already: give another name, or a folder.`,
    );
  }
  const stamp = new Date().toISOString().replace(/\..*/, '').replace(/[-:]/g, '');
  return join(to, `zongchuang-${stamp}.backup`);
}

const notWritten = (file: string, error: Error): ServerFault =>
  new ServerFault(
    'BACKUP_NOT_WRITTEN',
    `备份无法写入 ${file},请检查目录是否存在、权限和磁盘空间后重试。`,
    `The backup cannot be written (${error.message}): check the folder, its permissions and the disk.`,
  );
