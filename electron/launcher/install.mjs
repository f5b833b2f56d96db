// Brings node_modules level with package-lock.json. Plain JavaScript on Node alone: it runs when nothing is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

const stampFile = join(root, 'node_modules', '.zongchuang-installed');

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');

/** True when node_modules holds exactly what the lock file says: by our stamp, or by npm's own list of what it installed. */
export function isInstalled() {
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lockHash()) return true;
  if (!matchesNpmList()) return false;
  writeFileSync(stampFile, lockHash());
  return true;
}

/** Somebody ran `npm ci` or `npm install` by hand: npm wrote down what is there. */
function matchesNpmList() {
  try {
    const read = (path) => JSON.parse(readFileSync(join(root, path), 'utf8')).packages;
    const wanted = read('package-lock.json');
    const present = read('node_modules/.package-lock.json');
    return Object.entries(wanted).every(
      ([path, { version, optional }]) =>
        path === '' ||
        (present[path] ? present[path].version === version : optional === true) ||
        wanted[path].link === true,
    );
  } catch {
    return false;
  }
}

/**
 * Installs the locked packages when they are missing or the lock changed.
 * @throws Error with one sentence for the person, in Chinese and English
 */
export async function ensureInstalled() {
  if (isInstalled()) return;
  console.log('正在安装依赖包,首次约需一分钟… Installing packages (about a minute the first time)…');
  const script = process.env.npm_execpath;
  const npm = script?.endsWith('js')
    ? [process.execPath, [script]]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm', []];
  // --include=dev: what the window is built from stands in devDependencies, and NODE_ENV=production would leave it out.
  const run = spawnSync(
    npm[0],
    [...npm[1], 'ci', '--include=dev', '--no-fund', '--no-audit', '--loglevel=error'],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32' && npm[0] === 'npm.cmd',
    },
  );
  if (run.status !== 0) {
    throw new Error(
      '依赖包安装失败:请检查网络或内网镜像(npm config get registry)后重试。 ' +
        'Installing packages failed: check the network or the registry npm is set to, then run the command again.',
    );
  }
  writeFileSync(stampFile, lockHash());
}
