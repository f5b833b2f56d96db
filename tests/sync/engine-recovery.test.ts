import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodedError, type ErrorCode } from '../../shared/contract/errors.ts';
import { BACKFILL_FROM, IDLE_MS, PAGE, RETRY_MS } from '../../shared/sync/engine.ts';
import { CALL_LIMIT_MS, STORE_LIMIT_MS } from '../../shared/sync/limited.ts';
import { rig } from '../fixtures/engine-rig.ts';

const RUNS = Number(process.env['ZC_RUNS'] ?? 100);
const texts = (count: number): string[] => Array.from({ length: count }, (_, n) => `event ${n + 1}`);

async function ready(stream: string[]) {
  const made = rig();
  stream.forEach(made.central.add);
  made.engine.nudge();
  await made.time.pass(0);
  made.central.said.length = 0;
  return made;
}

describe('after the server came back from a backup', () => {
  it('own events go first, then what others had, and only then the lost order is forgotten', async () => {
    const { time, central, store } = await ready(texts(5));
    central.restore(2);
    central.waiting.push('own');
    const forget = store.forgetOrder.bind(store);
    store.forgetOrder = (epoch, after) => {
      central.said.push(`forget ${after}`);
      return forget(epoch, after);
    };
    await time.pass(IDLE_MS + RETRY_MS[0] + 10);
    const from = central.said.lastIndexOf('hello');
    expect(central.said.slice(from)).toEqual(['hello', 'push', 'want', 'donate', 'forget 0', 'pull']);
    expect(store.texts).toEqual(['event 1', 'event 2', 'own', 'event 3', 'event 4', 'event 5']);
    expect(central.lost).toEqual([]);
  });

  it('only what lies beyond the last common place is read again', async () => {
    const { time, central, store, engine } = await ready(texts(4));
    for (const text of ['e', 'f', 'g', 'h']) {
      central.add(text);
      engine.nudge();
      await time.pass(1);
    }
    central.restore(6);
    await time.pass(IDLE_MS + RETRY_MS[0] + 10);
    expect(store.forgotten).toEqual([6]);
    expect(store.texts).toEqual([...texts(4), 'e', 'f', 'g', 'h']);
  });

  it('a line that breaks while giving back begins anew, and nothing is forgotten before', async () => {
    const { time, central, store, engine } = await ready(texts(3));
    central.restore(1);
    const donate = central.port.donate.bind(central.port);
    let broken = 0;
    central.port.donate = (given) => {
      if (broken++ < 2) return Promise.reject(new CodedError('CENTRAL_UNREACHABLE'));
      expect(store.forgotten).toEqual([]);
      return donate(given);
    };
    await time.pass(IDLE_MS + 10_000);
    expect(broken).toBe(3);
    expect(store.texts).toEqual(texts(3));
    expect(engine.status().phase).toBe('idle');
  });

  it('a server that takes no donations, or does not know them, stops nobody', async () => {
    const { time, central, store, engine } = await ready(texts(3));
    central.restore(1);
    central.port.want = () => Promise.reject(new CodedError('CENTRAL_BAD_ANSWER', 'want: not-found'));
    await time.pass(IDLE_MS + RETRY_MS[0] + 10);
    expect(engine.status().phase).toBe('idle');
    expect(store.texts).toEqual(['event 1', 'event 2', 'event 3']);
    expect((await store.position()).cursor).toBe(1);
  });
});

