// The window's store with 10,000, 100,000 and 300,000 cases, in the real browser with the real journal; beside it plain
// Dexie with WebCrypto-sealed rows, filled with the same cases in the same run. By itself:
// node tests/bench/store/index.mjs [--cases 300000] [--json]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { findBrowser } from '../../../electron/launcher/browser.mjs';
import { importBundled } from '../../soak/card/bundle.mjs';
import { figures, quantile } from '../figures.mjs';
import { serveSite } from './site.mjs';
import { cpuSeconds, pageMegabytes } from './browser-processes.mjs';

const PAGE = 500;
const SIZES = [10_000, 100_000, 300_000];
const LOOKS = 60;
const SAVES = 100;

/** @returns rows for `run.mjs` */
export async function localStore({ cases = 300_000, say = console.error } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'zc-store-bench-'));
  const node = await importBundled('tests/bench/store/node-side.ts');
  const sizes = [...new Set([...SIZES.filter((size) => size < cases), cases])];
  const rows = [];
  const closers = [];
  try {
    say(`writing ${cases} cases…`);
    const pages = node.writePages(join(folder, 'pages'), cases);
    const site = await serveSite(folder);
    closers.push(() => site.close());
    const world = { folder, node, site, say, pages };
    const ours = await grow(world, sizes);
    const plain = await growPlain(world, sizes);
    rows.push(...rowsOf(sizes, ours, plain));
    rows.push(...(await newPc(world, cases)));
  } finally {
    for (const close of closers.reverse()) await close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
  }
  return rows;
}

async function grow(world, sizes) {
  const found = [];
  let done = 0;
  const machine = await openMachine(world, 'ours');
  try {
    for (const size of sizes) {
      const first = await openBrowser(world, 'ours');
      await first.open(machine);
      const before = first.cpu();
      const pulled = await first.page.evaluate(
        ([a, b]) => storeBench.pull(a, b),
        [done, Math.ceil(size / PAGE)],
      );
      const cpu = first.cpu() - before;
      done = Math.ceil(size / PAGE);
      await first.close();
      dropCaches(join(world.folder, 'ours'));
      const second = await openBrowser(world, 'ours');
      const cold = await second.open(machine);
      const look = await second.page.evaluate(([n, runs]) => storeBench.look(n, runs), [size, LOOKS]);
      const save = await second.page.evaluate(([n, salt]) => storeBench.save(n, salt), [SAVES, size]);
      const evidence = await second.page.evaluate(() => storeBench.evidence());
      const memory = second.memory();
      await second.close();
      const onDisk = folderBytes(join(world.folder, 'ours'));
      found.push({ size, pulled, cpu, cold, look, save, memory, onDisk, evidence });
      world.say(
        `${size}: ${rate(pulled)} events/s, cold ${Math.round(cold.ms)} ms, ${Math.round(memory)} MB, load ${loadavg()[0].toFixed(1)}`,
      );
    }
  } finally {
    await machine.close();
  }
  return found;
}

async function growPlain(world, sizes) {
  const found = [];
  let done = 0;
  for (const size of sizes) {
    const first = await openBrowser(world, 'plain');
    await first.page.evaluate(() => storeBench.plainOpen(50));
    const before = first.cpu();
    const pulled = await first.page.evaluate(
      ([a, b]) => storeBench.plainPull(a, b),
      [done, Math.ceil(size / PAGE)],
    );
    const cpu = first.cpu() - before;
    done = Math.ceil(size / PAGE);
    await first.close();
    dropCaches(join(world.folder, 'plain'));
    const second = await openBrowser(world, 'plain');
    const cold = await second.page.evaluate(() => storeBench.plainOpen(50));
    const look = await second.page.evaluate(([n, runs]) => storeBench.plainLook(n, runs), [size, LOOKS]);
    const save = await second.page.evaluate(([n, salt]) => storeBench.plainSave(n, salt), [SAVES, size]);
    const memory = second.memory();
    await second.close();
    found.push({ size, pulled, cpu, cold: { ms: cold }, look, save, memory });
    world.say(`plain ${size}: ${rate(pulled)} rows/s, cold ${Math.round(cold)} ms`);
  }
  return found;
}

