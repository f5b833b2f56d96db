import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { ServerFault } from '../server-fault.ts';
import { quoted } from './archive.ts';

/** A new, empty database on the same PostgreSQL as another, meant to take its place. */
export interface Beside {
  url: string;
  /**
   * Both names change in one transaction.
   * @returns the name of what stood there, null when it was empty (it is gone then)
   */
  takeItsPlace(): Promise<string | null>;
  /** Gives it up. */
  drop(): Promise<void>;
}

const NOT_ALLOWED = '42501';
const IN_USE = '55006';

/**
 * @param url of the database to be replaced
 * @throws ServerFault RESTORE_REFUSED when the account may not make databases and the one there is not empty
 */
export async function makeBeside(url: string): Promise<Beside> {
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  const made = `${name.slice(0, 40)}_restore_${randomBytes(4).toString('hex')}`;
  // The one that every PostgreSQL has, or the other one; a database cannot be renamed from within.
  const next = named(url, name === 'postgres' ? 'template1' : 'postgres');
  const atAdmin = <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => at(next, work);
  const empty = await at(url, isEmpty);
  try {
    await atAdmin((client) => client.query(`create database ${quoted(made)}`));
  } catch (error) {
    if (codeOf(error) !== NOT_ALLOWED) throw error;
    if (!empty) throw notAllowed();
    // Nothing there that could be lost: straight into it.
    return { url, takeItsPlace: () => Promise.resolve(null), drop: () => Promise.resolve() };
  }
  return {
    url: named(url, made),
    async takeItsPlace() {
      const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
      const away = `${name.slice(0, 40)}_before_${stamp}`;
      await atAdmin(async (client) => {
        await client.query('begin');
        await client.query(`alter database ${quoted(name)} rename to ${quoted(away)}`);
        await client.query(`alter database ${quoted(made)} rename to ${quoted(name)}`);
        await client.query('commit');
        if (empty) await client.query(`drop database ${quoted(away)}`);
      }).catch((error: unknown) => {
        throw codeOf(error) === IN_USE ? inUse() : error;
      });
      return empty ? null : away;
    },
    drop: () =>
      atAdmin(async (client) => {
        await client.query(`drop database if exists ${quoted(made)} with (force)`);
      }).catch(() => undefined),
  };
}

/** @returns whether nobody would miss it: no hall was ever set up */
async function isEmpty(client: pg.Client): Promise<boolean> {
  const there = await client.query(`select 1 where to_regclass('public.hall') is not null`);
  if (there.rowCount === 0) {
    const any = await client.query(
      `select 1 from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') limit 1`,
    );
    return any.rowCount === 0;
  }
  return (await client.query('select 1 from hall limit 1')).rowCount === 0;
}

async function at<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

const named = (url: string, database: string): string =>
  Object.assign(new URL(url), { pathname: `/${encodeURIComponent(database)}` }).href;

const codeOf = (error: unknown): string | undefined => (error as { code?: string }).code;

const notAllowed = (): ServerFault =>
  new ServerFault(
    'RESTORE_REFUSED',
    '数据库里已有数据,而当前账户不能新建数据库。请建一个空数据库,把 DATABASE_URL 指向它后重试。',
    'The database holds data and this account may not create another: make an empty one, point DATABASE_URL at it and try again.',
  );

const inUse = (): ServerFault =>
  new ServerFault(
    'RESTORE_REFUSED',
    '数据库正在被使用,没有替换。请先停止所有服务器再重试。',
    'The database is in use and was not replaced: stop every server first.',
  );
