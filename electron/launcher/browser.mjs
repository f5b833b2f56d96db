// Finds the browser that can show the window when Electron cannot, and on Debian as root installs one.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { aptInstall, mayUseApt } from './debian.mjs';
import { root } from './root.mjs';

/**
 * The same search as electron/standalone/find-browser.ts, over the same list: this one runs before anything is built.
 * @returns the path of a browser, or null. `ZONGCHUANG_BROWSER` names one by hand and must exist.
 */
export function findBrowser(env = process.env, platform = process.platform) {
  const named = env['ZONGCHUANG_BROWSER'];
  if (named) return existsSync(named) ? named : null;
  const known = JSON.parse(readFileSync(join(root, 'resources', 'browsers.json'), 'utf8'))[platform];
  if (!known) return null;
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const onPath = known.names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const places = known.places.map((place) => place.replace(/%([^%]+)%/g, (_, name) => valueOf(env, name)));
  return [...onPath, ...places].find((path) => existsSync(path)) ?? null;
}

/** Names of the environment have no case on Windows. */
function valueOf(env, name) {
  const key = Object.keys(env).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return key === undefined ? '' : env[key];
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
  if (!install || !mayUseApt() || (found && hasChineseFont())) return found;
  console.log(
    '正在用 apt 安装 chromium 和中文字体(--no-apt 可禁止)… Installing chromium and a Chinese font with apt (--no-apt forbids it)…',
  );
  aptInstall(['chromium', 'fonts-noto-cjk', 'fontconfig'], env);
  const installed = findBrowser(env);
  if (!installed) {
    console.log(
      '未能装上浏览器,请手工安装 Chromium、Chrome 或 Edge。 No browser could be installed; install Chromium, Chrome or Edge by hand.',
    );
  }
  return installed;
}
