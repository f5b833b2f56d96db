import type { Device } from '../../../shared/contract/app.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { Draft, EventBytes } from '../../../shared/contract/journal.ts';
import type { CaseState } from '../../../shared/domain/case/case.ts';
import { VERSIONS } from '../../../shared/domain/events.ts';
import type { Intake } from '../../../shared/domain/case/intake.ts';
import type { HallEvent } from '../../../shared/sync/event.ts';
import type { SyncStore } from '../../../shared/sync/engine.ts';
import type { Bridge } from '../bridge/bridge.ts';
import { newestOf, type Here } from './apply.ts';
import type { CaseRow, HallDb, NewEvent } from './hall-db.ts';
import { applyOwn, levelWithJournal } from './level-with-journal.ts';
import { readOwn, readStream, type OwnPosition } from './positions.ts';
import { HallStore, type StoredCase } from './schema.ts';
import { createSeal } from './seal.ts';
import { createSyncStore } from './sync-store.ts';

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
  const level = { store, here, bridge };
  await store.open();

  const listeners = new Set<() => void>();
  const savedListeners = new Set<() => void>();
  const changed = (): void => listeners.forEach((listener) => listener());
  const reserved = new Map<string, number>();

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
      events.map(async ({ type, agg, body }) => ({
        type,
        typeV: VERSIONS[type],
        agg,
        seen: { last: await newestOf(store, own, agg), cursor },
        user: ports.clerkId(),
        body: body as unknown as Draft['body'],
      })),
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

  const replayed = await levelWithJournal(level);

  const db: HallDb = {
    async save(cmd, events) {
      await applyOwn(level, await append(cmd, await draftsOf(events)));
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

    traceNumberShown: (idNumber) =>
      db.save(crypto.randomUUID(), [
        {
          type: 'person.numberShown',
          agg: `person/${seal.personHash(idNumber)}`,
          body: { where: 'counter' },
        },
      ]),

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

  const sync = createSyncStore({ ...level, changed });

  const onSaved = (listener: () => void): (() => void) => {
    savedListeners.add(listener);
    return () => savedListeners.delete(listener);
  };

  return { db, sync, onSaved, replayed };
}
