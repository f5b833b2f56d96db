import type { Device } from '../../../shared/contract/app.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { Draft, EventBytes } from '../../../shared/contract/journal.ts';
import type { Intake } from '../../../shared/domain/case/intake.ts';
import type { SyncStore } from '../../../shared/sync/engine.ts';
import type { Bridge } from '../bridge/bridge.ts';
import { putBlob, readBlob } from './blobs.ts';
import { loadCiphers, type CipherName } from './ciphers.ts';
import { inOrder } from './commit.ts';
import { readEvidence } from './evidence.ts';
import { goOnReordering } from './forget.ts';
import { takeOverFormer } from './former-store.ts';
import { openLog, runsOf, type Here } from './gather.ts';
import type { HallDb, NewEvent, SyncLight } from './hall-db.ts';
import { applyOwn, levelWithJournal, type Level, type RebuildProgress } from './level-with-journal.ts';
import { listConflicts, readConflict } from './look-at-conflicts.ts';
import { createLookUps, SEARCH_LIMIT } from './look-ups.ts';
import { ciphersOf, readFigures, readOwn, readStream } from './positions.ts';
import { listRefused, noteRefused } from './refused.ts';
import { HallStore } from './schema.ts';
import { createSeal } from './seal.ts';
import { createSyncStore } from './sync-store.ts';
import { storageBackend } from './storage-backend.ts';
import { createTurns } from '../../../shared/sync/turns.ts';

const SAVE_TRIES = 5;
/** While the store has no room it is asked again this often, milliseconds; the journal has everything meanwhile. */
const CATCH_UP_MS = 5000;
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

export interface HallDbPorts {
  bridge: Bridge;
  device: Device;
  clerkId: () => string;
  sealKey: string;
  lookupKey: string;
  /** Seals new records; older ones stay readable. */
  cipher?: CipherName;
  formerSealKeys?: readonly string[];
  /** Name of the database; by default this device's own. */
  name?: string;
  /** Name of the database of version 1 of the store, whose content is taken over once. */
  formerName?: string;
  /** Told while a lost or older store is filled from the journal: the clerk is told, not asked. */
  onRebuild?: (progress: RebuildProgress) => void;
}

/**
 * Opens the window's store and brings it level with the journal: whatever the journal holds and the store does
 * not, because the window died between the two, is applied before anybody can act.
 */
