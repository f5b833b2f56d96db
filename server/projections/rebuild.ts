import { pictureOf } from '../../shared/sync/picture.ts';
import type { Database } from '../store/database.ts';
import { claimsBeside, logsOf } from './hall-logs.ts';
import { PICTURES } from './pictures.ts';
import { PARTS, writePictures } from './write-pictures.ts';

/** Aggregates folded in one transaction: pushes of the hall wait for it, so it is short. */
const PAGE = 200;

/**
 * Folds everything a back office queries again from the events, hall by hall, beside a running server. Equal events
 * give equal rows, so it may be repeated and ended at any time.
 * @returns how many aggregates were folded
 */
export async function rebuildProjections(database: Database): Promise<number> {
  const halls = await database.pool.query<{ hall: string }>('select hall from hall order by hall');
  let count = 0;
  for (const { hall } of halls.rows) {
    // Twice: whether a case number was given out before is looked up in the rows, which the first pass may still lack.
    for (const pass of [1, 2]) {
      for (let after: string | null = ''; after !== null;) {
        const aggs = await rebuildPage(database, hall, after);
        if (pass === 1) count += aggs.length;
        after = aggs.at(-1) ?? null;
      }
    }
    await dropOrphans(database, hall);
  }
  return count;
}

/** Raised whenever a table is added or a fold says something else, so that what is there is folded again once. */
const VERSION = '2';

/** After an upgrade: folds again what an earlier version had folded. @returns how many aggregates, null when it was not needed */
export async function rebuildWhenOutdated(database: Database): Promise<number | null> {
  const known = await database.pool.query("select 1 from meta where key = 'projections' and value = $1", [
    VERSION,
  ]);
  if (known.rowCount !== 0) return null;
  const count = await rebuildProjections(database);
  await database.pool.query(
    "insert into meta (key, value) values ('projections', $1) on conflict (key) do update set value = excluded.value",
    [VERSION],
  );
  return count;
}

/** @returns the aggregates of the page, none when there are no more */
function rebuildPage(database: Database, hall: string, after: string): Promise<string[]> {
  return database.transaction(async (client) => {
    await client.query('select 1 from hall where hall = $1 for update', [hall]);
    const found = await client.query<{ agg: string }>(
      `select distinct agg from event where hall = $1 and agg > $2 and agg like any($3) order by agg limit $4`,
      [hall, after, PICTURES.map(({ prefix }) => `${prefix}%`), PAGE],
    );
    const aggs = found.rows.map(({ agg }) => agg);
    const logs = await logsOf(client, hall, aggs);
    const claims = await claimsBeside(client, hall, logs);
    for (const { table } of PARTS)
      await client.query(`delete from ${table} where hall = $1 and agg = any($2)`, [hall, aggs]);
    const pictures = [...logs].flatMap(([agg, log]) => pictureOf(agg, log, [], claims) ?? []);
    await writePictures(client, hall, pictures);
    return aggs;
  });
}

/** Rows of something that has no event any more. */
async function dropOrphans(database: Database, hall: string): Promise<void> {
  for (const table of ['case_row', 'ticket_row', ...PARTS.map((part) => part.table)]) {
    await database.pool.query(
      `delete from ${table} r where hall = $1
       and not exists (select 1 from event e where e.hall = r.hall and e.agg = r.agg)`,
      [hall],
    );
  }
}
