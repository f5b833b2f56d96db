import type { Device } from '../../../shared/contract/app.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { Draft, EventBytes } from '../../../shared/contract/journal.ts';
import type { CaseState } from '../../../shared/domain/case/case.ts';
import type { Intake } from '../../../shared/domain/case/intake.ts';
import { nextStreamHash } from '../../../shared/sync/hash.ts';
import { readEvent, type HallEvent, type KeptEvent } from '../../../shared/sync/event.ts';
import type { SyncStore } from '../../../shared/sync/engine.ts';
import type { Bridge } from '../bridge/bridge.ts';
import { applyArrivals, refold, type Here } from './apply.ts';
import type { CaseRow, HallDb, NewEvent } from './hall-db.ts';
import {
  NOWHERE,
  ownEntry,
  readOwn,
  readStream,
  writeOwn,
  writeStream,
  type OwnPosition,
} from './positions.ts';
import { HallStore, type StoredCase } from './schema.ts';
import { createSeal } from './seal.ts';

const REPLAY_PAGE = 500;
const SAVE_TRIES = 5;
const DRAFT = 'intake';
/** The call may have been carried out although no answer came: asking again with the same `cmd` is safe. */
const UNKNOWN_OUTCOME = ['WIRE_CLOSED', 'WIRE_TIMEOUT'];

export interface OpenedHallDb {
  db: HallDb;
  /** The same store as the sync engine sees it. */
  sync: SyncStore;
  /** Called after each own save, so that the sync can send at once; the returned function ends it. */
  onSaved(listener: () => void): () => void;
  /** Events replayed from the journal at start: 0 on an ordinary day, all of them after a lost store. */
  replayed: number;
}

/**
 * Opens the window's store and brings it level with the journal: whatever the journal holds and the store does
 * not, because the window died between the two, is applied before anybody can act.
 */
