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
const { cardReader } = await import('./card-reader.mjs');
const { printRows } = await import('./print-rows.mjs');

const runs = Number(values.runs);
const place = await newPlace();
let rows;
try {
  rows = [await coldStart(place, Math.min(runs, 9)), ...(await oneCase(place, runs))];
} finally {
  place.remove();
}
// By itself, since it measures what the processor does when nobody does anything.
rows.push(...(await cardReader()));
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
  printRows(rows);
}
