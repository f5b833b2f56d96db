import type { App } from 'electron';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createSystemClock } from '../../../electron/adapters/node/clock.ts';
import { openMainWindow, showWindow } from '../../../electron/main/main-window.ts';
import { createPrintWindow } from '../../../electron/main/print-window.ts';
import { orderQuit } from '../../../electron/main/quit-order.ts';
import { mainWindowOptions, printWindowOptions } from '../../../electron/main/window-options.ts';
import { registerWindowScheme, serveWindow } from '../../../electron/main/window-protocol.ts';
import { electron, FakeWindow, resetWorld, world } from '../../fixtures/fake-electron.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

vi.mock('electron', async () => (await import('../../fixtures/fake-electron.ts')).electron);

const files = { preload: '/p/index.cjs', icon: null, packaged: true };
const log = { write: vi.fn() };
beforeEach(resetWorld);

describe('the options of a window', () => {
  it.each([
    ['main', mainWindowOptions(files)],
    ['print', printWindowOptions(files)],
  ])(
    'the %s window is isolated, sandboxed, without Node and, packaged, without developer tools',
    (_, options) => {
      expect(options.show).toBe(false);
      expect(options.webPreferences).toMatchObject({
        preload: '/p/index.cjs',
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInSubFrames: false,
        webSecurity: true,
        webviewTag: false,
        devTools: false,
      });
    },
  );

  it('fits the smallest screens of the halls', () => {
    const { width, height, minWidth, minHeight } = mainWindowOptions(files);
    expect([width, height]).toEqual([1366, 768]);
    expect(minWidth).toBeLessThanOrEqual(1024);
    expect(minHeight).toBeLessThanOrEqual(768);
  });
});

describe('the main window', () => {
  const time = { now: 0 };
  const clock = { ...createSystemClock(), monotonic: () => time.now };
  beforeEach(() => (time.now = 0));

  it('loads our own address and shows itself when something is drawn', () => {
    openMainWindow(files, clock, log);
    const [window] = world.windows;
    expect(window!.loaded).toEqual(['app://counter/']);
    expect(window!.show).not.toHaveBeenCalled();
    window!.emit('ready-to-show');
    expect(window!.show).toHaveBeenCalledOnce();
  });

  it('loads a page again whose process died, but not one that dies again at once', () => {
    openMainWindow(files, clock, log);
    const contents = world.windows[0]!.webContents;
    const die = (reason: string): boolean =>
      contents.emit('render-process-gone', {}, { reason, exitCode: 1 });
    die('crashed');
    expect(contents.reload).toHaveBeenCalledTimes(1);
    time.now = 5_000;
    die('crashed');
    expect(contents.reload).toHaveBeenCalledTimes(1);
    time.now = 60_000;
    die('oom');
    expect(contents.reload).toHaveBeenCalledTimes(2);
    die('clean-exit');
    expect(contents.reload).toHaveBeenCalledTimes(2);
  });

  it('comes out of the task bar for a second start', () => {
    const window = new FakeWindow({});
    window.minimized = true;
    showWindow(window);
    expect(window.restore).toHaveBeenCalledOnce();
    expect(window.focus).toHaveBeenCalledOnce();
  });
});

