import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { openDatabase, type Database } from '../store/database.ts';
import { renewEpoch } from '../store/meta.ts';
import { migrate, refuseNewer } from '../store/migrations/migrate.ts';
import { ServerFault } from '../server-fault.ts';
import { quoted, type ArchiveHeader } from './archive.ts';
import { readArchive } from './read-archive.ts';
import { makeBeside } from './swap-database.ts';
import { tablesOf } from './tables.ts';
import { verifyStreams, type CheckedHall } from './verify-streams.ts';

/** More devices than a hall takes in between two backups. */
const SERIES_SKIPPED = 24;

export interface RestoreReport {
  header: ArchiveHeader;
  halls: CheckedHall[];
  /** The new one. */
  epoch: string;
  /** What the database that stood here is called now; null when there was nothing in it. */
  renamedTo: string | null;
}

/**
 * Makes the database what the backup says: into a database beside it, checked there, and only then put in its place.
 * What stood there before is renamed, never overwritten. The epoch changes (S5), so that every device notices, sends
 * again what the backup does not have, and reads the stream anew.
 * @throws ServerFault BACKUP_UNREADABLE, DATABASE_NEWER, RESTORE_REFUSED; nothing has changed then
 */
export async function restoreBackup(url: string, file: string): Promise<RestoreReport> {
  const { header } = await readArchive(file);
  refuseNewer(header.step);
  const beside = await makeBeside(url);
  try {
    const database = openDatabase(beside.url);
    try {
      await migrate(database, header.step);
      await load(beside.url, file);
      await migrate(database);
      const halls = await verifyStreams(database.pool);
      const broken = halls.find(({ fault }) => fault !== '');
      if (broken) throw notWhole(broken);
      const epoch = await closeDoors(database);
      await database.close();
      return { header, halls, epoch, renamedTo: await beside.takeItsPlace() };
    } finally {
      await database.close().catch(() => undefined);
    }
  } catch (error) {
    await beside.drop();
    throw error;
  }
}

/** Everything or nothing: one transaction. */
async function load(url: string, file: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('begin');
    await client.query('set local statement_timeout = 0');
    const tables = await tablesOf(client);
    // A step of the schema may have brought rows of its own.
    await client.query(`truncate ${tables.map(({ table }) => quoted(table)).join(', ')}`);
    let into: Writable | null = null;
    await readArchive(file, {
      async header({ sequences }) {
        for (const { name, value } of sequences)
          await client.query('select setval($1::regclass, $2)', [quoted(name), value]);
      },
      table({ table, columns }) {
        into = client.query(copyFrom(`copy ${quoted(table)} (${columns.map(quoted).join(', ')}) from stdin`));
        // Heard at the next write or at the end.
        into.on('error', () => undefined);
        return Promise.resolve();
      },
      rows: (lines) =>
        new Promise((done, failed) => {
          into?.write(lines, (error) => (error ? failed(into?.errored ?? error) : done()));
        }),
      async endOfTable() {
        into?.end();
        if (into) await finished(into);
      },
    });
    await client.query('commit');
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * The way in is as it was on the day of the backup, which is not today: sessions end, so that every device says hello
 * and hears of the new epoch; codes that were open then may have been used since.
 * @returns the new epoch
 */
function closeDoors(database: Database): Promise<string> {
  return database.transaction(async (client) => {
    await client.query('delete from session');
    await client.query('delete from enrolment_code where used_by is null');
    // Devices that joined since have series of numbers that this database knows nothing of: none of them is given again.
    await client.query('update hall set devices = devices + $1', [SERIES_SKIPPED]);
    return renewEpoch(client);
  });
}

const notWhole = ({ hall, fault }: CheckedHall): ServerFault =>
  new ServerFault(
    'RESTORE_REFUSED',
    `备份里大厅 ${hall} 的事件流与校验值不符,没有替换现有数据库。请换一份备份重试。`,
    `The stream of hall ${hall} in the backup does not match its hashes (${fault}): the database was left as it is, take another backup.`,
  );
