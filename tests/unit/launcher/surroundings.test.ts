import { chmodSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findBrowser as findBrowserOfShell } from '../../../electron/standalone/find-browser.ts';
import { checkout } from './checkout.ts';

type Env = Record<string, string | undefined>;

describe('finding a browser', () => {
  const setUp = async () => {
    const project = checkout({ 'bin/chromium': '', 'bin/google-chrome': '', 'x/mine': '' });
    chmodSync(join(project.folder, 'bin/chromium'), 0o755);
    const { findBrowser } = await project.load<{
      findBrowser: (env: Env, platform: string) => string | null;
    }>('browser.mjs');
    const bin = join(project.folder, 'bin');
    return { ...project, findBrowser, bin };
  };

  it('takes the one that is named, and no other when that is not there', async () => {
    const { findBrowser, folder, bin } = await setUp();
    expect(findBrowser({ ZONGCHUANG_BROWSER: join(folder, 'x/mine'), PATH: bin }, 'linux')).toBe(
      join(folder, 'x/mine'),
    );
    expect(findBrowser({ ZONGCHUANG_BROWSER: join(folder, 'x/none'), PATH: bin }, 'linux')).toBeNull();
  });

  it('prefers Chromium on the PATH', async () => {
    const { findBrowser, bin } = await setUp();
    expect(findBrowser({ PATH: bin }, 'linux')).toBe(join(bin, 'chromium'));
  });

  it('launcher and shell find the same', async () => {
    const { findBrowser, folder, bin } = await setUp();
    const cases: [Env, NodeJS.Platform][] = [
      [{ PATH: bin }, 'linux'],
      [{ PATH: `/nowhere:${bin}` }, 'linux'],
      [{ PATH: '/nowhere' }, 'linux'],
      [{ ZONGCHUANG_BROWSER: join(folder, 'x/mine') }, 'linux'],
      [{ PATH: bin }, 'win32'],
      [{ PATH: bin }, 'darwin'],
      [{ PATH: bin }, 'aix'],
    ];
    for (const [env, platform] of cases) {
      expect(findBrowser(env, platform), `${platform} ${JSON.stringify(env)}`).toBe(
        findBrowserOfShell(env, platform),
      );
    }
  });

  it('on Windows the places are filled from the environment, whatever its case', () => {
    const tried: string[] = [];
    findBrowserOfShell({ programfiles: 'C:\\P', 'PROGRAMFILES(X86)': 'C:\\P86' }, 'win32', (path) => {
      tried.push(path);
      return false;
    });
    expect(tried).toContain('C:\\P\\Google\\Chrome\\Application\\chrome.exe');
    expect(tried).toContain('C:\\P86\\Microsoft\\Edge\\Application\\msedge.exe');
  });
});

describe('what is installed', () => {
  const LOCK =
    '{"packages":{"":{},"node_modules/a":{"version":"1.0.0"},"node_modules/b":{"version":"2.0.0","optional":true}}}';
  const isInstalled = async (files: Record<string, string>) => {
    const project = checkout({ 'package-lock.json': LOCK, ...files });
    const module = await project.load<{ isInstalled: () => boolean }>('install.mjs');
    return { ...project, isInstalled: module.isInstalled };
  };

  it('is known from npm’s own list, so that nobody’s packages are thrown away', async () => {
    const { isInstalled: installed, write } = await isInstalled({
      'node_modules/.package-lock.json': '{"packages":{"node_modules/a":{"version":"1.0.0"}}}',
    });
    expect(installed()).toBe(true);
    write('node_modules/.package-lock.json', '{}');
    expect(installed(), 'by the stamp').toBe(true);
    write('package-lock.json', LOCK.replace('1.0.0', '1.0.1'));
    expect(installed(), 'after the lock changed').toBe(false);
  });

  it.each([
    ['nothing', {}],
    [
      'another version',
      { 'node_modules/.package-lock.json': '{"packages":{"node_modules/a":{"version":"0.9.0"}}}' },
    ],
    ['one package less', { 'node_modules/.package-lock.json': '{"packages":{}}' }],
    ['a broken list', { 'node_modules/.package-lock.json': '{' }],
  ])('is not: %s', async (_, files) => {
    expect((await isInstalled(files)).isInstalled()).toBe(false);
  });
});

describe('Electron’s binary', () => {
  interface Module {
    findElectron: (env: Env) => string | null;
    lastTried: (now?: number) => string;
    fetchElectron: (how: { waiting: boolean }) => Promise<{ path: string | null; reason: string }>;
  }
  const setUp = async (files: Record<string, string>) => {
    const project = checkout({ 'node_modules/electron/package.json': '{"type":"commonjs"}', ...files });
    return { ...project, ...(await project.load<Module>('electron-binary.mjs')) };
  };

  it('is where the package says, when it really is there', async () => {
    const { findElectron, write, folder } = await setUp({});
    expect(findElectron({})).toBeNull();
    write('node_modules/electron/path.txt', 'electron');
    expect(findElectron({})).toBeNull();
    write('node_modules/electron/dist/electron', '');
    expect(findElectron({})).toBe(join(folder, 'node_modules/electron/dist/electron'));
  });

  it.runIf(process.platform === 'linux')('is where the environment says', async () => {
    const { findElectron, folder } = await setUp({ 'given/electron': '' });
    expect(findElectron({ ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'given') })).toBe(
      join(folder, 'given/electron'),
    );
    expect(findElectron({ ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'none') })).toBeNull();
  });

  it('is fetched by the package’s own installer', async () => {
    const { fetchElectron, folder } = await setUp({
      'node_modules/electron/install.js': `
        const { mkdirSync, writeFileSync } = require('node:fs');
        mkdirSync(__dirname + '/dist');
        writeFileSync(__dirname + '/dist/electron', '');
        writeFileSync(__dirname + '/path.txt', 'electron');`,
    });
    expect((await fetchElectron({ waiting: true })).path).toBe(
      join(folder, 'node_modules/electron/dist/electron'),
    );
  });

  it('that cannot be fetched gives one line of reason, and is not tried again the same day', async () => {
    const { fetchElectron, lastTried, folder } = await setUp({
      'node_modules/electron/install.js': `console.error('at x\\ngetaddrinfo ENOTFOUND github.com\\nat y'); process.exit(1);`,
    });
    expect(lastTried()).toBe('never');
    expect(await fetchElectron({ waiting: true })).toEqual({
      path: null,
      reason: 'getaddrinfo ENOTFOUND github.com',
    });
    expect(lastTried()).toBe('lately');
    const yesterday = new Date(Date.now() - 25 * 3_600_000);
    utimesSync(join(folder, 'out/.electron-tried'), yesterday, yesterday);
    expect(lastTried()).toBe('long-ago');
  });
});
