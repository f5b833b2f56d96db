import { placeOf, type HeldEvent } from '../../../shared/sync/held-event.ts';
import { commit } from './commit.ts';
import { openLog, takeRivals, type Gathered, type Here } from './gather.ts';
import { readOwn } from './positions.ts';
import type { HallTables } from './schema.ts';

/**
 * Changes what is held of some things, event by event, and folds them again. Inside the caller's transaction.
 * @param change gives the event as it shall be kept, or null when this thing's log shall no longer have it
 */
export async function rewriteLogs(
  store: HallTables,
  here: Here,
  aggs: readonly string[],
  change: (held: HeldEvent) => HeldEvent | null,
): Promise<void> {
  const own = await readOwn(store);
  const gathered: Gathered = {
    known: { own, held: new Map(), logs: new Map(), counters: new Map(), claims: [] },
    rows: new Map(),
    heads: new Map(),
  };
  const events: HeldEvent[] = [];
  const gone = new Map<string, Set<string>>();
  for (const row of await store.logs.bulkGet([...aggs])) {
    if (!row) continue;
    const log = openLog(here.seal, row);
    const next = log.flatMap((held) => change(held) ?? []);
    gathered.rows.set(row.agg, row);
    gathered.known.logs.set(row.agg, log);
    events.push(...next);
    const kept = new Set(next.map(({ event }) => placeOf(event)));
    gone.set(row.agg, new Set(log.map(({ event }) => placeOf(event)).filter((key) => !kept.has(key))));
  }
  await takeRivals(store, here, gathered, []);
  await commit(store, here, gathered, { events, pictures: [], own, counters: [] }, gone);
}
