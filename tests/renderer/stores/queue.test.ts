import { beforeEach, describe, expect, it, vi } from 'vitest';
import { CodedError } from '../../../shared/contract/errors.ts';
import { useClock } from '../../../renderer/src/stores/clock.ts';
import { useQueue } from '../../../renderer/src/stores/queue.ts';
import { useStrip } from '../../../renderer/src/stores/strip.ts';
import { DEVICE, setUp, settle } from '../fakes.ts';

describe('the queue', () => {
  let world: ReturnType<typeof setUp>;
  beforeEach(() => {
    world = setUp();
  });
  const types = (): string[] => world.store.events.map(({ type }) => type);

  it('gives out numbers of its own series in order, each printed once', async () => {
    const queue = useQueue();
    await queue.take();
    await queue.take();
    await settle();
    expect(queue.waiting.map(({ no }) => no)).toEqual(['A001', 'A002']);
    expect(queue.lastTaken?.no).toBe('A002');
    expect(world.printed.map(({ key }) => key)).toEqual([
      `ticket/${useClock().day}-A001:ticket:1`,
      `ticket/${useClock().day}-A002:ticket:1`,
    ]);
  });

  it('calls appointments first, then priority, then by order of taking', async () => {
    const queue = useQueue();
    await queue.take('normal');
    await queue.take('priority');
    await queue.take('appointment');
    expect(queue.waiting.map(({ no }) => no)).toEqual(['A003', 'A002', 'A001']);
    expect(queue.waitingByClass).toEqual({ normal: 1, priority: 1, appointment: 1 });
    await queue.callNext();
    expect(queue.current).toMatchObject({ no: 'A003', station: DEVICE.station, status: 'called' });
  });

  it('ends the number at this window in the same command as the next call', async () => {
    const queue = useQueue();
    await queue.take();
    await queue.take();
    await queue.callNext();
    await queue.callNext();
    expect(types().slice(2)).toEqual(['ticket.called', 'ticket.finished', 'ticket.called']);
    const together = [...world.store.commands.values()].at(-1);
    expect(together?.map(({ type }) => type)).toEqual(['ticket.finished', 'ticket.called']);
    expect(queue.current?.no).toBe('A002');
  });

  it('asks the server before it calls, under the id the fact gets', async () => {
    const queue = useQueue();
    await queue.take();
    await queue.callNext();
    const [asked] = world.machine.callsOf('central.ask');
    expect(asked).toMatchObject({ type: 'ticket.called', body: { station: DEVICE.station } });
    expect([...world.store.commands.keys()]).toContain(asked!.cmd);
    expect(useStrip().message).toBeNull();
  });

  it('does not call a number the server refuses, and calls the next one', async () => {
    const queue = useQueue();
    await queue.take();
    await queue.take();
    world.machine.answers['central.ask'] = ({ agg }) =>
      agg.endsWith('A001') ? { answer: 'refused', reason: 'called-twice', by: 'W9' } : { answer: 'granted' };
    await queue.callNext();
    expect(queue.current?.no).toBe('A002');
    expect(queue.waiting).toEqual([]);
    expect(useStrip().message).toMatchObject({ key: 'queue.calledBy', params: { no: 'A001', by: '9' } });
  });

  it('goes on with the fact after one second without an answer, and says so', async () => {
    vi.useFakeTimers();
    try {
      const queue = useQueue();
      await queue.take();
      world.machine.answers['central.ask'] = () => new Promise(() => undefined);
      const calling = queue.callNext();
      await vi.advanceTimersByTimeAsync(900);
      expect(queue.current).toBeNull();
      await vi.advanceTimersByTimeAsync(101);
      await calling;
      expect(queue.current?.no).toBe('A001');
      expect(useStrip().message?.key).toBe('queue.calledOffline');
    } finally {
      vi.useRealTimers();
    }
  });

  it('recalls, ends and marks as not come only what it is serving', async () => {
    const queue = useQueue();
    await queue.recall();
    await queue.noShow();
    await queue.finish();
    expect(types()).toEqual([]);
    await queue.take();
    await queue.callNext();
    await queue.recall();
    expect(queue.current?.recalls).toBe(1);
    await queue.noShow();
    expect(queue.current).toBeNull();
    expect(types().at(-1)).toBe('ticket.noShow');
  });

  it('says what the server saw and keeps the refusal, and does not ask again for what another has', async () => {
    const queue = useQueue();
    await queue.take();
    world.machine.answers['central.ask'] = () => ({ answer: 'refused', reason: 'called-twice', by: 'W5' });
    await queue.callNext();
    expect(types()).toEqual(['ticket.taken']);
    expect(useStrip().message).toMatchObject({
      tone: 'warn',
      key: 'queue.calledByLast',
      params: { no: 'A001', by: '5' },
    });
    const [asked] = world.machine.callsOf('central.ask');
    expect(asked?.seen.last).toBe(world.store.events[0]?.hash);
    expect(await world.store.db.refused()).toMatchObject([{ reason: 'called-twice', by: 'W5' }]);
    await queue.callNext();
    expect(world.machine.callsOf('central.ask')).toHaveLength(1);
    expect(useStrip().message?.key).toBe('queue.nobodyWaits');
  });

  it('says once that the server does not answer', async () => {
    const queue = useQueue();
    await queue.take();
    await queue.take();
    world.machine.answers['central.ask'] = () => ({ answer: 'offline' });
    await queue.callNext();
    expect(useStrip().message?.key).toBe('queue.calledOffline');
    await queue.callNext();
    expect(queue.current?.no).toBe('A002');
    expect(useStrip().message).toBeNull();
  });

  it('says so when nobody waits', async () => {
    await useQueue().callNext();
    expect(useStrip().message?.key).toBe('queue.nobodyWaits');
    expect(types()).toEqual([]);
  });

  it('takes one press for one deed', async () => {
    const queue = useQueue();
    await queue.take();
    await Promise.all([queue.callNext(), queue.callNext()]);
    expect(types().filter((type) => type === 'ticket.called')).toHaveLength(1);
  });

  it('goes on after a failure, which it says in words', async () => {
    const queue = useQueue();
    world.store.failNextSave(new CodedError('JOURNAL_WRITE_FAILED'));
    await queue.take();
    expect(useStrip().message).toMatchObject({ tone: 'bad', key: 'error.JOURNAL_WRITE_FAILED' });
    expect(queue.busy).toBe(false);
    await queue.take();
    expect(queue.waiting).toHaveLength(1);
  });

  it('knows how long the longest has waited', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    vi.setSystemTime(new Date('2026-11-21T10:00:00'));
    world = setUp();
    const queue = useQueue();
    await queue.take();
    vi.advanceTimersByTime(18 * 60_000 + 5_000);
    expect(queue.longestWaitMinutes).toBe(18);
    vi.useRealTimers();
  });
});
