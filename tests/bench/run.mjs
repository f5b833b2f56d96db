// `npm run bench` prints a table; `-- --json` the same as JSON; `-- --runs N` for more than the usual number of runs.
// Medians and p95, beside what a user would have instead, measured in the same run on the same machine.
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { ensureBrowser } from '../../electron/launcher/browser.mjs';
import { ensureBuilt } from '../../electron/launcher/build.mjs';
import { ensureInstalled } from '../../electron/launcher/install.mjs';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, runs: { type: 'string', default: '15' } },
});
const out = console.log.bind(console);
// What set-up says must not stand in front of the JSON.
if (values.json) console.log = console.error;
await ensureInstalled();
const browser = await ensureBrowser({ install: true });
await ensureBuilt(['renderer', 'standalone', 'server']);
const { newPlace } = await import('./program.mjs');
const { coldStart } = await import('./cold-start.mjs');
const { oneCase } = await import('./one-case.mjs');

const runs = Number(values.runs);
const place = await newPlace();
let rows;
try {
  rows = [await coldStart(place, Math.min(runs, 9)), ...(await oneCase(place, runs))];
} finally {
  place.remove();
}
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  browser,
};
if (values.json) out(JSON.stringify({ machine, rows }, null, 2));
else print();

function print() {
  console.log(`\n${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}\n`);
  for (const { name, unit, target, ours, beside } of rows) {
    const goal = target === null ? '' : `   (goal ≤ ${target})`;
    console.log(
      `${name}\n    ours     median ${ours.median} ${unit}, p95 ${ours.p95} ${unit}, ${ours.runs} runs${goal}`,
    );
    if (beside) {
      const ratio = (ours.median / beside.median).toFixed(2);
      console.log(
        `    beside   median ${beside.median} ${unit}, p95 ${beside.p95} ${unit} — ${beside.name}\n    ratio    ${ratio}`,
      );
    }
  }
}
