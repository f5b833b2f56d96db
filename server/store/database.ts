import pg from 'pg';

/** One transaction's handle or the pool itself. */
export type Queryable = Pick<pg.Pool, 'query'>;

export interface Database {
  pool: pg.Pool;
  url: string;
  /** Runs `work` in one transaction; rolls back and rethrows when it fails. */
  transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Longest a statement may run, milliseconds: nothing in this program is slower, so whatever is has gone wrong. */
const STATEMENT_TIMEOUT_MS = 15_000;
/**
 * An answer that takes longer never comes: the machine behind the connection is gone, milliseconds. Well past the
 * statement's own limit, so that a slow database speaks for itself.
 */
const QUERY_TIMEOUT_MS = 20_000;
const CONNECTIONS = 10;

/** @param url of a PostgreSQL database, `postgres://…` */
export function openDatabase(url: string): Database {
  // bigint columns hold cursors, which stay far below 2^53.
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, Number);
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: 5_000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
    types,
    // The pool waits for the promise, which its types do not say.
    onConnect: prepareConnection,
  });
  // An idle connection that breaks is replaced at the next query; unheard, the event would end the process.
  pool.on('error', () => undefined);
  return {
    pool,
    url,
    async transaction(work) {
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        await client.query('begin');
        const result = await work(client);
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback').catch((failure: unknown) => {
          broken = failure as Error;
        });
        throw error;
      } finally {
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
}

const prepareConnection: (client: pg.ClientBase) => unknown = async (client) => {
  // The same for one that breaks while it is in use: its query is rejected, that is enough.
  client.on('error', () => undefined);
  // S2: acknowledged means flushed, whatever a managed database was set to. Stronger settings are left alone.
  await client.query(
    "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'",
  );
};

/** SQLSTATE classes and codes that say nothing about the statement: connection, resources, shutdown, system, conflict, read-only. */
const PASSING_STATES = /^(08|40|53|55|57|58|25006)/;

/** @returns whether a failure is the database's state of the moment, so that the same call may succeed later */
export function isPassing(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return PASSING_STATES.test(error.code ?? '');
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return (
    /^E(CONN|PIPE|TIMEDOUT|HOST|NET|AI_)/.test(code ?? '') ||
    /time-?out|terminated|connection/i.test(error.message)
  );
}
