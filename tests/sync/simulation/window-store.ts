import type { EventBytes } from '../../../shared/contract/journal.ts';
import type { Checkpoint } from '../../../shared/contract/central.ts';
import type { Journal } from '../../../electron/core/journal/journal.ts';
import { addCheckpoint } from '../../../shared/sync/checkpoints.ts';
import { readEvent, type KeptEvent } from '../../../shared/sync/event.ts';
import { nextStreamHash, STREAM_HASH_OF_NOTHING } from '../../../shared/sync/hash.ts';
import {
  byPlace,
  placed,
  placeOf,
  type HeldEvent,
  type OwnPosition,
} from '../../../shared/sync/held-event.ts';
import { claimOf, type NumberClaim } from '../../../shared/sync/number-claims.ts';
import { arrivalsOf, joins } from '../../../shared/sync/pages.ts';
import { pictureOf, type AggregatePicture } from '../../../shared/sync/picture.ts';
import { planArrivals, type Arrival } from '../../../shared/sync/plan.ts';
import type { KnownHead, StreamPosition, SyncStore } from '../../../shared/sync/ports.ts';
import { isAlive, type Disk, type Life } from './disk.ts';
import { never, type World } from './world.ts';

/** Everything the window's database holds. Never changed: each transaction makes another. */
export interface StoreState {
  /** By {@link placeOf}. */
  events: Map<string, HeldEvent>;
  stream: StreamPosition;
  checkpoints: readonly Checkpoint[];
  backfill: { before: number; streamHash: string } | null;
  own: OwnPosition[];
  counters: Map<string, number>;
  pictures: Map<string, AggregatePicture>;
}

const NOWHERE = { cursor: 0, streamHash: STREAM_HASH_OF_NOTHING };

export const emptyStore = (): StoreState => ({
  events: new Map(),
  stream: { epoch: '', ...NOWHERE },
  checkpoints: [],
  backfill: null,
  own: [],
  counters: new Map(),
  pictures: new Map(),
});

const REPLAY_PAGE = 500;

/** What a window asks its core; each may end in WIRE_CLOSED. */
export interface JournalBridge {
  head(): Promise<{ inc: string; seq: number }>;
  read(from: Parameters<Journal['read']>[0]): ReturnType<Journal['read']>;
  compare(own: { inc: string; seq: number }[]): Promise<{ inc: string; from: number; to: number }[]>;
  restore(events: EventBytes[]): Promise<number>;
}

/**
 * The window's store in memory, behaving as the Dexie store does: one transaction at a time, all of it or nothing, own
 * writes flushed, pulled ones not.
 */
