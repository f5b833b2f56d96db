import 'fake-indexeddb/auto';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { managedNonce } from '@noble/ciphers/utils.js';
import { Dexie } from 'dexie';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { RebuildProgress } from '../../renderer/src/db/level-with-journal.ts';
import { openLog } from '../../renderer/src/db/gather.ts';
import { HallStore } from '../../renderer/src/db/schema.ts';
import { createSeal } from '../../renderer/src/db/seal.ts';
import { STREAM_HASH_OF_NOTHING } from '../../shared/sync/hash.ts';
import { memoryHall, memoryMachine } from '../fixtures/memory-machine.ts';
import { accepted, DAY, device, freshName, KEY, openOn, streamOf, ticket } from './hall-db-open.ts';

const machineA = () => memoryMachine(device('A'), memoryHall());
const aggs = (rows: { state: { agg: string } }[]): string[] => rows.map(({ state }) => state.agg).sort();
const cases = (n: number): string[] => Array.from({ length: n }, (_, i) => `case/c${i + 1}`).sort();

/** The next `times` writes into the logs fail as a full disk does. */
function fillDisk(times: number): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
  const put = IDBObjectStore.prototype.put;
  let left = times;
  const spy = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
    this: IDBObjectStore,
    ...args
  ) {
    if (this.name === 'logs' && left-- > 0) throw new DOMException('no room', 'QuotaExceededError');
    return put.apply(this, args);
  });
  onTestFinished(() => spy.mockRestore());
}

describe('a store without room', () => {
  it('says so, loses nothing, and has both cases after the next save', async () => {
    const machine = machineA();
    const { db } = await openOn(machine, freshName());
    fillDisk(1);
    await expect(db.save('cmd-0000001', [accepted(1)])).rejects.toMatchObject({ code: 'STORE_FULL' });
    expect(machine.journal).toHaveLength(1);
    await db.save('cmd-0000002', [accepted(2)]);
    expect(aggs(await db.recentCases(10))).toEqual(cases(2));
    expect(await db.light()).toMatchObject({ unsent: 2 });
    await db.close();
  });

  it('catches up by itself while nobody saves anything', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { db } = await openOn(machineA(), freshName());
    fillDisk(1);
    await expect(db.save('cmd-0000001', [accepted(1)])).rejects.toMatchObject({ code: 'STORE_FULL' });
    const caughtUp = new Promise<void>((resolve) => db.onChange(resolve));
    await vi.advanceTimersByTimeAsync(6000);
    await caughtUp;
    expect(aggs(await db.recentCases(10))).toEqual(cases(1));
    await db.close();
  });

  it('takes no page it could not write, and the same page afterwards', async () => {
    const { db, sync } = await openOn(machineA(), freshName());
    const { page } = streamOf([accepted(1), accepted(2)]);
    fillDisk(1);
    await expect(sync.applyPage(page(1, 2))).rejects.toMatchObject({ code: 'STORE_FULL' });
    expect(await sync.position()).toMatchObject({ cursor: 0 });
    await sync.applyPage(page(1, 2));
    expect(aggs(await db.recentCases(10))).toEqual(cases(2));
  });
});

describe('a journal that lost what the store has', () => {
  it('gets it back before anything is given up, and it counts as unsent', async () => {
    const machine = machineA();
    const name = freshName();
    const first = await openOn(machine, name);
    for (let n = 1; n <= 3; n++) await first.db.save(`cmd-000000${n}`, [accepted(n)]);
    await first.db.close();
    // The end of the journal is gone, and nobody noticed when the core started.
    const lost = machine.journal.splice(1);
    const second = await openOn(machine, name);
    expect(machine.journal.map(({ hash }) => hash)).toEqual(
      expect.arrayContaining(lost.map(({ hash }) => hash)),
    );
    expect(aggs(await second.db.recentCases(10))).toEqual(cases(3));
    expect(await second.db.light()).toMatchObject({ unsent: 3 });
    // What is saved now stands in a new incarnation, in nobody's place.
    await second.db.save('cmd-0000004', [accepted(4)]);
    const places = machine.journal.map(({ event }) => `${event.inc}/${event.seq}`);
    expect(new Set(places).size).toBe(places.length);
    expect(aggs(await second.db.recentCases(10))).toEqual(cases(4));
  });
});

