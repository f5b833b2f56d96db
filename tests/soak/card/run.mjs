// The long run of damaged frames: node tests/soak/card/run.mjs [--frames 1000000] [--seed N] [--plant NAME] [--json]
// Fails with the seed and the bytes of the first frame that was judged wrong. With --plant a mistake is put into the driver
// first, and the run fails when nothing is found.
import { loadavg, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { importBundled } from './bundle.mjs';
import { PLANTS } from './plants.mjs';

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    plant: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const frames = Number(values.frames);
const seed = Number(values.seed);
if (!(frames > 0) || !Number.isInteger(seed)) throw new Error('--frames and --seed are numbers');
const change = values.plant === undefined ? undefined : PLANTS[values.plant];
if (values.plant !== undefined && !change) {
  throw new Error(`--plant is one of ${Object.keys(PLANTS).join(', ')}`);
}

const { runFuzz } = await importBundled('tests/unit/id-card/fuzz/run-fuzz.ts', change);
if (!values.json)
  console.log(`seed ${seed}, ${frames} frames${values.plant ? `, planted: ${values.plant}` : ''}`);
const began = performance.now();
const before = process.memoryUsage.rss();
let result;
try {
  result = await runFuzz({
    frames,
    seed,
    onProgress: (done) => process.stderr.isTTY && process.stderr.write(`\r${done} frames`),
  });
} catch (error) {
  const message = error.message.slice(0, 4000);
  if (values.plant) {
    console.log(`found: ${message.slice(0, 300)}`);
    process.exit(0);
  }
  console.error(`\nFAILED, seed ${seed}: ${message}`);
  process.exit(1);
}
if (values.plant) {
  console.error(
    `FAILED: the planted mistake "${values.plant}" was not found in ${frames} frames, seed ${seed}`,
  );
  process.exit(1);
}
const seconds = (performance.now() - began) / 1000;
const summary = {
  ...result,
  seed,
  seconds: Math.round(seconds * 10) / 10,
  framesPerSecond: Math.round(result.frames / seconds),
  megabytes: Math.round(result.bytes / 1e6),
  rssGrowthMb: Math.round((process.memoryUsage.rss() - before) / 2 ** 20),
  machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}, Node ${process.version}`,
};
if (values.json) console.log(JSON.stringify(summary, null, 2));
else print(summary);

function print({ counts, exchanges, ...rest }) {
  const channels = [...new Set(Object.keys(counts).map((key) => key.split(' ')[0]))].sort();
  const damages = [...new Set(Object.keys(counts).map((key) => key.split(' ')[1]))].sort();
  console.log(' '.repeat(12) + damages.map((text) => text.padStart(10)).join(''));
  for (const channel of channels) {
    const row = damages.map((damage) => String(counts[`${channel} ${damage}`] ?? 0).padStart(10));
    console.log(channel.padStart(12) + row.join(''));
  }
  console.log(
    `\n${rest.frames} frames, ${rest.megabytes} MB in ${rest.seconds} s (${rest.framesPerSecond}/s), slowest ${rest.slowestMs.toFixed(1)} ms`,
  );
  console.log(`${rest.replies} whole frames came out, ${rest.bad} beginnings did not hold`);
  console.log(
    `${rest.byChance} were damaged in a way that XOR does not see (bytes moved about, or one in 256); none came out whose check byte was wrong`,
  );
  console.log(`exchanges: ${exchanges.answered} answered, ${exchanges.failed} failed in time`);
  console.log(`memory grew by ${rest.rssGrowthMb} MB\n${rest.machine}`);
}