/** A PC that is new in the hall, filled backwards. The pages come from files of this bench, not from a server. */
async function newPc(world, cases) {
  const machine = await openMachine(world, 'new');
  const browser = await openBrowser(world, 'new');
  try {
    await browser.open(machine);
    const { firstSearch, complete } = await browser.page.evaluate((n) => storeBench.newPc(n), world.pages);
    const memory = browser.memory();
    const once = (value) => ({ median: round(value), p95: round(value), runs: 1 });
    return [
      row('store: new PC, first search', 's', 10, once(firstSearch)),
      row(`store: new PC, all ${cases} cases there`, 's', 120, once(complete)),
      row('store: page memory after filling', 'MB', 400, once(memory)),
    ];
  } finally {
    await browser.close();
    await machine.close();
  }
}

function rowsOf(sizes, ours, plain) {
  const rows = [];
  const what = [
    ['cold open to the list', 'ms', 500, (at) => [at.cold.ms]],
    ['已保存 (journal, log, picture, sealed)', 'ms', 15, (at) => at.save],
    ['search by ID number', 'ms', 2, (at) => at.look.id],
    ['search by beginning of the name', 'ms', 10, (at) => at.look.name],
    ['last 50', 'ms', 5, (at) => at.look.last],
    ['a page of 50 by key', 'ms', 5, (at) => at.look.page],
    ['how many are unsent and held', 'ms', null, (at) => at.look.count],
    ['page memory', 'MB', 400, (at) => [at.memory]],
    [
      'pull, processor time of the whole browser',
      'µs/event',
      null,
      (at) => [(at.cpu * 1e6) / (at.pulled.length * PAGE)],
    ],
  ];
  sizes.forEach((size, i) => {
    for (const [name, unit, target, of] of what) {
      const beside = name.startsWith('a page')
        ? null
        : { name: 'plain Dexie, rows sealed with WebCrypto, no journal', ...figures(of(plain[i])) };
      rows.push(row(`store ${size}: ${name}`, unit, target, figures(of(ours[i])), beside));
    }
    rows.push({
      name: `store ${size}: pull of 500, every hash checked (goal ≥ 6000)`,
      unit: 'events/s',
      target: null,
      ours: rates(ours[i].pulled),
      beside: { name: 'plain Dexie, nothing checked', ...rates(plain[i].pulled) },
    });
  });
  return rows;
}

const round = (value) => Math.round(value * 10) / 10;
const row = (name, unit, target, ours, beside = null) => ({ name, unit, target, ours, beside });
const rate = (times) => Math.round((times.length * PAGE * 1000) / times.reduce((sum, ms) => sum + ms, 0));

/** The slow end is the low one: p95 of the times is the p5 of the rates. */
const rates = (times) => ({
  median: Math.round((PAGE * 1000) / quantile(times, 0.5)),
  p95: Math.round((PAGE * 1000) / quantile(times, 0.95)),
  runs: times.length,
});

async function openMachine({ folder, node }, name) {
  const journal = await node.openBenchJournal(join(folder, `machine-${name}`));
  const server = node.serveJournal(journal);
  return {
    port: await server.port,
    dev: node.OWN_DEVICE,
    async close() {
      server.close();
      await journal.close();
    },
  };
}

async function openBrowser({ folder, node, site }, name) {
  const context = await chromium.launchPersistentContext(join(folder, name), {
    executablePath: findBrowser(),
    headless: true,
    args: ['--no-sandbox', `--disable-features=${node.DISABLED_FEATURES.join(',')}`],
    ignoreDefaultArgs: ['--disable-features'],
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.on('pageerror', (error) => console.error(error));
  await page.goto(site.url);
  await page.waitForFunction(() => 'storeBench' in globalThis);
  return {
    page,
    open: ({ port, dev }) =>
      page.evaluate((options) => storeBench.open(options), { name: 'hall', port, dev, rows: 50 }),
    memory: () => pageMegabytes(join(folder, name)),
    cpu: () => cpuSeconds(join(folder, name)),
    close: async () => {
      await page.evaluate(() => storeBench.close());
      await context.close();
    },
  };
}

/** What the operating system remembers of these files is given up, as after a night: cold means from the disk. */
function dropCaches(folder) {
  spawnSync('sync', [folder]);
  for (const path of filesIn(folder))
    spawnSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none']);
}

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
const folderBytes = (folder) => filesIn(folder).reduce((sum, path) => sum + statSync(path).size, 0);

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: { cases: { type: 'string', default: '300000' }, json: { type: 'boolean', default: false } },
  });
  const rows = await localStore({ cases: Number(values.cases) });
  if (values.json) console.log(JSON.stringify(rows, null, 2));
  else (await import('../print-rows.mjs')).printRows(rows);
}