describe('saves', () => {
  it('enter the store in the order of the journal, also when an earlier answer comes late', async () => {
    const machine = machineA();
    const late: (() => void)[] = [];
    const bridge: typeof machine.bridge = {
      ...machine.bridge,
      async call(name, input) {
        const answer = await machine.bridge.call(name, input);
        if (name === 'journal.append' && machine.journal.length === 1)
          await new Promise<void>((resolve) => late.push(resolve));
        return answer;
      },
    };
    const { db } = await openOn({ ...machine, bridge }, freshName());
    const saves = [1, 2, 3].map((n) => db.save(`cmd-000000${n}`, [accepted(n)]));
    await vi.waitFor(() => expect(late).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 60));
    // Were the second here without the first, a window that dies now would never look for the first again.
    expect(await db.light()).toMatchObject({ unsent: 0 });
    late[0]?.();
    await Promise.all(saves);
    expect(machine.journal.map(({ event }) => event.agg)).toEqual(['case/c1', 'case/c2', 'case/c3']);
    expect(await db.light()).toMatchObject({ unsent: 3 });
  });
});

describe('the stream', () => {
  it('is filled backwards from the head, and takes only pages that join', async () => {
    const { db, sync } = await openOn(machineA(), freshName());
    const { page, hashes } = streamOf(Array.from({ length: 9 }, (_, i) => accepted(i + 1)));
    await sync.beginAt({ epoch: 'epoch-1', cursor: 7, streamHash: hashes[7]! });
    expect(await sync.backfill()).toEqual({ before: 8, streamHash: hashes[7] });
    await sync.applyPage(page(8, 9));
    expect(await sync.applyBackfill(page(1, 3))).toBe(false);
    const forged = page(5, 7);
    forged.events[0] = { ...page(1, 1).events[0]!, cursor: 5 };
    expect(await sync.applyBackfill(forged)).toBe(false);
    expect(await sync.applyBackfill(page(5, 7))).toBe(true);
    expect((await db.evidence()).backfill).toEqual({ left: 4 });
    expect(await sync.applyBackfill(page(1, 4))).toBe(true);
    expect(await sync.backfill()).toBeNull();
    expect(aggs(await db.recentCases(20))).toEqual(cases(9));
    expect(await sync.position()).toEqual({ epoch: 'epoch-1', cursor: 9, streamHash: hashes[9] });
    // An occupied store keeps its place.
    await sync.beginAt({ epoch: 'epoch-1', cursor: 1, streamHash: hashes[1]! });
    expect(await sync.position()).toMatchObject({ cursor: 9 });
  });

  it('remembers at most 32 places, the newest first and the older the sparser', async () => {
    const { sync } = await openOn(machineA(), freshName());
    const { page, hashes } = streamOf(
      Array.from({ length: 40 }, (_, i) => ticket(`B${String(i + 1).padStart(3, '0')}`)),
    );
    for (let n = 1; n <= 40; n++) await sync.applyPage(page(n, n));
    const points = await sync.checkpoints();
    expect(points[0]).toEqual({ cursor: 40, streamHash: hashes[40] });
    expect(points.length).toBeLessThan(10);
    for (const { cursor, streamHash } of points) expect(streamHash).toBe(hashes[cursor]);
  });

  it('forgets the order only after the common place, and loses no event', async () => {
    const name = freshName();
    const { db, sync } = await openOn(machineA(), name);
    const events = Array.from({ length: 6 }, (_, i) => accepted(i + 1));
    const { page, hashes, kept } = streamOf(events);
    await sync.applyPage(page(1, 4));
    await sync.applyPage(page(5, 6));
    await sync.forgetOrder('epoch-2', 4);
    expect(await sync.position()).toEqual({ epoch: 'epoch-2', cursor: 4, streamHash: hashes[4] });
    expect(aggs(await db.recentCases(10))).toEqual(cases(6));
    const raw = new HallStore(name);
    const seal = createSeal({ sealKey: KEY, lookupKey: KEY });
    const places = (await raw.logs.toArray()).flatMap((row) =>
      openLog(seal, row).map(({ cursor }) => cursor),
    );
    raw.close();
    expect(places.filter((cursor) => cursor !== undefined).sort()).toEqual([1, 2, 3, 4]);
    expect(places).toHaveLength(6);
    const held = await sync.heldRange({ dev: 'B'.repeat(26), inc: 'b'.repeat(32), from: 1, to: 9 });
    expect(held.map(({ hash }) => hash)).toEqual(kept.map(({ hash }) => hash));
    expect(await sync.heads()).toEqual([{ dev: 'B'.repeat(26), inc: 'b'.repeat(32), seq: 6 }]);
    // Now the rest comes in another order, and once more nothing is doubled.
    const other = streamOf([accepted(7)], { letter: 'C', from: 5, before: hashes[4]! });
    const seventh = { ...other.page(1, 1), epoch: 'epoch-2' };
    seventh.events[0] = { ...seventh.events[0]!, cursor: 5 };
    expect(await sync.applyPage(seventh)).toBe(true);
    expect(aggs(await db.recentCases(10))).toEqual(cases(7));
    await sync.forgetOrder('epoch-3', 0);
    expect(await sync.position()).toEqual({
      epoch: 'epoch-3',
      cursor: 0,
      streamHash: STREAM_HASH_OF_NOTHING,
    });
    expect((await db.evidence()).events).toBe(7);
  });

  it('goes on forgetting the order after a crash in the middle of it', async () => {
    const name = freshName();
    const machine = machineA();
    const first = await openOn(machine, name);
    const { page } = streamOf(Array.from({ length: 4 }, (_, i) => accepted(i + 1)));
    await first.sync.applyPage(page(1, 4));
    fillDisk(1);
    await expect(first.sync.forgetOrder('epoch-2', 0)).rejects.toThrow();
    await first.db.close();
    const second = await openOn(machine, name);
    expect(await second.sync.position()).toMatchObject({ epoch: 'epoch-2', cursor: 0 });
    const raw = new HallStore(name);
    expect(await raw.runs.where('top').above(0).count()).toBe(0);
    raw.close();
  });

  it('keeps things that only grow in rows of bounded size, and still gives back each event', async () => {
    const name = freshName();
    const { sync } = await openOn(machineA(), name);
    const looks = Array.from({ length: 200 }, () => ({
      type: 'person.viewed' as const,
      agg: 'person/hash',
      body: { reason: 'intake', found: 1 },
    }));
    const { page } = streamOf(looks);
    for (let n = 1; n <= 200; n += 20) await sync.applyPage(page(n, n + 19));
    const held = await sync.heldRange({ dev: 'B'.repeat(26), inc: 'b'.repeat(32), from: 1, to: 200 });
    expect(held).toHaveLength(200);
    const raw = new HallStore(name);
    const rows = await raw.logs.toArray();
    raw.close();
    expect(rows.length).toBeGreaterThan(2);
  });
});