export async function openHallDb(ports: {
  bridge: Bridge;
  device: Device;
  clerkId: () => string;
  sealKey: string;
  lookupKey: string;
  name?: string;
}): Promise<OpenedHallDb> {
  const { bridge, device } = ports;
  const store = new HallStore(ports.name ?? `zongchuang-${device.dev}`);
  const here: Here = { dev: device.dev, seal: createSeal(ports.sealKey, ports.lookupKey) };
  const { seal } = here;
  await store.open();

  const listeners = new Set<() => void>();
  const savedListeners = new Set<() => void>();
  const changed = (): void => listeners.forEach((listener) => listener());
  const reserved = new Map<string, number>();
  const readAll = [store.events, store.cases, store.tickets, store.counters, store.meta];

  async function applyOwn(events: EventBytes[]): Promise<void> {
    const arrivals = events.map((event) => ({ kept: trusted(event) }));
    await store.transaction('rw', readAll, () => applyArrivals(store, here, arrivals));
  }

  /** Applies what the journal holds and the store does not. @returns how many events that were */
  async function replay(): Promise<number> {
    const head = await bridge.call('journal.head', {});
    const known = (await readOwn(store)).at(-1);
    if (known?.inc === head.inc && known.applied >= head.seq) return 0;
    if (known && known.inc !== head.inc) await forgetPending();
    let from: { inc: string | null; after: number } =
      known?.inc === head.inc ? { inc: known.inc, after: known.applied } : { inc: null, after: 0 };
    let count = 0;
    for (;;) {
      const page = await bridge.call('journal.read', { ...from, limit: REPLAY_PAGE });
      if (page.events.length > 0) await applyOwn(page.events);
      count += page.events.length;
      const last = page.events.at(-1);
      if (!page.more || !last) break;
      const { inc, seq } = trusted(last).event;
      from = { inc, after: seq };
    }
    await beginIncarnation(head.inc);
    return count;
  }

  /**
   * A new incarnation began: after a loss or a fork the journal made its unsent events again under a new name. What this
   * store holds of its own without a place in the server's order is dropped and read again from the journal.
   */
  async function forgetPending(): Promise<void> {
    await store.transaction('rw', readAll, async () => {
      const rows = await store.events
        .filter((row) => row.dev === device.dev && row.cursor === undefined)
        .toArray();
      await store.events.bulkDelete(rows.map(({ dev, inc, seq }) => [dev, inc, seq]));
      await writeOwn(store, []);
      for (const agg of new Set(rows.map((row) => row.agg))) {
        await store.cases.delete(agg);
        await store.tickets.delete(agg);
        await refold(store, here, [], agg);
      }
    });
  }

  /** The journal's current incarnation stands last, although it may have no event yet. */
  async function beginIncarnation(inc: string): Promise<void> {
    await store.transaction('rw', store.meta, async () => {
      const own = await readOwn(store);
      const entry = ownEntry(own, inc);
      await writeOwn(store, [...own.filter((other) => other !== entry), entry]);
    });
  }

  const rowOf =
    (own: OwnPosition[]) =>
    (row: StoredCase): CaseRow => {
      const acknowledged = own.find((entry) => entry.inc === row.inc)?.acknowledged ?? 0;
      return {
        state: seal.open(row.sealed) as CaseState,
        travel: row.own === 0 || row.seq <= acknowledged ? 'sent' : 'saved',
      };
    };

  async function draftsOf(events: NewEvent[]): Promise<Draft[]> {
    const { cursor } = await readStream(store);
    const own = await readOwn(store);
    return Promise.all(
      events.map(async ({ type, agg, body }) => {
        const rows = await store.events.where('agg').equals(agg).toArray();
        return {
          type,
          typeV: 1,
          agg,
          seen: { last: lastOf(rows, own)?.hash ?? '', cursor },
          user: ports.clerkId(),
          body: body as unknown as Draft['body'],
        };
      }),
    );
  }

  async function append(cmd: string, drafts: Draft[]): Promise<EventBytes[]> {
    for (let tries = 1; ; tries++) {
      try {
        return (await bridge.call('journal.append', { cmd, drafts })).events;
      } catch (error) {
        const again =
          error instanceof CodedError && UNKNOWN_OUTCOME.includes(error.code) && tries < SAVE_TRIES;
        if (!again) throw error;
        await new Promise((resolve) => setTimeout(resolve, 300 * tries));
      }
    }
  }

  const replayed = await replay();

  const db: HallDb = {
    async save(cmd, events) {
      await applyOwn(await append(cmd, await draftsOf(events)));
      changed();
      savedListeners.forEach((listener) => listener());
    },

    async nextNumber(series, day) {
      const key = `${series}:${day}`;
      const used = (await store.counters.get(key))?.used ?? 0;
      // Reserved in memory as well, so that two presses in a row never get one number.
      const next = Math.max(used, reserved.get(key) ?? 0) + 1;
      reserved.set(key, next);
      return next;
    },

    ticketsOfDay: (day) => store.tickets.where('day').equals(day).sortBy('takenAt'),

    async case(agg) {
      const row = await store.cases.get(agg);
      return row && rowOf(await readOwn(store))(row);
    },

    async recentCases(limit) {
      const rows = await store.cases.orderBy('acceptedAt').reverse().limit(limit).toArray();
      return rows.map(rowOf(await readOwn(store)));
    },

    async casesOfPerson(idNumber, reason) {
      const hash = seal.personHash(idNumber);
      const rows = await store.cases.where('person').equals(hash).toArray();
      rows.sort((a, b) => b.acceptedAt.localeCompare(a.acceptedAt));
      const found = rows.map(rowOf(await readOwn(store)));
      await db.save(crypto.randomUUID(), [
        { type: 'person.viewed', agg: `person/${hash}`, body: { reason, found: found.length } },
      ]);
      return found;
    },

    async casesWithoutSlip(day) {
      const rows = await store.cases
        .where('[own+slipOpen+day]')
        .between([1, 1, day], [1, 1, '\uffff'])
        .toArray();
      return rows.map(rowOf(await readOwn(store)));
    },

    async readDraft() {
      const row = await store.drafts.get(DRAFT);
      return row && (seal.open(row.sealed) as Intake);
    },

    async writeDraft(intake) {
      if (intake === null) await store.drafts.delete(DRAFT);
      else await store.drafts.put({ key: DRAFT, sealed: seal.seal(intake) });
    },

    async light() {
      const own = await readOwn(store);
      const waiting = own.filter((entry) => entry.applied > entry.acknowledged);
      const oldest = waiting[0];
      const row = oldest && (await store.events.get([device.dev, oldest.inc, oldest.acknowledged + 1]));
      return {
        unsent: waiting.reduce((sum, entry) => sum + entry.applied - entry.acknowledged, 0),
        oldestUnsentAt: row ? (JSON.parse(seal.open(row.sealed) as string) as HallEvent).at : '',
        cursor: (await readStream(store)).cursor,
      };
    },

    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    close() {
      store.close();
      return Promise.resolve();
    },
  };

  const sync: SyncStore = {
    position: () => readStream(store),

    async relevel() {
      if ((await replay()) > 0) changed();
    },

    async acknowledge(seq) {
      const { inc } = await bridge.call('journal.head', {});
      const moved = await store.transaction('rw', store.meta, async () => {
        const own = await readOwn(store);
        const entry = ownEntry(own, inc);
        // Never beyond what is here: the light counts applied − acknowledged.
        const next = Math.min(seq, entry.applied);
        if (next <= entry.acknowledged) return false;
        entry.acknowledged = next;
        await writeOwn(store, own);
        return true;
      });
      if (moved) changed();
    },

    async applyPage(page) {
      const position = await readStream(store);
      const fresh = page.events.filter((event) => event.cursor > position.cursor);
      const streamHash = fresh.reduce((hash, event) => nextStreamHash(hash, event.hash), position.streamHash);
      if (fresh.length > 0 && streamHash !== page.streamHash) return false;
      const arrivals = fresh.flatMap((event) => {
        const read = readEvent(event.bytes, event.hash);
        // An event this version cannot read is passed over here and stays on the server, numbered and flagged.
        return read.ok ? [{ kept: read.kept, cursor: event.cursor }] : [];
      });
      await store.transaction('rw', readAll, async () => {
        await applyArrivals(store, here, arrivals);
        await writeStream(store, {
          epoch: page.epoch,
          cursor: fresh.at(-1)?.cursor ?? position.cursor,
          streamHash,
        });
      });
      if (arrivals.length > 0) changed();
      return true;
    },

    async forgetOrder(epoch) {
      await store.transaction('rw', readAll, async () => {
        await store.events.toCollection().modify((row) => {
          delete row.cursor;
        });
        const own = await readOwn(store);
        for (const entry of own) entry.acknowledged = 0;
        await writeOwn(store, own);
        await writeStream(store, { ...NOWHERE, epoch });
        for (const { agg } of await store.cases.toArray()) await refold(store, here, own, agg);
        for (const { agg } of await store.tickets.toArray()) await refold(store, here, own, agg);
      });
      changed();
    },
  };

  const onSaved = (listener: () => void): (() => void) => {
    savedListeners.add(listener);
    return () => savedListeners.delete(listener);
  };

  return { db, sync, onSaved, replayed };
}

/** The core's own events: made and checked there, so a bad one here is a fault of ours, not of the world. */
function trusted(event: EventBytes): KeptEvent {
  const read = readEvent(event.bytes, event.hash);
  if (!read.ok) throw new CodedError('JOURNAL_CORRUPT', read.fault);
  return read.kept;
}

function lastOf(
  rows: { hash: string; cursor?: number; inc: string; seq: number }[],
  own: OwnPosition[],
): { hash: string } | undefined {
  const rank = (row: { cursor?: number; inc: string; seq: number }): [number, number] =>
    row.cursor === undefined
      ? [1e15 + own.findIndex((entry) => entry.inc === row.inc), row.seq]
      : [row.cursor, 0];
  return rows.sort((a, b) => rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1]).at(-1);
}