describe('an empty store in a big hall', () => {
  const BIG = 4 * PAGE + 7;

  it('begins with the newest, hears what is new first, and fills backwards to the beginning', async () => {
    const { central, store, engine } = await ready(texts(BIG));
    expect(engine.status().phase).toBe('idle');
    expect(store.texts).toEqual(texts(BIG));
    expect(await store.backfill()).toBeNull();
    expect((await store.position()).cursor).toBe(BIG);
    expect(central.calls.pull).toBe(1);
    expect(central.calls.snapshot).toBe(Math.ceil(BIG / PAGE));
  });

  it('a save in the middle goes out before the past is read on, and the line may break anywhere', async () => {
    const made = rig();
    texts(BIG).forEach(made.central.add);
    const snapshot = made.central.port.snapshot.bind(made.central.port);
    let pages = 0;
    made.central.port.snapshot = (before, limit) => {
      pages++;
      if (pages === 3) {
        made.central.waiting.push('own');
        made.engine.nudge();
      }
      if (pages === 5) expect(made.store.texts).toContain('own');
      return pages === 5 ? Promise.reject(new CodedError('CENTRAL_UNREACHABLE')) : snapshot(before, limit);
    };
    made.engine.nudge();
    await made.time.pass(2_000);
    expect(made.store.texts).toEqual([...texts(BIG), 'own']);
    // One page that broke, and what was asked ahead before the save.
    expect(pages).toBeLessThanOrEqual(Math.ceil(BIG / PAGE) + 2);
  });

  it('a past that does not lead to the known present is not taken, and the present goes on', async () => {
    const made = rig();
    texts(BIG).forEach(made.central.add);
    const snapshot = made.central.port.snapshot.bind(made.central.port);
    made.central.port.snapshot = async (before, limit) => {
      const page = await snapshot(before, limit);
      if (before > BIG) return page;
      const [first, ...rest] = page.events;
      return { ...page, events: [{ ...first!, hash: 'f'.repeat(64), bytes: 'forged' }, ...rest] };
    };
    made.engine.nudge();
    await made.time.pass(1_000);
    made.central.add('news');
    await made.time.pass(10_000);
    expect(made.store.texts).not.toContain('forged');
    expect(made.store.texts).toContain('news');
    expect(made.engine.status()).toMatchObject({ phase: 'offline', error: 'CENTRAL_EPOCH_CHANGED' });
  });

  it('a server that has no such call is read from the beginning', async () => {
    const made = rig();
    texts(BIG).forEach(made.central.add);
    made.central.port.snapshot = () => Promise.reject(new CodedError('CENTRAL_BAD_ANSWER', 'not-found'));
    made.engine.nudge();
    await made.time.pass(0);
    expect(made.store.texts).toEqual(texts(BIG));
  });

  it('a small hall is read from the beginning at once', async () => {
    const { central } = await ready(texts(BACKFILL_FROM));
    expect(central.calls.snapshot).toBe(0);
  });
});

