import { describe, expect, it } from 'vitest';
import { CodedError } from '../../shared/contract/errors.ts';
import type { Checkpoint, PulledEvent } from '../../shared/contract/central.ts';
import { addCheckpoint } from '../../shared/sync/checkpoints.ts';
import {
  createSyncEngine,
  IDLE_MS,
  RETRY_MS,
  type CentralPort,
  type StreamPosition,
  type SyncStatus,
  type SyncStore,
} from '../../shared/sync/engine.ts';
import { hashText, nextStreamHash, STREAM_HASH_OF_NOTHING } from '../../shared/sync/hash.ts';

/** Time that stands still until the test moves it. */
function handTime() {
  let now = 0;
  let next = 0;
  const timers = new Map<number, { at: number; run: () => void }>();
  return {
    now: () => now,
    after(ms: number, run: () => void) {
      const id = next++;
      timers.set(id, { at: now + ms, run });
      return () => timers.delete(id);
    },
    /** Lets everything that is ready run, then moves on. */
    async pass(ms: number) {
      const end = now + ms;
      for (;;) {
        await settle();
        const due = [...timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
        if (!due) break;
        timers.delete(due[0]);
        now = due[1].at;
        due[1].run();
      }
      now = end;
      await settle();
    },
  };
}
const settle = async (): Promise<void> => {
  for (let i = 0; i < 600; i++) await Promise.resolve();
};

/** A server in memory that keeps the protocol: one order, a hash over it, and faults on demand. */
function memoryCentral() {
  const stream: PulledEvent[] = [];
  let epoch = 'e1';
  const hashAt = (cursor: number): string =>
    stream.slice(0, cursor).reduce((hash, event) => nextStreamHash(hash, event.hash), STREAM_HASH_OF_NOTHING);
  const faults: { next: CodedError[]; down: boolean } = { next: [], down: false };
  const waiting: string[] = [];
  let acknowledged = 0;
  const calls = { hello: 0, push: 0, pull: 0 };
  const guard = (): void => {
    if (faults.down) throw new CodedError('CENTRAL_UNREACHABLE');
    const fault = faults.next.shift();
    if (fault) throw fault;
  };
  const add = (text: string): void => {
    stream.push({ cursor: stream.length + 1, bytes: text, hash: hashText(text) });
  };
  const port: CentralPort = {
    hello: (at) => {
      calls.hello++;
      guard();
      const agrees = (point: { cursor: number; streamHash: string }): boolean =>
        point.cursor <= stream.length && hashAt(point.cursor) === point.streamHash;
      const rewound = !agrees(at);
      return Promise.resolve({
        epoch,
        head: stream.length,
        action: rewound ? 'rewound' : 'ok',
        acknowledgedSeq: acknowledged,
        common: [at, ...at.checkpoints].find((point) => agrees(point))?.cursor ?? 0,
      });
    },
    push: () => {
      calls.push++;
      guard();
      const one = waiting.shift();
      if (one !== undefined) {
        add(one);
        acknowledged++;
      }
      return Promise.resolve({ acknowledgedSeq: acknowledged, left: waiting.length });
    },
    pull: (since, limit) => {
      calls.pull++;
      guard();
      const events = stream.slice(since, since + limit);
      return Promise.resolve({
        epoch,
        events,
        head: stream.length,
        streamHash: hashAt(since + events.length),
      });
    },
    want: () => Promise.resolve({ want: [] }),
    donate: () => Promise.reject(new CodedError('CENTRAL_BAD_ANSWER')),
    snapshot: (before, limit) => {
      const from = Math.max(0, before - 1 - limit);
      const events = stream.slice(from, before - 1);
      return Promise.resolve({
        epoch,
        events,
        head: stream.length,
        streamHash: hashAt(before - 1),
        streamHashBefore: hashAt(from),
      });
    },
  };
  return {
    port,
    faults,
    calls,
    waiting,
    add,
    /** The server comes back from an older backup. */
    restore(to: number) {
      stream.length = to;
      acknowledged = 0;
      epoch = 'e2';
    },
    /** Somebody changed the past without saying so. */
    tamper(cursor: number, text: string) {
      stream[cursor - 1] = { cursor, bytes: text, hash: hashText(text) };
    },
  };
}

function memoryStore(): SyncStore & {
  texts: string[];
  acknowledged: number;
  forgotten: number;
  releveled: number;
} {
  let position: StreamPosition = { epoch: '', cursor: 0, streamHash: STREAM_HASH_OF_NOTHING };
  let points: Checkpoint[] = [];
  const hashAt = (cursor: number): string =>
    [position, ...points].find((point) => point.cursor === cursor)?.streamHash ?? STREAM_HASH_OF_NOTHING;
  const store = {
    texts: [] as string[],
    acknowledged: 0,
    forgotten: 0,
    position: () => Promise.resolve(position),
    acknowledge(seq: number) {
      store.acknowledged = Math.max(store.acknowledged, seq);
      return Promise.resolve();
    },
    applyPage(page: { epoch: string; events: PulledEvent[]; streamHash: string }) {
      const streamHash = page.events.reduce(
        (hash, event) => nextStreamHash(hash, event.hash),
        position.streamHash,
      );
      if (streamHash !== page.streamHash) return Promise.resolve(false);
      store.texts.push(...page.events.map((event) => event.bytes));
      position = { epoch: page.epoch, cursor: position.cursor + page.events.length, streamHash };
      points = addCheckpoint(points, position);
      return Promise.resolve(true);
    },
    releveled: 0,
    relevel() {
      store.releveled++;
      return Promise.resolve();
    },
    forgetOrder(epoch: string, after: number) {
      store.forgotten++;
      store.texts = store.texts.slice(0, after);
      position = { epoch, cursor: after, streamHash: hashAt(after) };
      points = points.filter(({ cursor }) => cursor < after);
      return Promise.resolve();
    },
    checkpoints: () => Promise.resolve(points),
    heads: () => Promise.resolve([]),
    heldRange: () => Promise.resolve([]),
    beginAt: () => Promise.resolve(),
    backfill: () => Promise.resolve(null),
    applyBackfill: () => Promise.resolve(false),
  };
  return store;
}

function rig() {
  const time = handTime();
  const central = memoryCentral();
  const store = memoryStore();
  const seen: SyncStatus[] = [];
  const engine = createSyncEngine({
    store,
    central: central.port,
    time,
    onStatus: (status) => seen.push(status),
  });
  return { time, central, store, engine, seen };
}

describe('the sync engine', () => {
  it('pushes what waits, pulls what is new, and then rests', async () => {
    const { time, central, store, engine } = rig();
    central.add('other-1');
    central.waiting.push('own-1', 'own-2');
    engine.nudge();
    await time.pass(0);
    expect(store.texts).toEqual(['other-1', 'own-1', 'own-2']);
    expect(store.acknowledged).toBe(2);
    expect(engine.status().phase).toBe('idle');
    expect(central.calls).toEqual({ hello: 1, push: 2, pull: 1 });
  });

  it('makes a round every half minute although every hint was lost', async () => {
    const { time, central, store, engine } = rig();
    engine.nudge();
    await time.pass(0);
    central.add('news');
    await time.pass(IDLE_MS + 1);
    expect(store.texts).toEqual(['news']);
  });

  it('with the line down says offline, tries again with pauses, and is level within 5 s of the line coming back', async () => {
    const { time, central, store, engine } = rig();
    central.faults.down = true;
    central.waiting.push('own-1');
    engine.nudge();
    await time.pass(120_000);
    expect(engine.status()).toMatchObject({ phase: 'offline', error: 'CENTRAL_UNREACHABLE' });
    const attempts = central.calls.hello;
    expect(attempts).toBeGreaterThan(20);
    expect(attempts).toBeLessThan(30);
    central.faults.down = false;
    await time.pass(RETRY_MS.at(-1)! + 1);
    expect(store.texts).toEqual(['own-1']);
  });

  it('a busy counter does not turn a dead line into a tight loop', async () => {
    const { time, central, engine } = rig();
    central.faults.down = true;
    engine.nudge();
    await time.pass(10);
    for (let i = 0; i < 100; i++) engine.nudge();
    await time.pass(10);
    expect(central.calls.hello).toBe(1);
  });

  it('a nudge in the middle of a round is not forgotten', async () => {
    const { time, central, store, engine } = rig();
    engine.nudge();
    engine.nudge();
    central.add('late');
    engine.nudge();
    await time.pass(5);
    expect(store.texts).toContain('late');
  });

  it('an answer lost after the server committed does no harm', async () => {
    const { time, central, store, engine } = rig();
    engine.nudge();
    await time.pass(0);
    central.waiting.push('own-1');
    const push = central.port.push.bind(central.port);
    central.port.push = async () => {
      await push();
      central.port.push = push;
      throw new CodedError('CENTRAL_UNREACHABLE');
    };
    engine.nudge();
    await time.pass(1000);
    expect(store.texts).toEqual(['own-1']);
    expect(store.acknowledged).toBe(1);
  });

  it('a server restored from yesterday is noticed and its order is learnt anew', async () => {
    const { time, central, store, engine } = rig();
    for (const text of ['a', 'b', 'c']) central.add(text);
    engine.nudge();
    await time.pass(0);
    central.restore(1);
    central.waiting.push('b', 'c');
    await time.pass(IDLE_MS + RETRY_MS[0] + 10);
    expect(store.forgotten).toBeGreaterThan(0);
    expect(store.texts).toEqual(['a', 'b', 'c']);
  });

  it('a changed past is noticed by the stream hash although the epoch says nothing', async () => {
    const { time, central, store, engine } = rig();
    for (const text of ['a', 'b']) central.add(text);
    engine.nudge();
    await time.pass(0);
    central.tamper(1, 'A');
    central.add('c');
    await time.pass(IDLE_MS + RETRY_MS[0] + 10);
    expect(store.forgotten).toBeGreaterThan(0);
    expect(store.texts).toEqual(['A', 'b', 'c']);
  });

  it('a fork found while pushing makes the store read the journal again', async () => {
    const { time, central, store, engine } = rig();
    engine.nudge();
    await time.pass(0);
    central.faults.next.push(new CodedError('CENTRAL_FORK'));
    engine.nudge();
    await time.pass(RETRY_MS[0] + 1);
    expect(store.releveled).toBe(1);
    expect(engine.status().phase).toBe('idle');
  });

  it('a refused device is told so and keeps everything', async () => {
    const { time, central, store, engine } = rig();
    central.faults.next.push(new CodedError('CENTRAL_DEVICE_REFUSED'));
    central.waiting.push('own-1');
    engine.nudge();
    await time.pass(0);
    expect(engine.status().phase).toBe('refused');
    await time.pass(RETRY_MS[0] + 1);
    expect(store.texts).toEqual(['own-1']);
  });

  it('stops: no timer and no call is left behind', async () => {
    const { time, central, engine } = rig();
    engine.nudge();
    await time.pass(0);
    await engine.stop();
    const calls = { ...central.calls };
    engine.nudge();
    await time.pass(IDLE_MS * 3);
    expect(central.calls).toEqual(calls);
  });
});
