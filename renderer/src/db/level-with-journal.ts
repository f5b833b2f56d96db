import { CodedError } from '../../../shared/contract/errors.ts';
import type { EventBytes } from '../../../shared/contract/journal.ts';
import { readEvent, type KeptEvent } from '../../../shared/sync/event.ts';
import type { Bridge } from '../bridge/bridge.ts';
import { applyArrivals } from './apply.ts';
import { forgetPending, settleDoubtful } from './forget.ts';
import type { Here } from './gather.ts';
import { heldRange } from './held-range.ts';
import { ownEntry, readOwn, writeOwn } from './positions.ts';
import { change, type HallStore } from './schema.ts';
import { storeError } from './store-error.ts';

const REPLAY_PAGE = 1000;
const GIVE_PAGE = 500;

/** How far a rebuild has come, in events; `of` is null while nobody can know. */
export interface RebuildProgress {
  done: number;
  of: number | null;
}

/** Store, owner and the way to the journal: what bringing the two level needs. */
export interface Level {
  store: HallStore;
  /** The same database on a connection that does not wait for the medium, for what can be read again. */
  relaxed: HallStore;
  here: Here;
  bridge: Bridge;
}

/** Own events into the store, in one strict transaction. */
export async function applyOwn(
  { store, here }: Pick<Level, 'store' | 'here'>,
  events: EventBytes[],
): Promise<void> {
  const arrivals = events.map((event) => ({ kept: trusted(event) }));
  await change(store, (tables) => applyArrivals(tables, here, arrivals)).catch(storeError);
}

/**
 * Brings the store level with the journal: whatever the journal holds and the store does not is applied, and after a
 * new incarnation what the journal made again replaces what it replaces. An emptied store is an ordinary case of it.
 * @param tell called after each page when there is more than one
 * @returns how many events were applied
 */
export async function levelWithJournal(
  level: Level,
  tell: (progress: RebuildProgress) => void = () => undefined,
): Promise<number> {
  const { store, relaxed, bridge } = level;
  await giveBack(level);
  const head = await bridge.call('journal.head', {});
  const known = (await readOwn(store)).at(-1);
  if (known?.inc === head.inc && known.applied >= head.seq) return 0;
  if (known && known.inc !== head.inc) await forgetPending(level);
  const same = known?.inc === head.inc;
  const of = same ? head.seq - known.applied : null;
  let from: { inc: string | null; after: number } = same
    ? { inc: known.inc, after: known.applied }
    : { inc: null, after: 0 };
  let count = 0;
  for (;;) {
    const page = await bridge.call('journal.read', { ...from, limit: REPLAY_PAGE });
    // The journal still has them: a power cut now only means to read them once more.
    if (page.events.length > 0) await applyOwn({ ...level, store: relaxed }, page.events);
    count += page.events.length;
    const last = page.events.at(-1);
    if (!page.more || !last) break;
    tell({ done: count, of });
    const { inc, seq } = trusted(last).event;
    from = { inc, after: seq };
  }
  await beginIncarnation(store, head.inc);
  await settleDoubtful(level);
  return count;
}

/**
 * Where the journal lost events this store may hold the only copy of them: they are handed back before anything else, and
 * before anything here is given up. Those the server does not have are sent to it by the journal.
 */
async function giveBack({ store, here, bridge }: Level): Promise<void> {
  const own = await readOwn(store);
  if (own.length === 0) return;
  const { missing } = await bridge.call('journal.compare', {
    own: own.map(({ inc, applied }) => ({ inc, seq: applied })),
  });
  for (const { inc, from, to } of missing) {
    for (let next = from; next <= to;) {
      const range = { dev: here.dev, inc, from: next, to: Math.min(to, next + GIVE_PAGE - 1) };
      const events = await heldRange(store, here, range);
      if (events.length > 0) await bridge.call('journal.restore', { events });
      // What is missing here as well is passed over; the server may have it.
      next += Math.max(events.length, 1);
    }
  }
}

/** The journal's current incarnation stands last, although it may have no event yet. Strict: what was relaxed is on the medium now. */
async function beginIncarnation(store: HallStore, inc: string): Promise<void> {
  await change(store, async (tables) => {
    const own = await readOwn(tables);
    const entry = ownEntry(own, inc);
    await writeOwn(tables, [...own.filter((other) => other !== entry), entry]);
  });
}

/** The core's own events: made and checked there, so a bad one here is a fault of ours, not of the world. */
function trusted(event: EventBytes): KeptEvent {
  const read = readEvent(event.bytes, event.hash);
  if (!read.ok) throw new CodedError('JOURNAL_CORRUPT', read.fault);
  return read.kept;
}