/** A profile as version 1 of the store left it. */
async function formerProfile(
  name: string,
  events: { bytes: string; hash: string; cursor?: number }[],
  more: { own: unknown; stream: unknown },
) {
  const cipher = managedNonce(xchacha20poly1305)(new Uint8Array(32).fill(5));
  const seal = (value: unknown): Uint8Array =>
    cipher.encrypt(new TextEncoder().encode(JSON.stringify(value)));
  const db = new Dexie(name);
  db.version(1).stores({
    events: '[dev+inc+seq], agg, cursor',
    cases: 'agg, person, acceptedAt, [own+slipOpen+day]',
    tickets: 'agg, day',
    counters: 'key',
    drafts: 'key',
    meta: 'key',
  });
  await db.table('events').bulkPut(
    events.map(({ bytes, hash, cursor }) => {
      const { dev, inc, seq, agg } = JSON.parse(bytes) as Record<string, unknown>;
      return { dev, inc, seq, agg, hash, ...(cursor === undefined ? {} : { cursor }), sealed: seal(bytes) };
    }),
  );
  await db.table('meta').bulkPut(Object.entries(more).map(([key, value]) => ({ key, value })));
  await db.table('counters').put({ key: `ticket:${DAY}`, used: 17 });
  await db.table('drafts').put({ key: 'intake', sealed: seal({ agg: 'case/open' }) });
  db.close();
}

