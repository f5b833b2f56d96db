import { ServerFault } from '../../server-fault.ts';
import type { Database } from '../database.ts';
import { hallStream } from './0001-hall-stream.ts';
import { demoCodes } from './0002-demo-codes.ts';
import { clerksAndMaster } from './0003-clerks-and-master.ts';
import { proofAndLeases } from './0004-proof-and-leases.ts';
import { backOffice } from './0005-back-office.ts';
import { blobs } from './0006-blobs.ts';

/** The schema, step by step; a step that has been released is never edited. */
const STEPS: readonly string[] = [hallStream, demoCodes, clerksAndMaster, proofAndLeases, backOffice, blobs];

/** Number of the advisory lock that keeps two starting servers from migrating at once; arbitrary, ours. */
const MIGRATION_LOCK = 21_861;

/**
 * Brings the schema up to date, one transaction a step; safe when several servers start at once.
 * @param upTo how many steps, counted from the first; a backup is loaded into the schema it was taken from
 * @throws ServerFault DATABASE_NEWER when a later version of this program has been here
 */
export async function migrate(database: Database, upTo = STEPS.length): Promise<void> {
  while (!(await takeStep(database, upTo))) continue;
}

/** @throws ServerFault DATABASE_NEWER when a later version of this program made that step */
export function refuseNewer(step: number): void {
  if (step <= STEPS.length) return;
  throw new ServerFault(
    'DATABASE_NEWER',
    '数据库已由更新版本的服务器使用过,请升级本服务器后再启动。',
    'A later version of this server has used the database: update this one.',
  );
}

/** @returns whether the schema has come as far as wanted */
function takeStep(database: Database, upTo: number): Promise<boolean> {
  return database.transaction(async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await client.query(
      'create table if not exists migration (step integer primary key, at timestamptz not null default now())',
    );
    const found = await client.query<{ step: number }>(
      'select coalesce(max(step), 0)::int as step from migration',
    );
    const done = found.rows[0]?.step ?? 0;
    refuseNewer(done);
    const sql = STEPS[done];
    if (sql === undefined || done >= upTo) return true;
    await client.query(sql);
    await client.query('insert into migration (step) values ($1)', [done + 1]);
    return false;
  });
}
