import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServerFault } from '../server-fault.ts';
import { openDatabase, type Database } from './database.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { lockFolder } from './folder-lock.ts';
import { readIdentity, type ServerIdentity } from './meta.ts';
import { migrate } from './migrations.ts';

/** The server's memory, ready for use. */
export interface Store {
  database: Database;
  identity: ServerIdentity;
  /** Ends within 5 s. */
  close(): Promise<void>;
}

/**
 * Opens PostgreSQL: the one at `databaseUrl`, else our own on `folder`.
 * @throws ServerFault in words when it cannot
 */
export async function openStore(options: {
  folder: string;
  databaseUrl: string | undefined;
}): Promise<Store> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.reverse()) await closer();
  };
  try {
    let url = options.databaseUrl;
    if (url === undefined) {
      closers.push(await lockFolder(options.folder));
      const postgres = await startEmbeddedPostgres(options.folder);
      closers.push(() => postgres.stop());
      url = postgres.url;
      const note = urlFile(options.folder);
      await writeFile(note, url, { mode: 0o600 });
      closers.push(() => rm(note, { force: true }));
    }
    const database = openDatabase(url);
    closers.push(() => database.close());
    await database.pool.query('select 1').catch((error: unknown) => {
      throw new ServerFault(
        'DATABASE_UNREACHABLE',
        '无法连接数据库,请检查 DATABASE_URL 和数据库服务后重试。',
        `The database does not answer (${(error as Error).message}): check DATABASE_URL.`,
      );
    });
    await migrate(database);
    return { database, identity: await readIdentity(database), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** While a server runs on its own PostgreSQL, the address stands here for this machine's administrator. */
const urlFile = (folder: string): string => join(folder, 'database-url');

/** @returns the address of the database a running server has on this folder, if one answers */
export async function readDatabaseUrl(folder: string): Promise<string | undefined> {
  const url = await readFile(urlFile(folder), 'utf8').catch(() => undefined);
  if (url === undefined) return undefined;
  const database = openDatabase(url);
  const answers = await database.pool.query('select 1').then(
    () => true,
    () => false,
  );
  await database.close();
  return answers ? url : undefined;
}
