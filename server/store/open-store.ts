import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ServerFault } from '../server-fault.ts';
import { openDatabase, type Database } from './database.ts';
import { writeDurably } from './durable-file.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { lockFolder } from './folder-lock.ts';
import { readIdentity, type ServerIdentity } from './meta.ts';
import { migrate } from './migrations/migrate.ts';

/** The server's memory, ready for use. */
export interface Store {
  database: Database;
  identity: ServerIdentity;
  /** Ends within 5 s when the database is sound. A second call does nothing. */
  close(): Promise<void>;
}

/**
 * Opens PostgreSQL: the one at `databaseUrl`, else our own on `folder`.
 * @param onTrouble told when our own PostgreSQL ended by itself; it is started again
 * @throws ServerFault in words when it cannot
 */
export async function openStore(options: {
  folder: string;
  databaseUrl: string | undefined;
  onTrouble?: (said: string) => void;
}): Promise<Store> {
  const { url, close: closePlace } = await openPlace(options);
  const database = openDatabase(url);
  const close = async (): Promise<void> => {
    await database.close();
    await closePlace();
  };
  try {
    await database.pool.query('select 1').catch((error: unknown) => {
      throw new ServerFault(
        'DATABASE_UNREACHABLE',
        '无法连接数据库,请检查 DATABASE_URL 和数据库服务后重试。',
        `The database does not answer (${(error as Error).message}): check DATABASE_URL and the database.`,
      );
    });
    await migrate(database);
    return { database, identity: await readIdentity(database), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * The database as a place only: nothing in it is read or brought up to date.
 * @returns its address; `close` ends our own PostgreSQL, a second call does nothing
 * @throws ServerFault
 */
export async function openPlace(options: {
  folder: string;
  databaseUrl: string | undefined;
  onTrouble?: (said: string) => void;
}): Promise<{ url: string; close: () => Promise<void> }> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer; closer = closers.pop()) await closer();
  };
  try {
    return {
      url: options.databaseUrl ?? (await startOwn(options.folder, closers, options.onTrouble)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startOwn(
  folder: string,
  closers: (() => Promise<void>)[],
  onTrouble?: (said: string) => void,
): Promise<string> {
  const lock = await lockFolder(folder);
  closers.push(lock.release);
  const postgres = await startEmbeddedPostgres(lock.path, onTrouble);
  closers.push(postgres.stop);
  await writeDurably(urlFile(lock.path), postgres.url);
  closers.push(() => rm(urlFile(lock.path), { force: true }));
  return postgres.url;
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
