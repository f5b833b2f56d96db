// Where Electron's binary is, and how it gets there: since version 42 the npm package no longer brings it.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

const PACKAGE = join(root, 'node_modules', 'electron');
const triedFile = join(root, 'out', '.electron-tried');
const DAY_MS = 24 * 3_600_000;
/** At the first start somebody is waiting; later nobody is. */
const WAITING_LIMIT_MS = 20_000;
const QUIET_LIMIT_MS = 600_000;

/** @returns path of the executable, or null. Nothing of the package is loaded: loading it would start a download. */
export function findElectron(env = process.env) {
  const pathFile = join(PACKAGE, 'path.txt');
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : null;
  const folder = env.ELECTRON_OVERRIDE_DIST_PATH;
  if (folder) {
    const path = join(folder, name ?? defaultName());
    return existsSync(path) ? path : null;
  }
  if (name === null) return null;
  const path = join(PACKAGE, 'dist', name);
  return existsSync(path) ? path : null;
}

const defaultName = () =>
  ({ win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' })[process.platform] ?? 'electron';

/** `never`: it was not tried yet · `lately`: within a day, leave it · `long-ago` */
export function lastTried(now = Date.now()) {
  const tried = statSync(triedFile, { throwIfNoEntry: false });
  if (!tried) return 'never';
  return now - tried.mtimeMs < DAY_MS ? 'lately' : 'long-ago';
}

/**
 * Runs the package's own installer, which checks what it fetched. It obeys ELECTRON_MIRROR and electron_config_cache.
 * @param {{waiting: boolean}} how whether a person waits for it
 * @returns {Promise<{path: string|null, reason: string}>} never rejects; the reason is one line
 */
export function fetchElectron({ waiting }) {
  mkdirSync(join(root, 'out'), { recursive: true });
  writeFileSync(triedFile, new Date().toISOString());
  return new Promise((resolve) => {
    let words = '';
    const child = spawn(process.execPath, [join(PACKAGE, 'install.js')], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: waiting ? WAITING_LIMIT_MS : QUIET_LIMIT_MS,
      killSignal: 'SIGKILL',
      windowsHide: true,
    });
    child.stderr.on('data', (data) => (words += data));
    // Nobody waits: it must not keep the program from ending, and ends with it.
    if (!waiting) {
      child.unref();
      child.stderr.unref?.();
      process.once('exit', () => child.kill('SIGKILL'));
    }
    child.once('error', (error) => resolve({ path: null, reason: error.message }));
    child.once('close', (code, signal) => {
      const path = code === 0 ? findElectron() : null;
      const said = words.split('\n').find((line) => /error|failed|ENOTFOUND|ECONN|ETIMEDOUT/i.test(line));
      resolve({ path, reason: signal ? 'timeout' : (said ?? `exit ${code}`).trim().slice(0, 120) });
    });
  });
}
