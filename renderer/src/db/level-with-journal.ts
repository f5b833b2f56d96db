import { CodedError } from '../../../shared/contract/errors.ts';
import type { EventBytes } from '../../../shared/contract/journal.ts';
import { readEvent, type KeptEvent } from '../../../shared/sync/event.ts';
import type { Bridge } from '../bridge/bridge.ts';
import { applyArrivals, refold, type Here } from './apply.ts';
import { ownEntry, readOwn, writeOwn } from './positions.ts';
import { everything, type HallStore } from './schema.ts';

const REPLAY_PAGE = 500;

/** Store, owner and the way to the journal: what bringing the two level needs. */
export interface Level {
  store: HallStore;
  here: Here;
  bridge: Bridge;
}

/** Own events into the store, in one strict transaction. */
export async function applyOwn(
  { store, here }: Pick<Level, 'store' | 'here'>,
  events: EventBytes[],
): Promise<void> {
  const arrivals = events.map((event) => ({ kept: trusted(event) }));
  // An async scope, or Dexie does not follow the transaction through the awaits inside.
  await store.transaction('rw', everything(store), async () => {
    await applyArrivals(store, here, arrivals);
  });
}

/**
 * Brings the store level with the journal: whatever the journal holds and the store does not is applied, and after a
 * new incarnation what the journal made again replaces what it replaces.
 * @returns how many events were applied
 */
export async function levelWithJournal(level: Level): Promise<number> {
  const { store, bridge } = level;
  const head = await bridge.call('journal.head', {});
  const known = (await readOwn(store)).at(-1);
  if (known?.inc === head.inc && known.applied >= head.seq) return 0;
  if (known && known.inc !== head.inc) await forgetPending(level);
  let from: { inc: string | null; after: number } =
    known?.inc === head.inc ? { inc: known.inc, after: known.applied } : { inc: null, after: 0 };
  let count = 0;
  for (;;) {
    const page = await bridge.call('journal.read', { ...from, limit: REPLAY_PAGE });
    if (page.events.length > 0) await applyOwn(level, page.events);
    count += page.events.length;
    const last = page.events.at(-1);
    if (!page.more || !last) break;
    const { inc, seq } = trusted(last).event;
    from = { inc, after: seq };
  }
  await beginIncarnation(store, head.inc);
  return count;
}

/**
 * A new incarnation began: after a loss or a fork the journal made its unsent events again under a new name. What this
 * store holds of its own without a place in the server's order is dropped and read again from the journal.
 */
async function forgetPending({ store, here }: Level): Promise<void> {
  await store.transaction('rw', everything(store), async () => {
    const rows = await store.events
      .filter((row) => row.dev === here.dev && row.cursor === undefined)
      .toArray();
    await store.events.bulkDelete(rows.map(({ dev, inc, seq }) => [dev, inc, seq]));
    await writeOwn(store, []);
    const aggs = [...new Set(rows.map((row) => row.agg))];
    await store.cases.bulkDelete(aggs);
    await store.tickets.bulkDelete(aggs);
    if (aggs.length > 0) await refold(store, here, [], aggs);
  });
}

/** The journal's current incarnation stands last, although it may have no event yet. */
async function beginIncarnation(store: HallStore, inc: string): Promise<void> {
  await store.transaction('rw', store.meta, async () => {
    const own = await readOwn(store);
    const entry = ownEntry(own, inc);
    await writeOwn(store, [...own.filter((other) => other !== entry), entry]);
  });
}

/** The core's own events: made and checked there, so a bad one here is a fault of ours, not of the world. */
function trusted(event: EventBytes): KeptEvent {
  const read = readEvent(event.bytes, event.hash);
  if (!read.ok) throw new CodedError('JOURNAL_CORRUPT', read.fault);
  return read.kept;
}