describe('a profile of version 1', () => {
  async function profile(foreign: number, mine: number) {
    const name = freshName();
    const machine = machineA();
    const stream = streamOf(Array.from({ length: foreign }, (_, i) => accepted(i + 1)));
    const pen = await openOn(machine, `${name}-pen`);
    for (let n = 1; n <= mine; n++)
      await pen.db.save(`cmd-${String(n).padStart(7, '0')}`, [accepted(foreign + n)]);
    await pen.db.close();
    const placed = stream.kept.map(({ bytes, hash }, i) => ({ bytes, hash, cursor: i + 1 }));
    await formerProfile(`${name}-former`, [...placed, ...machine.journal], {
      own: [{ inc: '1'.repeat(32), applied: mine, acknowledged: 2 }],
      stream: { epoch: 'epoch-1', cursor: foreign, streamHash: stream.hashes[foreign] },
    });
    return { name, machine, stream };
  }

  it('is taken over: cases, unsent work, place in the stream, numbers used and the open case', async () => {
    const { name, machine, stream } = await profile(30, 5);
    const { db, sync } = await openOn(machine, name);
    expect(await db.recentCases(100)).toHaveLength(35);
    expect(await db.light()).toMatchObject({ unsent: 3, cursor: 30 });
    expect(await sync.position()).toEqual({ epoch: 'epoch-1', cursor: 30, streamHash: stream.hashes[30] });
    expect(await db.nextNumber('ticket', DAY)).toBe(18);
    expect(await db.readDraft()).toEqual({ agg: 'case/open' });
    expect((await db.evidence()).events).toBe(35);
  });

  it('interrupted at any page goes on from there and takes nothing twice', async () => {
    const { name, machine } = await profile(1100, 3);
    for (let kill = 0; kill < 2; kill++) {
      const onRebuild = (progress: RebuildProgress): void => {
        expect(progress.done).toBe(500);
        throw new Error('killed');
      };
      await expect(openOn(machine, name, { onRebuild })).rejects.toThrow('killed');
    }
    const pages: number[] = [];
    const { db } = await openOn(machine, name, { onRebuild: ({ done }) => pages.push(done) });
    expect(pages).toEqual([103]);
    expect(await db.evidence()).toMatchObject({ events: 1103, cases: 1103, unsent: 1 });
    await db.close();
    const again = await openOn(machine, name);
    expect(await again.db.evidence()).toMatchObject({ events: 1103 });
  });

  it('is only read, so that the earlier program finds all of it; a month later it is removed', async () => {
    const { name, machine } = await profile(3, 3);
    const first = await openOn(machine, name);
    await first.db.save('cmd-0000009', [accepted(9)]);
    await first.db.close();
    const former = await new Dexie(`${name}-former`).open();
    expect(former.verno).toBe(1);
    expect(await former.table('events').toCollection().primaryKeys()).toHaveLength(6);
    expect(await former.table('drafts').toArray()).toHaveLength(1);
    former.close();
    // What was done meanwhile is in the journal, from which the earlier program reads what it does not know.
    expect(machine.journal.at(-1)!.event.agg).toBe('case/c9');
    const later = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 31 * 86_400_000);
    onTestFinished(() => later.mockRestore());
    await (await openOn(machine, name)).db.close();
    expect(await Dexie.exists(`${name}-former`)).toBe(false);
  });
});
