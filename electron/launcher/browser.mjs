// Finds the browser that can show the window when Electron cannot: Chromium, Chrome or Edge.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = {
  linux: [
    'chromium',
    'chromium-browser',
    'google-chrome-stable',
    'google-chrome',
    'microsoft-edge-stable',
    'microsoft-edge',
  ],
  win32: ['msedge.exe', 'chrome.exe'],
  darwin: ['chromium', 'google-chrome'],
};

function places(env) {
  if (process.platform === 'win32') {
    const bases = [env['PROGRAMFILES'], env['PROGRAMFILES(X86)'], env['LOCALAPPDATA']].filter(Boolean);
    return bases.flatMap((base) => [
      join(base, 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
      join(base, 'Google', 'Chrome', 'Application', 'chrome.exe'),
      join(base, 'Chromium', 'Application', 'chrome.exe'),
    ]);
  }
  if (process.platform === 'darwin') {
    return [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ];
  }
  return [
    '/opt/google/chrome/chrome',
    '/opt/microsoft/msedge/msedge',
    '/opt/apps/cn.google.chrome/files/chrome',
  ];
}

/** @returns the path of a browser, or null. `ZONGCHUANG_BROWSER` names one by hand and must exist. */
export function findBrowser(env = process.env) {
  const named = env['ZONGCHUANG_BROWSER'];
  if (named) return existsSync(named) ? named : null;
  const onPath = (env['PATH'] ?? '')
    .split(delimiter)
    .filter(Boolean)
    .flatMap((folder) => (NAMES[process.platform] ?? []).map((name) => join(folder, name)));
  return [...onPath, ...places(env)].find((path) => existsSync(path)) ?? null;
}

/** Debian and its relatives, where root may install a browser with apt. */
function mayUseApt() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    return (
      /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8')) &&
      existsSync('/usr/bin/apt-get')
    );
  } catch {
    return false;
  }
}

const hasChineseFont = () =>
  process.platform !== 'linux' ||
  spawnSync('fc-list', [':lang=zh'], { encoding: 'utf8' }).stdout?.trim() !== '';

/**
 * Finds a browser, and on Debian as root installs Chromium with a Chinese font when `install` is set and one of
 * them is missing.
 * @returns the path, or null when there is none and none could be installed
 */
export async function ensureBrowser({ install, env = process.env }) {
  const found = findBrowser(env);
  if ((found && hasChineseFont()) || !install || !mayUseApt()) return found;
  console.log('正在用 apt 安装 chromium 和中文字体… Installing chromium and a Chinese font with apt…');
  const apt = (...args) =>
    spawnSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
      timeout: 300_000,
    });
  apt('update', '-qq');
  apt('install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-noto-cjk', 'fontconfig');
  return findBrowser(env);
}
