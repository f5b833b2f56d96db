import { CodedError } from '../../../shared/contract/errors.ts';
import type { Conflict } from '../../../shared/domain/conflict.ts';
import type { HeldEvent } from '../../../shared/sync/held-event.ts';
import { openLog, type Here } from './gather.ts';
import type { ConflictRow, HallStore } from './schema.ts';
import type { ConflictView, EventView } from './sync-views.ts';

/** Most conflicts listed; a hall with more has another problem first. */
const LISTED = 500;

const openRow = ({ seal }: Here, row: ConflictRow): Conflict =>
  JSON.parse(seal.open(row.sealed, `conflicts/${row.id}`)) as Conflict;

export async function readConflict(store: HallStore, here: Here, id: string): Promise<Conflict> {
  const row = await store.conflicts.get(id);
  if (!row) throw new CodedError('STORE_CONFLICT_GONE');
  return openRow(here, row);
}

/** Conflicts with the events they are about: open ones first, newest first. */
export async function listConflicts(store: HallStore, here: Here): Promise<ConflictView[]> {
  const rows = await store.conflicts.limit(LISTED).toArray();
  // What was done on top of a conflict is settled together with it.
  const conflicts = rows.map((row) => openRow(here, row)).filter(({ follows }) => follows === undefined);
  const logs = new Map<string, HeldEvent[]>();
  for (const row of await store.logs.bulkGet([...new Set(conflicts.map(({ agg }) => agg))]))
    if (row) logs.set(row.agg, openLog(here.seal, row));
  // A number given out twice collides with an event of another thing.
  const missing = conflicts.filter(({ agg, theirs }) => !logs.get(agg)?.some(({ hash }) => hash === theirs));
  const elsewhere = await holdersOf(store, here, missing, logs);
  const views = conflicts.flatMap((conflict) => {
    const { id, agg, kind, state, decision } = conflict;
    const find = (hash: string): HeldEvent | undefined =>
      logs.get(agg)?.find((held) => held.hash === hash) ?? elsewhere.get(hash);
    const mine = find(conflict.mine);
    if (!mine) return [];
    const theirs = find(conflict.theirs);
    const seen = find(conflict.base);
    return {
      id,
      agg,
      kind,
      state,
      ...(decision ? { decision } : {}),
      mine: viewOf(mine),
      theirs: theirs ? viewOf(theirs) : null,
      seen: seen ? viewOf(seen) : null,
    };
  });
  return views.sort(
    (a, b) =>
      Number(a.state === 'decided') - Number(b.state === 'decided') || b.mine.at.localeCompare(a.mine.at),
  );
}

async function holdersOf(
  store: HallStore,
  here: Here,
  conflicts: readonly Conflict[],
  logs: ReadonlyMap<string, readonly HeldEvent[]>,
): Promise<Map<string, HeldEvent>> {
  const numbers = new Set<string>();
  for (const row of await store.logs.bulkGet(conflicts.map(({ agg }) => agg)))
    row?.numbers?.forEach((number) => numbers.add(number));
  const found = new Map<string, HeldEvent>();
  for (const row of numbers.size === 0
    ? []
    : await store.logs
        .where('numbers')
        .anyOf([...numbers])
        .toArray())
    for (const held of logs.get(row.agg) ?? openLog(here.seal, row)) found.set(held.hash, held);
  return found;
}

function viewOf({ event, hash }: HeldEvent): EventView {
  const { type, at, user, station, dev, body } = event;
  return { hash, type, at, user, station, dev, body };
}
