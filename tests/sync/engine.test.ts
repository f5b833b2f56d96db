import { describe, expect, it } from 'vitest';
import { CodedError } from '../../shared/contract/errors.ts';
import { IDLE_MS, RETRY_MS } from '../../shared/sync/engine.ts';
import { rig } from '../fixtures/engine-rig.ts';

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
    expect(central.said).toEqual(['hello', 'push', 'push', 'pull']);
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
    expect(store.forgotten).not.toEqual([]);
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
    expect(store.forgotten).not.toEqual([]);
    // What was here before is not thrown away; it has lost its place.
    expect(store.texts).toEqual(['A', 'b', 'c', 'a']);
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
