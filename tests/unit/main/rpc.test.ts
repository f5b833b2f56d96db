import type { IpcMain, WebContents } from 'electron';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { maySpeak, pushEvents, serveRpc } from '../../../electron/main/rpc.ts';
import { fakeCore } from '../../fixtures/fake-core.ts';
import { electron, FakeContents, resetWorld, world } from '../../fixtures/fake-electron.ts';

vi.mock('electron', async () => (await import('../../fixtures/fake-electron.ts')).electron);

const ours = { origin: 'app://counter', parent: null, detached: false };

describe('who may speak over IPC', () => {
  it('the main frame of our own page', () => {
    expect(maySpeak(ours)).toBe(true);
  });

  it.each([
    ['a frame that has gone away', null],
    ['a frame within our page', { ...ours, parent: ours }],
    ['a frame that was taken out of its page', { ...ours, detached: true }],
    ['a web page', { ...ours, origin: 'https://evil.example' }],
    ['a page whose origin is opaque (data:, sandboxed)', { ...ours, origin: 'null' }],
    ['a local file', { ...ours, origin: 'file://' }],
    ['another host of our scheme', { ...ours, origin: 'app://counter.evil' }],
    ['our host with a port', { ...ours, origin: 'app://counter:1' }],
    ['our host of another scheme', { ...ours, origin: 'http://counter' }],
    ['an empty origin', { ...ours, origin: '' }],
  ])('not %s', (_, frame) => {
    expect(maySpeak(frame)).toBe(false);
  });
});

describe('the RPC handler', () => {
  let fake: ReturnType<typeof fakeCore>;
  const log = { write: vi.fn() };
  beforeEach(() => {
    resetWorld();
    log.write.mockClear();
    fake = fakeCore();
    serveRpc(electron.ipcMain as unknown as IpcMain, fake.core.handlers, log);
  });
  const invoke = (...args: unknown[]): Promise<unknown> => electron.ipcRenderer.invoke('rpc', ...args);

  it('reaches no handler from a foreign frame, says nothing about why, and notes it', async () => {
    for (const frame of [null, { ...ours, origin: 'https://evil.example' }, { ...ours, parent: {} }]) {
      world.frame = frame;
      await expect(invoke('settings.read', {})).rejects.toThrow(/refused$/);
    }
    expect(fake.received).toEqual([]);
    expect(log.write).toHaveBeenCalledTimes(3);
  });

  it('takes no name that is not text', async () => {
    for (const name of [undefined, 7, ['settings.read'], { name: 'settings.read' }]) {
      await expect(invoke(name, {})).rejects.toThrow(/refused$/);
    }
    expect(fake.received).toEqual([]);
  });
});

describe('what the core says', () => {
  it('reaches our own windows that are still there, and no page that has been led elsewhere', () => {
    const fake = fakeCore();
    const [counter, gone, astray] = [new FakeContents(), new FakeContents(), new FakeContents()];
    gone.destroyed = true;
    astray.url = 'https://evil.example/';
    const sends = [counter, gone, astray].map((contents) => vi.spyOn(contents, 'send'));
    const end = pushEvents(fake.core, () => [counter, gone, astray] as unknown as WebContents[]);
    fake.emit('central.hint', { head: 1 });
    expect(sends.map((send) => send.mock.calls)).toEqual([[['event', 'central.hint', { head: 1 }]], [], []]);
    end();
    expect(fake.listeners()).toBe(0);
  });
});
