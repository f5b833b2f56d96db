import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LineState } from '../../../shared/contract/central.ts';
import { useLine } from '../../../renderer/src/stores/line.ts';
import { acceptedBody } from '../../fixtures/cases.ts';
import { setUp } from '../fakes.ts';

const NOON = new Date('2026-11-21T12:00:00').getTime();

describe('the light of the line', () => {
  let world: ReturnType<typeof setUp>;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    vi.setSystemTime(NOON);
    world = setUp();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const say = (state: LineState['state'], lastAnswerAt: number | null): void =>
    world.machine.tell('central.state', { server: 'x', state, lastAnswerAt, acknowledgedSeq: 0 });
  const accept = (): Promise<void> =>
    world.store.db.save('cmd-accept-1', [{ type: 'case.accepted', agg: 'case/1', body: acceptedBody(1) }]);

  it("is green with the server's word and its time", async () => {
    const line = useLine();
    await line.load();
    expect(line.shown).toMatchObject({ state: 'synced', tone: 'ok', params: { time: '12:00' } });
  });

  it('is not green while something has not been sent', async () => {
    const line = useLine();
    await line.load();
    await accept();
    await vi.advanceTimersByTimeAsync(10);
    expect(line.shown).toMatchObject({ state: 'sending', params: { n: 1 } });
    world.store.markSent('case/1');
    await vi.advanceTimersByTimeAsync(10);
    expect(line.shown.state).toBe('synced');
  });

  it('goes out by itself when the server has been silent too long, whatever anybody last said', async () => {
    const line = useLine();
    await line.load();
    expect(line.shown.state).toBe('synced');
    await vi.advanceTimersByTimeAsync(80_000);
    expect(line.shown).toMatchObject({ state: 'offline', tone: 'warn', key: 'line.offlineClean' });
  });

  it('counts what waits while offline and says since when', async () => {
    const line = useLine();
    await line.load();
    await accept();
    world.store.setOldestUnsent('2026-11-21T09:12:00');
    say('offline', NOON - 60_000);
    await line.load();
    say('offline', NOON - 60_000);
    expect(line.shown).toMatchObject({ key: 'line.offlineUnsent', params: { n: 1, time: '09:12' } });
  });

  it('names the day when the oldest is of another one', async () => {
    const line = useLine();
    await accept();
    world.store.setOldestUnsent('2026-11-19T09:12:00');
    await line.load();
    say('offline', null);
    expect(line.shown.params).toMatchObject({ time: '11-19 09:12' });
  });

  it('says since when, when what should be on its way does not move', async () => {
    const line = useLine();
    await accept();
    world.store.setOldestUnsent('2026-11-21T11:59:00');
    await line.load();
    expect(line.shown).toMatchObject({ state: 'sending', key: 'line.sending' });
    world.store.setOldestUnsent('2026-11-21T11:40:00');
    await line.load();
    expect(line.shown).toMatchObject({ key: 'line.sendingSince', params: { n: 1, time: '11:40' } });
  });

  it('says when the server does not accept this PC, and when there is none', async () => {
    const line = useLine();
    await line.load();
    say('refused', NOON);
    expect(line.shown).toMatchObject({ state: 'refused', tone: 'bad' });
    say('unset', null);
    expect(line.shown).toMatchObject({ state: 'unset', tone: 'warn' });
  });

  it('is connecting at first, and offline when nobody answers', async () => {
    world.syncStatus.value = { phase: 'idle', lastContactAt: null };
    world.machine.answers['central.status'] = () => ({
      server: 'x',
      state: 'online',
      lastAnswerAt: null,
      acknowledgedSeq: 0,
    });
    const line = useLine();
    await line.load();
    expect(line.shown.state).toBe('connecting');
    await vi.advanceTimersByTimeAsync(6_000);
    expect(line.shown).toMatchObject({ state: 'offline', key: 'line.offlineNever' });
  });
});