describe('app://counter', () => {
  const open = (): ((url: string, method?: string) => Promise<Response>) => {
    const folder = temporaryFolder();
    const root = join(folder, 'renderer');
    mkdirSync(join(root, 'assets'), { recursive: true });
    writeFileSync(join(root, 'index.html'), '<p>综窗');
    writeFileSync(join(root, 'assets/a.js'), 'a');
    writeFileSync(join(folder, 'secret.html'), 'secret');
    serveWindow(electron.protocol, root);
    return (url, method = 'GET') => world.protocols.get('app')!({ url, method } as Request);
  };

  it('is registered as an origin of its own before the app is ready', () => {
    registerWindowScheme(electron.protocol);
    expect(world.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
    ]);
  });

  it('serves the page and its assets with the policy', async () => {
    const get = open();
    const page = await get('app://counter/?x=1#/guide');
    expect(await page.text()).toBe('<p>综窗');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('content-type')).toContain('text/html');
    expect((await get('app://counter/assets/a.js')).status).toBe(200);
  });

  it.each([
    'app://counter/../secret.html',
    'app://counter/%2e%2e/secret.html',
    'app://counter/..%2fsecret.html',
    'app://counter/%2e%2e%2fsecret.html',
    'app://counter/%252e%252e%252fsecret.html',
    'app://counter/..%5csecret.html',
    'app://counter/assets/../../secret.html',
    'app://counter/assets/%2e%2e/%2e%2e/secret.html',
  ])('does not serve %s', async (url) => {
    const answer = await open()(url);
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain('secret');
    expect(answer.headers.get('content-security-policy')).not.toBeNull();
  });

  it('serves no other host and takes no other method', async () => {
    const get = open();
    expect((await get('app://evil/index.html')).status).toBe(403);
    expect((await get('app://counter/', 'POST')).status).toBe(405);
  });
});

describe('the print window', () => {
  it('lays papers out one after the other in one hidden window', async () => {
    const print = createPrintWindow(files, createSystemClock());
    const [one, two] = await Promise.all([print.toPdf('#/paper/1'), print.toPdf('#/paper/2')]);
    expect(Buffer.from(one).toString()).toBe('%PDF-');
    expect(two).toHaveLength(5);
    expect(world.windows).toHaveLength(1);
    expect(world.windows[0]!.loaded).toEqual(['app://counter/#/paper/1', 'app://counter/#/paper/2']);
    print.close();
    expect(world.windows[0]!.isDestroyed()).toBe(true);
  });

  it('gives up a page that never comes, throws its window away, and goes on with the next', async () => {
    vi.useFakeTimers();
    try {
      const print = createPrintWindow(files, createSystemClock());
      const load = vi
        .spyOn(FakeWindow.prototype, 'loadURL')
        .mockReturnValueOnce(new Promise(() => undefined));
      const stuck = expect(print.toPdf('#/paper/1')).rejects.toMatchObject({ code: 'PRINT_SPOOL_FAILED' });
      const next = print.toPdf('#/paper/2');
      await vi.advanceTimersByTimeAsync(10_001);
      await stuck;
      expect(await next).toHaveLength(5);
      expect(world.windows.map((window) => window.isDestroyed())).toEqual([true, false]);
      load.mockRestore();
      await vi.advanceTimersByTimeAsync(60_001);
      expect(world.windows[1]!.isDestroyed()).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('quitting', () => {
  it('is held back until the core has stopped, once, whatever else wants to quit meanwhile', async () => {
    let stopped: () => void = () => undefined;
    const stop = vi.fn(() => new Promise<void>((resolve) => (stopped = resolve)));
    const ended = vi.fn();
    electron.app.on('quit', ended);
    const quit = orderQuit(electron.app as unknown as App, stop, createSystemClock());
    electron.app.emit('window-all-closed');
    quit();
    quit();
    expect(stop).toHaveBeenCalledOnce();
    expect(ended).not.toHaveBeenCalled();
    stopped();
    await vi.waitUntil(() => ended.mock.calls.length > 0);
    expect(stop).toHaveBeenCalledOnce();
  });

  it('does not wait longer than 5 s, and not for a failure', async () => {
    vi.useFakeTimers();
    try {
      const ended = vi.fn();
      electron.app.on('quit', ended);
      orderQuit(electron.app as unknown as App, () => new Promise(() => undefined), createSystemClock())();
      await vi.advanceTimersByTimeAsync(4_900);
      expect(ended).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(200);
      expect(ended).toHaveBeenCalledOnce();
      resetWorld();
      electron.app.on('quit', ended);
      orderQuit(electron.app as unknown as App, () => Promise.reject(new Error('x')), createSystemClock())();
      await vi.advanceTimersByTimeAsync(1);
      expect(ended).toHaveBeenCalledTimes(2);
    } finally {
      vi.useRealTimers();
    }
  });
});