export function createWindowStore(ports: {
  world: World;
  life: Life;
  disk: Disk;
  dev: string;
  journal: JournalBridge;
  /** How long a transaction takes, milliseconds. */
  takes: () => number;
}) {
  const { world, life, disk, dev, journal } = ports;
  let turn: Promise<unknown> = Promise.resolve();

  const now = (): StoreState => disk.store.at(-1)!;

  async function transaction<T>(
    flushed: boolean,
    touches: 'everything' | 'places',
    change: (state: StoreState) => T,
  ): Promise<T> {
    const mine = turn.then(async () => {
      await world.sleep(ports.takes());
      if (!isAlive(life)) return never<T>();
      const old = now();
      // What a transaction only reads it shares with the state before.
      const state: StoreState =
        touches === 'places'
          ? { ...old }
          : {
              ...old,
              events: new Map(old.events),
              counters: new Map(old.counters),
              pictures: new Map(old.pictures),
            };
      state.own = old.own.map((each) => ({ ...each }));
      const value = change(state);
      if (flushed) disk.store = [state];
      else disk.store.push(state);
      return value;
    });
    turn = mine.catch(() => undefined);
    return mine;
  }

  function apply(state: StoreState, arrivals: readonly Arrival[]): void {
    if (arrivals.length === 0) return;
    const all = [...state.events.values()];
    const aggs = new Set(arrivals.map(({ kept }) => kept.event.agg));
    const claims = claimsOf(all);
    // A number given twice touches the other one's picture as well.
    for (const { kept } of arrivals) {
      const key = claimOf(kept)?.key;
      for (const claim of claims) if (claim.key === key) aggs.add(claim.agg);
    }
    const logs = new Map([...aggs].map((agg) => [agg, all.filter(({ event }) => event.agg === agg)]));
    const changes = planArrivals({
      dev,
      arrivals,
      known: { own: state.own, held: state.events, logs, counters: state.counters, claims },
    });
    for (const held of changes.events) state.events.set(placeOf(held.event), held);
    for (const { key, used } of changes.counters) state.counters.set(key, used);
    for (const picture of changes.pictures) state.pictures.set(picture.agg, picture);
    state.own = changes.own.map((entry) => ({ ...entry }));
  }

  function applyOwn(events: EventBytes[]): Promise<void> {
    const arrivals = events.map(trusted).map((kept) => ({ kept }));
    return transaction(true, 'everything', (state) => apply(state, arrivals));
  }

  /** The journal lost what this store still has: handed back before anything here is dropped. */
  async function handBack(): Promise<void> {
    const { own } = now();
    if (own.length === 0) return;
    const missing = await journal.compare(own.map(({ inc, applied }) => ({ inc, seq: applied })));
    const lost = [...now().events.values()].filter(({ event: { inc, seq, dev: by }, cursor }) => {
      if (by !== dev) return false;
      return (
        cursor === undefined || missing.some((run) => run.inc === inc && seq >= run.from && seq <= run.to)
      );
    });
    if (lost.length > 0) await journal.restore(lost.map(({ bytes, hash }) => ({ bytes, hash })));
  }

  async function levelWithJournal(): Promise<number> {
    await handBack();
    const head = await journal.head();
    const known = now().own.at(-1);
    if (known?.inc === head.inc && known.applied >= head.seq) return 0;
    if (known && known.inc !== head.inc) await forgetPending();
    let from: { inc: string | null; after: number } =
      known?.inc === head.inc ? { inc: known.inc, after: known.applied } : { inc: null, after: 0 };
    let count = 0;
    for (;;) {
      const page = await journal.read({ ...from, limit: REPLAY_PAGE });
      if (page.events.length > 0) await applyOwn(page.events);
      count += page.events.length;
      const last = page.events.at(-1);
      if (!page.more || !last) break;
      const { inc, seq } = trusted(last).event;
      from = { inc, after: seq };
    }
    await transaction(true, 'places', (state) => {
      const entry = ownEntry(state.own, head.inc);
      state.own = [...state.own.filter((other) => other !== entry), entry];
    });
    return count;
  }

  const forgetPending = (): Promise<void> =>
    transaction(true, 'everything', (state) => {
      const pending = [...state.events].filter(
        ([, row]) => row.event.dev === dev && row.cursor === undefined,
      );
      for (const [key] of pending) state.events.delete(key);
      state.own = [];
      refold(state, new Set(pending.map(([, row]) => row.event.agg)));
    });

  const rolled = (from: string, events: readonly { hash: string }[]): string =>
    events.reduce((hash, event) => nextStreamHash(hash, event.hash), from);

  const sync: SyncStore = {
    position: () => Promise.resolve(now().stream),
    checkpoints: () => {
      const { stream, checkpoints } = now();
      const { cursor, streamHash } = stream;
      return Promise.resolve(cursor === 0 ? [] : addCheckpoint(checkpoints, { cursor, streamHash }));
    },
    backfill: () => Promise.resolve(now().backfill),
    async relevel() {
      await levelWithJournal();
    },
    async acknowledge(seq) {
      const { inc } = await journal.head();
      await transaction(false, 'places', (state) => {
        const entry = ownEntry(state.own, inc);
        entry.acknowledged = Math.max(entry.acknowledged, Math.min(seq, entry.applied));
      });
    },
    async applyPage(page) {
      const position = now().stream;
      const fresh = page.events.filter((event) => event.cursor > position.cursor);
      const streamHash = rolled(position.streamHash, fresh);
      if (streamHash !== page.streamHash && (fresh.length > 0 || page.events.length === 0)) return false;
      const arrivals = arrivalsOf(fresh);
      await transaction(false, arrivals.length > 0 ? 'everything' : 'places', (state) => {
        apply(state, arrivals);
        const at = { cursor: fresh.at(-1)?.cursor ?? position.cursor, streamHash };
        state.stream = { epoch: page.epoch, ...at };
        if (at.cursor > 0) state.checkpoints = addCheckpoint(state.checkpoints, at);
      });
      return true;
    },
    forgetOrder: (epoch, after) =>
      transaction(true, 'everything', (state) => {
        const { cursor, streamHash } = state.stream;
        const points = [{ cursor, streamHash }, ...state.checkpoints].filter(
          (point) => point.cursor <= after,
        );
        const stand = points[0] ?? NOWHERE;
        const moved = new Set<string>();
        for (const [key, row] of state.events) {
          if (row.cursor === undefined || row.cursor <= stand.cursor) continue;
          const { cursor: gone, ...rest } = row;
          state.events.set(key, rest);
          if (gone > 0) moved.add(row.event.agg);
        }
        state.stream = { epoch, ...stand };
        state.checkpoints = points;
        if (stand.cursor === 0) state.backfill = null;
        for (const entry of state.own) {
          const at = [...state.events.values()].filter(
            ({ event, cursor: place }) => event.dev === dev && event.inc === entry.inc && place !== undefined,
          );
          entry.acknowledged = Math.max(0, ...at.map(({ event }) => event.seq));
        }
        refold(state, moved);
      }),
    heads() {
      const heads = new Map<string, KnownHead>();
      for (const { event } of now().events.values()) {
        const { dev: by, inc, seq } = event;
        if (seq > (heads.get(`${by}/${inc}`)?.seq ?? 0)) heads.set(`${by}/${inc}`, { dev: by, inc, seq });
      }
      return Promise.resolve([...heads.values()]);
    },
    heldRange({ dev: by, inc, from, to }) {
      const run: HeldEvent[] = [];
      for (let seq = from; seq <= to; seq++) {
        const held = now().events.get(placeOf({ dev: by, inc, seq }));
        if (!held) break;
        run.push(held);
      }
      return Promise.resolve(
        run.map(({ bytes, hash, sig }) => (sig === undefined ? { bytes, hash } : { bytes, hash, sig })),
      );
    },
    beginAt: ({ epoch, cursor, streamHash }) =>
      transaction(true, 'places', (state) => {
        if (state.stream.cursor > 0) return;
        state.stream = { epoch, cursor, streamHash };
        state.backfill = cursor === 0 ? null : { before: cursor + 1, streamHash };
      }),
    async applyBackfill(page) {
      const { backfill } = now();
      const first = page.events[0];
      if (!backfill || !first || !joins(page, backfill)) return false;
      await transaction(false, 'everything', (state) => {
        apply(state, arrivalsOf(page.events));
        const left = { before: first.cursor, streamHash: page.streamHashBefore };
        state.backfill = first.cursor === 1 ? null : left;
      });
      return true;
    },
  };

  return { now, sync, applyOwn, levelWithJournal };
}
export type WindowStore = ReturnType<typeof createWindowStore>;

