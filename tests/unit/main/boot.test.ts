import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { lockProfile } from '../../../electron/adapters/node/profile-lock.ts';
import { fakeCore } from '../../fixtures/fake-core.ts';
import { electron, resetWorld, world } from '../../fixtures/fake-electron.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

vi.mock('electron', async () => (await import('../../fixtures/fake-electron.ts')).electron);
// Makes the mock of this very world, before modules are reset for each boot.
await import('electron');
const machine = vi.hoisted((): { core: unknown } => ({ core: null }));
vi.mock('../../../electron/main/machine.ts', () => ({ createMachine: () => machine.core }));

interface Exposed {
  call(name: string, input: unknown): Promise<unknown>;
}

/** Runs the boot list from its first line, as a new process would, with the given command line. */
async function boot(...args: string[]): Promise<void> {
  vi.resetModules();
  world.firstInstance = !args.includes('not-first');
  process.argv = ['electron', 'out/main/index.js', ...args.filter((arg) => arg !== 'not-first')];
  await import('../../../electron/main/index.ts');
}

describe('the boot list of the Electron shell', () => {
  let fake: ReturnType<typeof fakeCore>;
  let stop: ReturnType<typeof vi.fn>;
  let profile: string;
  const argv = process.argv;

  beforeEach(() => {
    resetWorld();
    vi.clearAllMocks();
    profile = join(temporaryFolder(), 'profile');
    fake = fakeCore();
    fake.core.handlers['central.status'] = () =>
      Promise.resolve({ server: 'http://a', state: 'offline', lastAnswerAt: null, acknowledgedSeq: 0 });
    stop = vi.fn(() => Promise.resolve());
    fake.core.stop = stop as unknown as typeof fake.core.stop;
    machine.core = fake.core;
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
  });
  afterEach(() => {
    process.argv = argv;
    for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'unhandledRejection'] as const) {
      // The boot list belongs to a process of its own; here its listeners must not outlive the test.
      process
        .listeners(event as 'SIGINT')
        .slice(before[event])
        .forEach((listener) => process.off(event, listener));
    }
    vi.restoreAllMocks();
  });
  const before = Object.fromEntries(
    ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'unhandledRejection'].map((event) => [
      event,
      process.listenerCount(event),
    ]),
  ) as Record<string, number>;

  it('closes the doors before the app is ready, and opens one window after', async () => {
    await boot('--profile', profile);
    await vi.waitUntil(() => world.windows.length === 1);
    expect(world.order).toEqual(['sandbox', 'menu null', 'scheme', 'ready']);
    expect(world.switches.get('disable-features')).toContain('IdbSqlite');
    expect(world.paths.get('userData')).toBe(join(profile, 'window', 'electron'));
    expect(electron.session.defaultSession.setPermissionRequestHandler).toHaveBeenCalledOnce();
    expect(world.protocols.has('app')).toBe(true);
    expect(world.windows[0]!.loaded).toEqual(['app://counter/']);
    electron.app.quit();
  });

  it('the page finds the core from its first call, also before it has started', async () => {
    let started: () => void = () => undefined;
    fake.core.start = () => new Promise((resolve) => (started = resolve));
    await boot('--profile', profile);
    await vi.waitUntil(() => world.windows.length === 1);
    await import('../../../electron/preload/index.ts');
    const page = world.exposed.get('zongchuang') as Exposed;
    const answer = page.call('settings.read', {});
    started();
    expect(await answer).toMatchObject({ ok: true });
    electron.app.quit();
  });

  it('a second start comes to this window instead of its own', async () => {
    await boot('--profile', profile);
    await vi.waitUntil(() => world.windows.length === 1);
    electron.app.emit('second-instance', {}, [], '');
    expect(world.windows[0]!.focus).toHaveBeenCalledTimes(1);
    // A plain shell on the same profile asks in its own way.
    expect(await lockProfile(profile)).toEqual({ held: false, shown: true });
    expect(world.windows[0]!.focus).toHaveBeenCalledTimes(2);
    expect(world.windows).toHaveLength(1);
    electron.app.quit();
  });

  it('as the second start it opens nothing and ends with 0', async () => {
    await boot('not-first', '--profile', profile);
    expect(world.exits).toEqual([0]);
    expect(world.windows).toEqual([]);
  });

  it('a profile that a plain shell holds is left to it', async () => {
    const { mkdirSync } = await import('node:fs');
    mkdirSync(profile, { recursive: true });
    const plain = await lockProfile(profile);
    await boot('--profile', profile);
    await vi.waitUntil(() => world.exits.length > 0);
    expect(world.exits).toEqual([0]);
    expect(world.windows).toEqual([]);
    if (plain.held) plain.release();
  });

  it('a wrong server address ends it with 2 and one sentence', async () => {
    await boot('--profile', profile, '--server', 'not-a-url');
    expect(world.exits).toEqual([2]);
    expect(vi.mocked(console.log).mock.calls).toEqual([
      [expect.stringMatching(/服务器地址.*server address/)],
    ]);
  });

  it('quitting stops the core, then frees the profile', async () => {
    await boot('--profile', profile);
    await vi.waitUntil(() => world.windows.length === 1);
    const ended = vi.fn();
    electron.app.on('quit', ended);
    electron.app.emit('window-all-closed');
    await vi.waitUntil(() => ended.mock.calls.length > 0);
    expect(stop).toHaveBeenCalledOnce();
    expect(fake.listeners()).toBe(0);
    const lock = await lockProfile(profile);
    expect(lock.held).toBe(true);
    if (lock.held) lock.release();
  });
});