export async function openHallDb(ports: HallDbPorts): Promise<OpenedHallDb> {
  const { bridge, device } = ports;
  const name = ports.name ?? `zongchuang-${device.dev}-2`;
  const store = new HallStore(name);
  const relaxed = new HallStore(name, 'relaxed');
  await store.open();
  const ciphers = await loadCiphers(await ciphersOf(store, ports.cipher));
  const isEmpty = (await readFigures(store)).events === 0;
  const here: Here = {
    dev: device.dev,
    seal: createSeal({ ...ports, ciphers }),
    taken: isEmpty ? new Set() : null,
  };
  const { seal } = here;
  const level: Level = { store, relaxed, here, bridge };

  const listeners = new Set<() => void>();
  const savedListeners = new Set<() => void>();
  const changed = (): void => listeners.forEach((listener) => listener());
  const reserved = new Map<string, number>();
  const lookUps = createLookUps(store, here);
  // One save after the other: an event must never enter the store before the one that was journalled before it.
  const turns = createTurns();
  let behind = false;
  let backend: ReturnType<typeof storageBackend> | undefined;
  let catchUp: ReturnType<typeof setTimeout> | undefined;

  async function draftsOf(events: NewEvent[]): Promise<Draft[]> {
    const aggs = [...new Set(events.map(({ agg }) => agg))];
    const [{ cursor }, own, rows] = await Promise.all([
      readStream(store),
      readOwn(store),
      store.logs.bulkGet(aggs),
    ]);
    const incarnations = own.map(({ inc }) => inc);
    const last = new Map<string, string>();
    for (const row of rows)
      if (row) last.set(row.agg, inOrder(openLog(seal, row), incarnations).at(-1)?.hash ?? '');
    return events.map(({ type, agg, body }) => ({
      type,
      typeV: 1,
      agg,
      seen: { last: last.get(agg) ?? '', cursor },
      user: ports.clerkId(),
      body: body as unknown as Draft['body'],
    }));
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

  /** Into the store, or, when it has missed something that the journal has, everything that is missing. */
  async function apply(events: EventBytes[]): Promise<void> {
    try {
      if (behind) await levelWithJournal(level);
      else await applyOwn(level, events);
      behind = false;
    } catch (error) {
      behind = true;
      clearTimeout(catchUp);
      catchUp = setTimeout(
        () => void turns.take(() => apply([])).then(changed, () => undefined),
        CATCH_UP_MS,
      );
      throw error;
    }
  }

  const formerName = ports.formerName ?? `zongchuang-${device.dev}`;
  await takeOverFormer({
    ...level,
    formerName,
    sealKey: ports.sealKey,
    ...(ports.onRebuild && { tell: ports.onRebuild }),
  });
  await goOnReordering(level);
  const replayed = await levelWithJournal(level, ports.onRebuild);

  const db: HallDb = {
    async save(cmd, events) {
      await turns.take(async () => apply(await append(cmd, await draftsOf(events))));
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

    async ticketsOfDay(day) {
      const rows = await store.logs.where('ticketDay').equals(day).toArray();
      const tickets = rows.flatMap(({ ticket }) => ticket ?? []);
      return tickets.sort((a, b) => (a.takenAt < b.takenAt ? -1 : Number(a.takenAt > b.takenAt)));
    },

    case: (agg) => lookUps.one(agg),
    recentCases: (limit) => lookUps.newest(limit),
    casesPage: (from) => lookUps.page(from),
    casesWithoutSlip: (day) => lookUps.withoutSlip(day),

    async casesOfPerson(idNumber, reason) {
      const found = await lookUps.ofPerson(idNumber);
      await db.save(crypto.randomUUID(), [
        {
          type: 'person.viewed',
          agg: `person/${seal.personHash(idNumber)}`,
          body: { reason, found: found.length },
        },
      ]);
      return found;
    },

    async findByName(prefix, reason, limit = SEARCH_LIMIT) {
      const found = await lookUps.byName(prefix, limit);
      await db.save(crypto.randomUUID(), [
        {
          type: 'person.viewed',
          agg: `person/${seal.personHash(`name ${prefix}`)}`,
          body: { reason, found: found.length },
        },
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

    conflicts: () => listConflicts(store, here),

    async decide(conflictId, choice, note) {
      const { agg } = await readConflict(store, here, conflictId);
      await db.save(crypto.randomUUID(), [
        { type: 'conflict.decided', agg, body: { conflict: conflictId, choice, note } },
      ]);
    },

    async seenOf(agg) {
      const [draft] = await draftsOf([{ type: 'ticket.called', agg, body: { station: '' } }]);
      return draft?.seen ?? { last: '', cursor: 0 };
    },

    async evidence() {
      backend ??= storageBackend();
      return readEvidence(store, bridge, await db.light(), await backend);
    },
    refused: () => listRefused(store, seal),
    async noteRefused(command) {
      await noteRefused(store, seal, command);
      changed();
    },

    putBlob: (bytes, kind) => putBlob(store, here, bytes, kind),
    blob: (hash) => readBlob(store, here, hash),

    async readDraft() {
      const row = await store.drafts.get(DRAFT);
      return row && (JSON.parse(seal.open(row.sealed, `drafts/${DRAFT}`)) as Intake);
    },

    async writeDraft(intake) {
      if (intake === null) await store.drafts.delete(DRAFT);
      else {
        const sealed = seal.seal(JSON.stringify(intake), `drafts/${DRAFT}`);
        await store.drafts.put({ key: DRAFT, sealed });
      }
    },

    async light(): Promise<SyncLight> {
      const own = await readOwn(store);
      const waiting = own.filter((entry) => entry.applied > entry.acknowledged);
      const oldest = waiting[0];
      return {
        unsent: waiting.reduce((sum, entry) => sum + entry.applied - entry.acknowledged, 0),
        oldestUnsentAt: oldest ? await timeOf(oldest.inc, oldest.acknowledged + 1) : '',
        cursor: (await readStream(store)).cursor,
      };
    },

    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    async close() {
      clearTimeout(catchUp);
      await turns.idle();
      store.close();
      relaxed.close();
    },
  };

  async function timeOf(inc: string, seq: number): Promise<string> {
    const [run] = await runsOf(store, device.dev, inc, seq, seq);
    const agg = run?.aggs[run.seqs.indexOf(seq)];
    const row = agg === undefined ? undefined : await store.logs.get(agg);
    const held = row && openLog(seal, row).find(({ event }) => event.inc === inc && event.seq === seq);
    return held?.event.at ?? '';
  }

  const sync = createSyncStore({ ...level, changed });

  const onSaved = (listener: () => void): (() => void) => {
    savedListeners.add(listener);
    return () => savedListeners.delete(listener);
  };

  return { db, sync, onSaved, replayed };
}
