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

/** @param url of a PostgreSQL database, `postgres://…` */
export function openDatabase(url: string): Database {
  // bigint columns hold cursors, which stay far below 2^53.
  const types = {
    getTypeParser: (oid: number, format: 'text' | 'binary') =>
      oid === 20 ? Number : pg.types.getTypeParser(oid, format),
  };
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 5_000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    types: types as pg.CustomTypesConfig,
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