function ownEntry(list: OwnPosition[], inc: string): OwnPosition {
  const found = list.find((entry) => entry.inc === inc);
  if (found) return found;
  const made = { inc, applied: 0, acknowledged: 0 };
  list.push(made);
  return made;
}

const claimsOf = (events: readonly HeldEvent[]): NumberClaim[] =>
  events.flatMap((held) => claimOf(held) ?? []);

/** Hash of the newest event of an aggregate in the order in which they are folded; '' when there is none. */
export function newestOf(state: StoreState, agg: string): string {
  const log = [...state.events.values()].filter(({ event }) => event.agg === agg).map(placed);
  return log.sort(byPlace(state.own.map(({ inc }) => inc))).at(-1)?.hash ?? '';
}

function refold(state: StoreState, aggs: ReadonlySet<string>): void {
  const all = [...state.events.values()];
  const claims = claimsOf(all);
  for (const agg of aggs) {
    const log = all.filter(({ event }) => event.agg === agg);
    const picture = pictureOf(
      agg,
      log,
      state.own.map(({ inc }) => inc),
      claims,
    );
    if (picture) state.pictures.set(agg, picture);
    else state.pictures.delete(agg);
  }
}

function trusted(event: EventBytes): KeptEvent {
  const read = readEvent(event.bytes, event.hash);
  if (!read.ok) throw new Error(`the journal gave an event that is none: ${read.fault}`);
  return read.kept;
}
