// Builds what is older than its sources, and nothing else. Also `npm run build`.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './root.mjs';

const VITE = ['node_modules/vite/bin/vite.js', 'build'];
const ELECTRON_VITE = ['node_modules/electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn'];
const EVERYWHERE = [
  'shared',
  ...['catalogue', 'calendar', 'readers', 'regions', 'browsers.json'].map((name) => join('resources', name)),
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];
const MACHINE = ['electron/core', 'electron/adapters', 'electron/tsconfig.json'];

/** Each target: what it is made from, the proof that it is there, and the command that makes it. */
const TARGETS = {
  renderer: {
    from: ['renderer', 'resources/udev', 'electron.vite.config.ts', ...EVERYWHERE],
    proof: 'out/renderer/index.html',
    command: ELECTRON_VITE,
    env: { ZONGCHUANG_BUILD: 'renderer' },
  },
  electron: {
    from: ['electron/main', 'electron/preload', ...MACHINE, 'electron.vite.config.ts', ...EVERYWHERE],
    proof: 'out/main/index.js',
    command: ELECTRON_VITE,
    env: { ZONGCHUANG_BUILD: 'electron' },
  },
  standalone: {
    from: ['electron/standalone', ...MACHINE, ...EVERYWHERE],
    proof: 'out/standalone/index.js',
    command: [...VITE, '-c', 'electron/standalone/vite.config.ts'],
  },
  server: {
    from: ['server', ...EVERYWHERE],
    proof: 'out/server/index.js',
    command: [...VITE, '-c', 'server/vite.config.ts'],
  },
};
/** One builds while another waits for the disk; more only get in each other's way on an old PC. */
const AT_ONCE = 2;
const LOCK_LIMIT_MS = 180_000;

function filesOf(path) {
  const found = statSync(join(root, path), { throwIfNoEntry: false });
  if (!found) return [];
  if (!found.isDirectory()) return [path];
  return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

/**
 * Two fingerprints of the sources: `quick` from names, sizes and times, which costs no reading, and `content`, which
 * decides when the quick one differs (a checkout touches files without changing them).
 */
function fingerprint({ from }) {
  const files = from.flatMap(filesOf).sort();
  const quick = createHash('sha256').update(process.version);
  for (const file of files) {
    const { size, mtimeMs } = statSync(join(root, file));
    quick.update(`${file}\0${size}\0${mtimeMs}\0`);
  }
  return {
    quick: quick.digest('hex'),
    content() {
      const content = createHash('sha256').update(process.version);
      for (const file of files) content.update(`${file}\0`).update(readFileSync(join(root, file)));
      return content.digest('hex');
    },
  };
}

const stampFile = (name) => join(root, 'out', `.built-${name}.json`);

function readStamp(name) {
  try {
    return existsSync(join(root, TARGETS[name].proof))
      ? JSON.parse(readFileSync(stampFile(name), 'utf8'))
      : null;
  } catch {
    return null;
  }
}

/** @returns the stamp to write after building, or null when nothing has to be built */
function staleness(name) {
  const stamp = readStamp(name);
  const print = fingerprint(TARGETS[name]);
  if (stamp?.quick === print.quick) return null;
  const next = { quick: print.quick, content: print.content() };
  if (stamp?.content !== next.content) return next;
  writeFileSync(stampFile(name), JSON.stringify(next));
  return null;
}

function run(name) {
  return new Promise((resolve, reject) => {
    let output = '';
    const child = spawn(process.execPath, TARGETS[name].command, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...TARGETS[name].env },
    });
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`构建失败(${name})。 The build of ${name} failed:\n${output}`));
    });
  });
}

/** One build at a time in one checkout; a lock whose process is gone counts for nothing. */
async function withLock(work) {
  const lock = join(root, 'out', '.building');
  for (const began = Date.now(); ; await new Promise((resolve) => setTimeout(resolve, 200))) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (!isAlive(lock) || Date.now() - began > LOCK_LIMIT_MS) rmSync(lock, { force: true });
    }
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function isAlive(lock) {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    // Empty: being written at this moment.
    if (pid === 0) return Date.now() - statSync(lock).mtimeMs < 2_000;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * Builds the targets whose sources have changed since their last build.
 * @param {('renderer'|'electron'|'standalone'|'server')[]} targets
 * @throws Error with the bundler's own words when a build fails
 */
export async function ensureBuilt(targets) {
  if (targets.every((name) => staleness(name) === null)) return;
  mkdirSync(join(root, 'out'), { recursive: true });
  await withLock(async () => {
    // Asked again: another process may have built meanwhile.
    const stale = targets
      .map((name) => ({ name, stamp: staleness(name) }))
      .filter(({ stamp }) => stamp !== null);
    if (stale.length === 0) return;
    console.log(`正在构建… Building ${stale.map(({ name }) => name).join(', ')}…`);
    const waiting = [...stale];
    const worker = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        rmSync(stampFile(next.name), { force: true });
        await run(next.name);
        writeFileSync(stampFile(next.name), JSON.stringify(next.stamp));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { ensureInstalled } = await import('./install.mjs');
  try {
    await ensureInstalled();
    await ensureBuilt(Object.keys(TARGETS));
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
