import type { HallEvent } from '../../shared/sync/event.ts';
import type { HeldEvent } from '../../shared/sync/held-event.ts';
import { claimOf, type NumberClaim } from '../../shared/sync/number-claims.ts';
import type { Queryable } from '../store/database.ts';
import { storable } from '../store/storable.ts';

/** @returns every event of these aggregates that has a place, in the hall's order */
export async function logsOf(
  db: Queryable,
  hall: string,
  aggs: readonly string[],
): Promise<Map<string, HeldEvent[]>> {
  const logs = new Map<string, HeldEvent[]>();
  if (aggs.length === 0) return logs;
  const found = await db.query<{ agg: string; bytes: string; hash: string; cursor: number }>(
    'select agg, bytes, hash, cursor from event where hall = $1 and agg = any($2) order by cursor',
    [hall, aggs],
  );
  for (const { agg, bytes, hash, cursor } of found.rows) {
    const log = logs.get(agg) ?? [];
    log.push({ event: JSON.parse(bytes) as HallEvent, bytes, hash, cursor });
    logs.set(agg, log);
  }
  return logs;
}

/**
 * Who else gave out the case numbers that stand in these logs (P2). Queue numbers are compared at the windows, which
 * hold the day.
 */
export async function claimsBeside(
  db: Queryable,
  hall: string,
  logs: ReadonlyMap<string, readonly HeldEvent[]>,
): Promise<NumberClaim[]> {
  const ours = [...logs.values()].flat().flatMap((held) => claimOf(held) ?? []);
  const numbers = ours.flatMap(({ key }) => (key.startsWith('case:') ? storable(key.slice(5)) : []));
  if (numbers.length === 0) return ours;
  const found = await db.query<{ agg: string }>(
    'select agg from case_row where hall = $1 and case_no = any($2) and not agg = any($3)',
    [hall, numbers, [...logs.keys()]],
  );
  const others = await logsOf(
    db,
    hall,
    found.rows.map(({ agg }) => agg),
  );
  return [...ours, ...[...others.values()].flat().flatMap((held) => claimOf(held) ?? [])];
}
