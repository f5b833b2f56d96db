// The journal on this disk: a save alone and in groups, the start with many events, and what a million commands keep in
// memory. By itself: node tests/bench/journal/index.mjs [--events 100000] [--million] [--json]
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { importBundled } from '../../soak/card/bundle.mjs';
import { figures } from '../figures.mjs';
import { printRows } from '../print-rows.mjs';

const SAVES = 1000;
const OPENS = 5;
const AT_ONCE = 64;

/** @returns rows for `run.mjs` */
export async function journalSpeed({ events = 100_000, million = false, say = console.error } = {}) {
  const parts = await importBundled('tests/bench/journal/parts.ts');
  const folder = mkdtempSync(join(tmpdir(), 'zc-journal-bench-'));
  try {
    return [
      ...(await saves(parts, folder)),
      ...(await starts(parts, folder, million ? 1_000_000 : events, say)),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function saves(parts, base) {
  const journal = await parts.open(join(base, 'saves'));
  const alone = [];
  for (let n = 0; n < SAVES; n++) {
    const from = performance.now();
    await parts.append(journal, n);
    alone.push(performance.now() - from);
  }
  const shared = [];
  for (let n = SAVES; n < SAVES + 6400; n += AT_ONCE) {
    const from = performance.now();
    await fill(parts, journal, n, AT_ONCE);
    shared.push((performance.now() - from) / AT_ONCE);
  }
  await journal.close();
  return [
    row('journal: one save alone, sealed and flushed', 'ms', 15, figures(alone)),
    row('journal: a save among 64 at once, of the time all took', 'ms', null, figures(shared)),
  ];
}

async function starts(parts, base, count, say) {
  const folder = join(base, 'starts');
  say(`writing ${count} events…`);
  const writing = await parts.open(folder);
  await fill(parts, writing, 0, count);
  await writing.close();
  const megabytes =
    readdirSync(join(folder, 'journal'))
      .map((name) => statSync(join(folder, 'journal', name)).size)
      .reduce((sum, size) => sum + size, 0) / 1e6;
  const opened = [];
  const busy = [];
  const before = memory();
  let kept = 0;
  let whole;
  for (let run = 0; run < OPENS; run++) {
    const [from, cpu] = [performance.now(), process.cpuUsage()];
    const journal = await parts.open(folder);
    opened.push(performance.now() - from);
    busy.push(cpuMs(cpu));
    if (journal.head().seq !== count) throw new Error(`${journal.head().seq} of ${count} events are here`);
    if (run === 0) kept = memory() - before;
    if (run === OPENS - 1) {
      const [start, used] = [performance.now(), process.cpuUsage()];
      if ((await parts.readAll(journal)) !== count) throw new Error('not all were read');
      whole = { ms: performance.now() - start, cpu: cpuMs(used) };
    }
    await journal.close();
  }
  const what = `journal: start with ${count} events (${Math.round(megabytes)} MB), every record checked`;
  return [
    row(what, 'ms', 1500, figures(opened)),
    row(`${what}, processor`, 'ms', 1500, figures(busy)),
    row(
      'journal: all of them read, every seal opened, every hash and link checked',
      'ms',
      null,
      figures([whole.ms]),
    ),
    row('journal: the same, processor', 'ms', null, figures([whole.cpu])),
    row(`journal: memory its index keeps for ${count} commands`, 'MB', null, figures([kept])),
  ];
}

const row = (name, unit, target, ours) => ({ name, unit, target, ours, beside: null });

/** Milliseconds of processor since: what a busy machine does not blur. */
const cpuMs = (since) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};

async function fill(parts, journal, from, count) {
  for (let n = from; n < from + count; n += AT_ONCE)
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, from + count - n) }, (_, i) => parts.append(journal, n + i)),
    );
}

function memory() {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '100000' },
      million: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const rows = await journalSpeed({ events: Number(values.events), million: values.million });
  if (values.json) console.log(JSON.stringify(rows, null, 2));
  else printRows(rows);
  console.error(`load ${loadavg()[0].toFixed(1)}`);
}
