// The peers, driven in the same Chromium against their own servers.
import { fork, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { findBrowser } from '../../../electron/launcher/browser.mjs';
import { startCable } from './cable.mjs';
import { browserPid, timed } from './ours.mjs';

const here = import.meta.dirname;

/** Each peer as it comes and as its guide tunes it. */
export const PEERS = [
  { id: 'pouch-default', name: 'PouchDB 9, as it comes', server: 'pouch' },
  { id: 'pouch-tuned', name: 'PouchDB 9, indexeddb, batches of 1,000', server: 'pouch' },
  { id: 'rx-default', name: 'RxDB 17, batches of 100', server: 'rx' },
  { id: 'rx-tuned', name: 'RxDB 17, batches of 1,000', server: 'rx' },
];

/** Their packages are no part of the program: fetched the first time somebody compares. */
export function ensurePeers() {
  if (existsSync(join(here, 'peers/node_modules/rxdb'))) return;
  const run = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: join(here, 'peers'),
    stdio: 'ignore',
    shell: process.platform === 'win32',
  });
  if (run.status !== 0) throw new Error('the packages of PouchDB and RxDB could not be installed');
}

/** @returns the page's scripts in order: PouchDB's own builds, then ours with RxDB in it */
export async function bundlePeers() {
  const folder = mkdtempSync(join(tmpdir(), 'zc-bench-peers-'));
  await build({
    configFile: false,
    root: here,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [
      {
        name: 'peers-packages',
        enforce: 'pre',
        // The page lies beside the peers' folder, not in it.
        resolveId(source, importer) {
          const outside = importer?.endsWith('/peers-page.mjs') && source.startsWith('rxdb/');
          return outside ? this.resolve(source, join(here, 'peers/package.json'), { skipSelf: true }) : null;
        },
      },
    ],
    build: {
      outDir: folder,
      lib: {
        entry: join(here, 'peers-page.mjs'),
        formats: ['iife'],
        name: 'page',
        fileName: () => 'page.js',
      },
    },
  });
  const pouch = join(here, 'peers/node_modules/pouchdb/dist');
  const files = [`${pouch}/pouchdb.min.js`, `${pouch}/pouchdb.indexeddb.min.js`, join(folder, 'page.js')];
  const scripts = files.map((file) => readFileSync(file, 'utf8'));
  rmSync(folder, { recursive: true, force: true });
  return scripts;
}

export async function measurePeer(peer, count, scripts) {
  const folder = mkdtempSync(join(tmpdir(), 'zc-bench-peer-'));
  const server = fork(join(here, 'peer-server.mjs'), [peer.server, folder]);
  const { port } = await new Promise((done) => server.once('message', done));
  const cable = await startCable(`http://127.0.0.1:${port}`);
  const pages = await servePage(scripts);
  const profile = join(folder, 'window');
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findBrowser(),
    headless: true,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const page = context.pages()[0];
    page.on('pageerror', (error) => console.error(error));
    await page.goto(pages.url);
    const pids = [server.pid, browserPid(profile)];
    await page.evaluate(([id, n]) => window.peers[id].fill(n), [peer.id, count]);
    const call = (verb) =>
      page.evaluate(([id, what, url]) => window.peers[id][what](url), [peer.id, verb, cable.url]);
    const push = await timed(pids, cable, () => call('push'));
    let found = 0;
    const pull = await timed(pids, cable, async () => {
      found = await call('pull');
    });
    if (found < count) throw new Error(`${peer.name} pulled ${found} of ${count}`);
    return { name: peer.name, push, pull };
  } finally {
    await context.close();
    await cable.close();
    server.kill();
    pages.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
  }
}

/** IndexedDB belongs to an origin, so the page needs one. */
async function servePage(scripts) {
  const tags = scripts.map((_, i) => `<script src="/${i}.js"></script>`).join('');
  const server = createServer((request, response) => {
    const script = scripts[Number(/^\/(\d)\.js$/.exec(request.url)?.[1] ?? -1)];
    response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript');
    response.end(script ?? `<!doctype html><meta charset="utf-8">${tags}`);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}
