// Whole halls in virtual time: npm run soak:sync-sim [-- --seeds 10000] [--from N] [--workers 2] [--once] [--json]
// Every seed is run twice and must give the same trace. `--plant NAME` puts a mistake into the product's code first and the
// run fails when no seed finds it; `--plants` does so with every one. One seed with its trace: ZC_SEED=N [ZC_TRACE=all].
import { fork } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { root } from '../../../electron/launcher/root.mjs';
import { bundled } from '../card/bundle.mjs';
import { PLANTS } from './plants.mjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(Math.min(4, availableParallelism())) },
    once: { type: 'boolean', default: false },
    plant: { type: 'string' },
    plants: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const ENTRY = 'tests/sync/simulation/run-seed.ts';
const MOST_SHOWN = 20;

/**
 * Runs seeds in worker processes.
 * @param {{ until?: 'first failure' }} [how] a planted mistake is found once
 */
async function simulate(bundle, from, seeds, twice, how = {}) {
  const workers = Math.max(1, Number(values.workers));
  const total = { seeds: 0, events: 0, actions: 0, faults: 0, cpuMs: 0 };
  const failed = [];
  const children = Array.from({ length: workers }, (_, i) => {
    const count = Math.floor(seeds / workers) + (i < seeds % workers ? 1 : 0);
    const child = fork(
      join(root, 'tests/soak/sync-sim/worker.mjs'),
      [bundle, from + i, count, workers, twice ? 'twice' : 'once'].map(String),
      { execArgv: process.env.ZC_PROFILE ? ['--cpu-prof', `--cpu-prof-dir=${process.env.ZC_PROFILE}`] : [] },
    );
    child.on('message', (message) => {
      if (message.cpuMs) total.cpuMs += message.cpuMs;
      else if (message.done) {
        total.seeds++;
        total.events += message.events;
        total.actions += message.actions;
        total.faults += message.kinds.length;
        if (process.stderr.isTTY) process.stderr.write(`\r${total.seeds} of ${seeds} seeds`);
      } else failed.push(message);
      if (!message.failures) return;
      if (how.until === 'first failure') children.forEach((each) => each.kill());
    });
    return child;
  });
  const codes = await Promise.all(children.map((child) => new Promise((done) => child.once('exit', done))));
  if (how.until === undefined && codes.some((code) => code !== 0)) throw new Error('a worker died');
  return { total, failed: failed.sort((a, b) => a.seed - b.seed) };
}

function tell(failed) {
  for (const { seed, failures, faults } of failed.slice(0, MOST_SHOWN)) {
    console.error(`\nseed ${seed}, with ${faults.join(', ') || 'no fault at all'}:`);
    for (const { what, text } of failures.slice(0, 6)) console.error(`  ${what}: ${text}`);
  }
  if (failed.length > MOST_SHOWN) console.error(`\nand ${failed.length - MOST_SHOWN} more seeds`);
}

/** Each planted mistake must be found by some seed. */
async function runPlants(names) {
  let missed = 0;
  for (const name of names) {
    const change = PLANTS[name];
    if (!change) throw new Error(`--plant is one of ${Object.keys(PLANTS).join(', ')}`);
    const { path, remove } = await bundled(ENTRY, change);
    try {
      const { total, failed } = await simulate(path, Number(values.from), change.seeds ?? 2000, false, {
        until: 'first failure',
      });
      const first = failed[0];
      if (first)
        console.log(
          `${name}: found by seed ${first.seed} of ${total.seeds + 1} run: ${first.failures[0].what}: ${first.failures[0].text.slice(0, 120)}`,
        );
      else {
        missed++;
        console.error(`${name}: NOT FOUND in ${total.seeds} seeds`);
      }
    } finally {
      remove();
    }
  }
  process.exit(missed === 0 ? 0 : 1);
}

if (values.plants) await runPlants(Object.keys(PLANTS));
if (values.plant !== undefined) await runPlants([values.plant]);

const { path, remove } = await bundled(ENTRY);
try {
  if (process.env.ZC_SEED !== undefined) {
    const { runSeed, shrink, readable } = await import(pathToFileURL(path).href);
    const outcome = await runSeed(Number(process.env.ZC_SEED));
    const shown = outcome.failures.length > 0 ? await shrink(outcome) : outcome;
    console.log(readable(shown, process.env.ZC_TRACE === 'all'));
    process.exitCode = outcome.failures.length > 0 ? 1 : 0;
  } else {
    const began = performance.now();
    const { total, failed } = await simulate(path, Number(values.from), Number(values.seeds), !values.once);
    const seconds = (performance.now() - began) / 1000;
    const summary = {
      ...total,
      from: Number(values.from),
      runsEach: values.once ? 1 : 2,
      failed: failed.length,
      seconds: Math.round(seconds * 10) / 10,
      cpuMs: Math.round(total.cpuMs),
      cpuMsPerSeed: Math.round((10 * total.cpuMs) / Math.max(1, total.seeds)) / 10,
      workers: Number(values.workers),
      machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}, Node ${process.version}`,
    };
    if (values.json) console.log(JSON.stringify({ ...summary, failures: failed }, null, 2));
    else
      console.log(
        Object.entries(summary)
          .map(([key, value]) => `${key} ${value}`)
          .join(', '),
      );
    tell(failed);
    if (failed.length > 0) {
      console.error(`\nFAILED. Again, with the trace: ZC_SEED=${failed[0].seed} npm run soak:sync-sim`);
      process.exitCode = 1;
    }
  }
} finally {
  remove();
}
