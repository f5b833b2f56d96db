// This program, whole: the window in Chromium, the core with its journal, the server on its own PostgreSQL.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { chromium } from 'playwright-core';
import { findBrowser } from '../../../electron/launcher/browser.mjs';
import { root } from '../../../electron/launcher/root.mjs';
import { importBundled } from '../../soak/card/bundle.mjs';
import { freePort } from '../program.mjs';
import { startCable } from './cable.mjs';
import { costOf } from './process-cost.mjs';

const LIMIT_MS = 600_000;
const node = process.execPath;

/** @returns what pushing `count` cases made offline, and pulling them into a new PC, took */
export async function measureOurs(count) {
  const { fillJournal } = await importBundled('tests/bench/sync/fill-journal.ts');
  const server = await startServer();
  const cable = await startCable(server.url);
  const first = await newPc(server, cable);
  try {
    await first.start();
    await first.stop();
    const madeMs = await fillJournal(first.profile, count);
    cable.cut();
    await first.start();
    await until(async () => (await first.events()) >= count);
    cable.restore();
    // The window tries again within five seconds; what is measured begins when it does.
    const quiet = cable.bytes();
    await until(() => cable.bytes() > quiet);
    const push = await timed([server.pid, ...first.pids()], cable, () =>
      until(async () => (await server.head()) >= count),
    );
    await first.stop();
    const second = await newPc(server, cable);
    try {
      await second.start();
      const pull = await timed([server.pid, ...second.pids()], cable, () =>
        until(async () => (await second.events()) >= count),
      );
      return { name: 'zongchuang', madeMs, push, pull };
    } finally {
      await second.remove();
    }
  } finally {
    await first.remove();
    await cable.close();
    await server.remove();
  }
}

/** Runs something and tells time, bytes on the wire, processor seconds and peak memory of the processes that did it. */
export async function timed(pids, cable, run) {
  const before = costOf(pids);
  const bytesBefore = cable.bytes();
  const began = performance.now();
  await run();
  const ms = performance.now() - began;
  const after = costOf(pids);
  return {
    ms,
    bytes: cable.bytes() - bytesBefore,
    cpuSeconds: after.seconds - before.seconds,
    peakMb: after.peakMb,
  };
}

export async function until(holds) {
  const giveUp = Date.now() + LIMIT_MS;
  while (!(await holds())) {
    if (Date.now() > giveUp) throw new Error('it did not come to an end');
    await new Promise((wake) => setTimeout(wake, 25));
  }
}

async function startServer() {
  const data = mkdtempSync(join(tmpdir(), 'zc-bench-server-'));
  // The account PostgreSQL runs under must pass through.
  chmodSync(data, 0o711);
  const port = await freePort();
  const child = spawn(
    node,
    [join(root, 'out/server/index.js'), 'serve', '--data', data, '--port', `${port}`],
    {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  );
  const { url } = await new Promise((done) => child.once('message', done));
  const pool = new pg.Pool({
    connectionString: readFileSync(join(data, 'database-url'), 'utf8').trim(),
    max: 1,
  });
  return {
    url,
    pid: child.pid,
    data,
    head: async () =>
      Number((await pool.query('select coalesce(max(head), 0) as head from hall')).rows[0].head),
    async remove() {
      await pool.end();
      await ended(child);
      rmSync(data, { recursive: true, force: true });
    },
  };
}

async function newCode(server) {
  const child = spawn(node, [join(root, 'out/server/index.js'), 'code', '--data', server.data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (data) => (said += data));
  await new Promise((done) => child.once('exit', done));
  return /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(said)[0];
}

async function newPc(server, cable) {
  const profile = mkdtempSync(join(tmpdir(), 'zc-bench-pc-'));
  const port = await freePort();
  const code = await newCode(server);
  let core;
  let context;
  let page;
  return {
    profile,
    pids: () => [core.pid, browserPid(profile)],
    async start() {
      core = spawn(
        node,
        [
          ...[join(root, 'out/standalone/index.js'), '--profile', profile, '--port', String(port)],
          ...['--no-window', '--server', cable.url, '--code', code],
        ],
        { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, DISPLAY: '' } },
      );
      const address = await new Promise((done) => {
        let said = '';
        core.stdout.on('data', (data) => {
          said += data;
          const found = /ready: (http:\/\/\S+)/.exec(said);
          if (found) done(found[1]);
        });
      });
      context = await chromium.launchPersistentContext(join(profile, 'window'), {
        executablePath: findBrowser(),
        headless: true,
        args: ['--no-sandbox', '--disable-gpu'],
      });
      page = context.pages()[0];
      await page.goto(address);
      await page.waitForFunction(() => performance.getEntriesByName('usable').length > 0, undefined, {
        timeout: 120_000,
      });
    },
    /** Events in the window's store, asked of the browser itself. */
    events: () =>
      page.evaluate(async () => {
        const name = (await indexedDB.databases()).find((each) => each.name.startsWith('zongchuang-'))?.name;
        if (!name) return 0;
        const open = indexedDB.open(name);
        const db = await new Promise((done, fail) => {
          open.onsuccess = () => done(open.result);
          open.onerror = fail;
        });
        try {
          const count = db.transaction('events').objectStore('events').count();
          return await new Promise((done) => (count.onsuccess = () => done(count.result)));
        } finally {
          db.close();
        }
      }),
    async stop() {
      await context?.close();
      if (core) await ended(core);
      context = undefined;
    },
    async remove() {
      await this.stop();
      rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
    },
  };
}

async function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await gone;
}

/** The browser that has this profile open: the one process that no other of the same profile started. */
export function browserPid(profile) {
  const found = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      return (
        words.some((word) => word.startsWith(`--user-data-dir=${profile}`)) &&
        !words.some((word) => word.startsWith('--type='))
      );
    } catch {
      return false;
    }
  });
  return Math.min(...found.map(Number));
}
