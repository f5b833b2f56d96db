import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CodedError } from '../../../shared/contract/errors.ts';
import { useClerks } from '../../../renderer/src/stores/clerks.ts';
import { useDevice } from '../../../renderer/src/stores/device.ts';
import { setUp } from '../fakes.ts';
import { NO_CLERKS } from '../sync-samples.ts';

const LI = { id: 'w2', name: '李伟' };
const NOON = new Date('2026-11-21T12:00:00').getTime();

describe('clerks', () => {
  let world: ReturnType<typeof setUp>;
  let state = NO_CLERKS;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    vi.setSystemTime(NOON);
    localStorage.clear();
    state = { ...NO_CLERKS, required: true, idleMinutes: 10 };
    world = setUp({
      answers: {
        'clerk.state': () => state,
        'clerk.list': () => [{ id: 'w1', name: '王丽' }, LI],
        'clerk.signIn': ({ id, secret }) => {
          if (secret === 'five') {
            state = { ...state, lockedUntil: Date.now() + 300_000 };
            throw new CodedError('CLERK_LOCKED');
          }
          if (secret !== '123456') throw new CodedError('CLERK_WRONG_SECRET');
          state = { ...state, clerk: { ...LI, id, roles: ['window'] } };
          return { ...LI, id, roles: ['window'], how: 'offline' };
        },
        'clerk.signOut': () => {
          state = { ...state, clerk: null };
          return {};
        },
      },
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  async function ready() {
    const clerks = useClerks();
    await useDevice().load();
    await clerks.load();
    return clerks;
  }

  it('are not asked for when the hall has none: everything is as it was', async () => {
    state = NO_CLERKS;
    const clerks = await ready();
    expect(clerks.needed).toBe(false);
    await clerks.signOut();
    expect(world.machine.callsOf('clerk.signOut')).toEqual([]);
    expect(world.services.clerk.value.id).toBe('clerk-1');
  });

  it('stand on every event once they signed in, whatever the settings say', async () => {
    const clerks = await ready();
    expect(clerks.needed).toBe(true);
    expect(await clerks.signIn('w2', '123456')).toBe(true);
    expect(clerks.needed).toBe(false);
    expect(world.services.clerk.value).toEqual(LI);
    await useDevice().load();
    expect(world.services.clerk.value).toEqual(LI);
    expect(world.store.events.at(-1)).toMatchObject({ type: 'clerk.signedIn', body: { how: 'offline' } });
  });

  it('hear what went wrong, and how long a lock still lasts', async () => {
    const clerks = await ready();
    expect(await clerks.signIn('w2', 'x')).toBe(false);
    expect(clerks.problem).toBe('CLERK_WRONG_SECRET');
    expect(clerks.lockedSeconds).toBe(0);
    await clerks.signIn('w2', 'five');
    expect(clerks.problem).toBe('CLERK_LOCKED');
    expect(clerks.lockedSeconds).toBe(300);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(clerks.lockedSeconds).toBe(240);
  });

  it('are locked out of the window when nobody has touched it for the minutes of the policy', async () => {
    const clerks = await ready();
    await clerks.signIn('w2', '123456');
    await vi.advanceTimersByTimeAsync(9 * 60_000);
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'a' }));
    await vi.advanceTimersByTimeAsync(9 * 60_000);
    expect(clerks.needed).toBe(false);
    await vi.advanceTimersByTimeAsync(2 * 60_000);
    expect(clerks.needed).toBe(true);
    expect(clerks.closed).toBe('idle');
    expect(world.machine.callsOf('clerk.signOut')).toHaveLength(1);
  });

  it('stay when the policy names no minutes', async () => {
    state = { ...state, idleMinutes: null };
    const clerks = await ready();
    await clerks.signIn('w2', '123456');
    await vi.advanceTimersByTimeAsync(60 * 60_000);
    expect(clerks.needed).toBe(false);
  });
});