describe('nothing stands still and says nothing', () => {
  it('a cloned device reads its journal again under the new name and goes on', async () => {
    const made = rig();
    made.central.actions.push('cloned');
    made.central.waiting.push('own');
    made.engine.nudge();
    await made.time.pass(0);
    expect(made.store.releveled).toBe(1);
    expect(made.store.texts).toEqual(['own']);
  });

  it('what cannot be sent is said, and does not keep news away', async () => {
    const { time, central, store, engine } = await ready(['a']);
    central.port.push = () => Promise.reject(new CodedError('CENTRAL_BAD_ANSWER', 'push: event 7'));
    central.add('news');
    engine.nudge();
    await time.pass(1);
    expect(store.texts).toEqual(['a', 'news']);
    expect(engine.status()).toMatchObject({ phase: 'offline', error: 'CENTRAL_BAD_ANSWER' });
  });

  it('a server that takes nothing and says so politely is not asked in a tight loop', async () => {
    const { time, central, engine } = await ready([]);
    central.port.push = () => {
      central.calls.push++;
      return Promise.resolve({ acknowledgedSeq: 0, left: 3 });
    };
    central.calls.push = 0;
    engine.nudge();
    await time.pass(60_000);
    expect(central.calls.push).toBeLessThan(40);
    expect(engine.status()).toMatchObject({ error: 'CENTRAL_BAD_ANSWER' });
  });

  it('a page that never fits is not asked for in a tight loop, and after a second time all is read again', async () => {
    const { time, central, store, engine } = await ready(['a', 'b']);
    const pull = central.port.pull.bind(central.port);
    let broken = true;
    central.port.pull = async (since, limit) => {
      const page = await pull(since, limit);
      return broken && since > 0 ? { ...page, streamHash: 'f'.repeat(64) } : page;
    };
    central.add('c');
    engine.nudge();
    await time.pass(2_000);
    expect(store.forgotten).toEqual([0]);
    broken = false;
    await time.pass(10_000);
    expect(store.texts).toEqual(['a', 'b', 'c']);
  });

  it('a busy server is left alone between the attempts', async () => {
    const { time, central, engine } = await ready([]);
    central.port.push = () => {
      central.calls.push++;
      return Promise.reject(new CodedError('CENTRAL_BUSY'));
    };
    central.calls.push = 0;
    engine.nudge();
    await time.pass(60_000);
    expect(central.calls.push).toBeLessThan(20);
    expect(engine.status()).toMatchObject({ phase: 'offline', error: 'CENTRAL_BUSY' });
  });

  it('a listener that fails does not stop the sync', async () => {
    const made = rig(() => {
      throw new Error('listener');
    });
    made.central.waiting.push('own');
    made.engine.nudge();
    await made.time.pass(0);
    expect(made.store.texts).toEqual(['own']);
  });

  type Fault = 'unreachable' | 'busy' | 'epoch' | 'fork' | 'bad' | 'throws' | 'hangs' | 'lost' | 'none';
  const CODES: Partial<Record<Fault, ErrorCode>> = {
    unreachable: 'CENTRAL_UNREACHABLE',
    busy: 'CENTRAL_BUSY',
    epoch: 'CENTRAL_EPOCH_CHANGED',
    fork: 'CENTRAL_FORK',
    bad: 'CENTRAL_BAD_ANSWER',
  };
  /** Makes every call of a port go through the next fault. */
  function haunt(port: object, next: () => Fault): void {
    const calls = port as Record<string, unknown>;
    for (const name of Object.keys(calls)) {
      const real = calls[name];
      if (typeof real !== 'function') continue;
      const call = real as (...args: unknown[]) => Promise<unknown>;
      calls[name] = (...args: unknown[]) => {
        const fault = next();
        const code = CODES[fault];
        if (fault === 'throws') throw new TypeError('a port that throws');
        if (fault === 'hangs') return new Promise(() => undefined);
        if (code) return Promise.reject(new CodedError(code));
        // Done, and the answer lost on the way.
        if (fault === 'lost')
          return call(...args).then(() => Promise.reject(new CodedError('CENTRAL_UNREACHABLE')));
        return call(...args);
      };
    }
  }

  it('whatever fails, hangs or is lost, in whatever call: 60 s after it heals everything is level', async () => {
    const fault = fc.constantFrom<Fault[]>(
      ...([
        'unreachable',
        'busy',
        'epoch',
        'fork',
        'bad',
        'throws',
        'hangs',
        'lost',
        'none',
        'none',
      ] as const),
    );
    const world = fc.record({
      faults: fc.array(fault, { minLength: 1, maxLength: 40 }),
      own: fc.nat(4),
      others: fc.nat(5),
      restoreTo: fc.option(fc.nat(3)),
    });
    await fc.assert(
      fc.asyncProperty(world, async ({ faults, own, others, restoreTo }) => {
        const { time, central, store, engine } = await ready(texts(3));
        const left = [...faults];
        haunt(central.port, () => left.shift() ?? 'none');
        haunt(store, () => left.shift() ?? 'none');
        if (restoreTo !== null) central.restore(restoreTo);
        central.waiting.push(...Array.from({ length: own }, (_, n) => `own ${n}`));
        for (let n = 0; n < others; n++) central.add(`other ${n}`);
        engine.nudge();
        for (let waited = 0; left.length > 0 && waited < 400; waited++) await time.pass(STORE_LIMIT_MS / 4);
        expect(left).toEqual([]);
        await time.pass(Math.max(CALL_LIMIT_MS, STORE_LIMIT_MS) + 60_000);
        expect(engine.status().phase).toBe('idle');
        expect(central.waiting).toEqual([]);
        expect(store.texts.slice(0, central.stream.length)).toEqual(central.stream.map(({ bytes }) => bytes));
        await engine.stop();
        expect(time.waiting()).toBe(0);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);
});
