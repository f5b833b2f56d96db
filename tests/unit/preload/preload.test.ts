import { beforeEach, describe, expect, it, vi } from 'vitest';
import { METHOD_NAMES } from '../../../shared/contract/names.ts';
import { electron, FakeContents, resetWorld, world } from '../../fixtures/fake-electron.ts';

vi.mock('electron', async () => (await import('../../fixtures/fake-electron.ts')).electron);
await import('../../../electron/preload/index.ts');

interface Exposed {
  call(name: string, input: unknown): Promise<unknown>;
  on(name: string, listener: (...args: unknown[]) => void): () => void;
}
const page = world.exposed.get('zongchuang') as Exposed;

describe('what the page can reach', () => {
  let asked: unknown[][];
  beforeEach(() => {
    resetWorld();
    asked = [];
    world.handlers.set('rpc', (_event, ...args) => {
      asked.push(args);
      return { ok: true, value: {} };
    });
  });

  it('is two functions under one name', () => {
    expect([...world.exposed.keys()]).toEqual(['zongchuang']);
    expect(Object.keys(page).sort()).toEqual(['call', 'on']);
  });

  it('every method of the contract, on one channel', async () => {
    for (const name of METHOD_NAMES) await page.call(name, { n: 1 });
    expect(asked).toEqual(METHOD_NAMES.map((name) => [name, { n: 1 }]));
  });

  it.each(['rpc', 'event', 'constructor', '__proto__', 'ELECTRON_BROWSER_PRINT', 'card', ''])(
    'nothing called %j, and the main process hears nothing of it',
    async (name) => {
      expect(await page.call(name, {})).toEqual({ ok: false, error: { code: 'WIRE_UNKNOWN_METHOD' } });
      expect(asked).toEqual([]);
    },
  );

  it('a name that is no text is not a name', async () => {
    const sly = { toString: () => 'app.boot' } as unknown as string;
    expect(await page.call(sly, {})).toMatchObject({ ok: false });
    expect(asked).toEqual([]);
  });

  it('hears the payload alone, never the event object, and only what it asked for', () => {
    const heard: unknown[][] = [];
    page.on('central.hint', (...args) => heard.push(args));
    const contents = new FakeContents();
    contents.send('event', 'central.hint', { head: 3 });
    contents.send('event', 'print.state', { key: 'x' });
    expect(heard).toEqual([[{ head: 3 }]]);
  });

  it('hears no event that is not in the contract', () => {
    const heard: unknown[] = [];
    page.on('anything', (payload) => heard.push(payload));
    new FakeContents().send('event', 'anything', 1);
    expect(heard).toEqual([]);
    expect(electron.ipcRenderer.listenerCount('event')).toBe(0);
  });

  it('stops hearing when it says so', () => {
    const heard: unknown[] = [];
    const end = page.on('central.hint', (payload) => heard.push(payload));
    end();
    end();
    new FakeContents().send('event', 'central.hint', { head: 3 });
    expect(heard).toEqual([]);
    expect(electron.ipcRenderer.listenerCount('event')).toBe(0);
  });
});
