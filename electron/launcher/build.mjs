// Builds what is older than its sources, and nothing else. Also `npm run build`.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './root.mjs';

const VITE = ['node_modules/vite/bin/vite.js', 'build'];
const SHARED = ['shared', 'package-lock.json', 'tsconfig.json'];

/** Each target: what it is made from, the proof that it is there, and the command that makes it. */
const TARGETS = {
  // Window, main process and preload come out of one electron-vite build.
  electron: {
    from: [
      'renderer',
      'electron',
      'resources/catalogue',
      'resources/calendar',
      'electron.vite.config.ts',
      ...SHARED,
    ],
    proof: 'out/renderer/index.html',
    command: ['node_modules/electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn'],
  },
  standalone: {
    from: ['electron', 'resources/readers', ...SHARED],
    proof: 'out/standalone/index.js',
    command: [...VITE, '-c', 'electron/standalone/vite.config.ts'],
  },
  server: {
    from: ['server', ...SHARED],
    proof: 'out/server/index.js',
    command: [...VITE, '-c', 'server/vite.config.ts'],
  },
};
const ALIASES = { renderer: 'electron' };

function sourceHash(paths) {
  const hash = createHash('sha256').update(process.version);
  const add = (path) => {
    hash.update(path);
    hash.update(readFileSync(join(root, path)));
  };
  for (const path of paths) {
    if (!existsSync(join(root, path))) continue;
    const entries = readdirSyncOrNull(join(root, path));
    if (!entries) add(path);
    else for (const entry of entries) add(join(path, entry));
  }
  return hash.digest('hex');
}

function readdirSyncOrNull(folder) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort();
  } catch {
    return null;
  }
}

const stampFile = (name) => join(root, 'out', `.built-${name}`);

function isBuilt(name, hash) {
  const stamp = stampFile(name);
  return (
    existsSync(join(root, TARGETS[name].proof)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash
  );
}

function run(name) {
  return new Promise((resolve, reject) => {
    let output = '';
    const child = spawn(process.execPath, TARGETS[name].command, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
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

/**
 * Builds the targets whose sources have changed since their last build.
 * @param {('renderer'|'electron'|'standalone'|'server')[]} targets
 * @throws Error with the bundler's own words when a build fails
 */
export async function ensureBuilt(targets) {
  const names = [...new Set(targets.map((target) => ALIASES[target] ?? target))];
  const stale = names
    .map((name) => ({ name, hash: sourceHash(TARGETS[name].from) }))
    .filter(({ name, hash }) => !isBuilt(name, hash));
  if (stale.length === 0) return;
  console.log(`正在构建… Building ${stale.map(({ name }) => name).join(', ')}…`);
  mkdirSync(join(root, 'out'), { recursive: true });
  await Promise.all(
    stale.map(async ({ name, hash }) => {
      await run(name);
      writeFileSync(stampFile(name), hash);
    }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureBuilt(Object.keys(TARGETS)).catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
}
