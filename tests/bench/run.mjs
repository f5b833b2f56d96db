// `npm run bench` prints a table; `-- --json` the same as JSON; `-- --runs N` for more than the usual number of runs;
// `-- --only PART` for one part. Medians and p95, beside what a user would have instead, measured in the same run on the
// same machine.
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { ensureBrowser } from '../../electron/launcher/browser.mjs';
import { ensureBuilt } from '../../electron/launcher/build.mjs';
import { ensureInstalled } from '../../electron/launcher/install.mjs';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '15' },
    only: { type: 'string' },
  },
});
const out = console.log.bind(console);
// What set-up says must not stand in front of the JSON.
if (values.json) console.log = console.error;
await ensureInstalled();
const browser = await ensureBrowser({ install: true });
await ensureBuilt(['renderer', 'standalone', 'server']);

const runs = Number(values.runs);

/** Each part measures by itself and gives its rows; one after the other, so that none disturbs another. */
const PARTS = {
  async desk() {
    const { newPlace } = await import('./program.mjs');
    const { coldStart } = await import('./cold-start.mjs');
    const { oneCase } = await import('./one-case.mjs');
    const place = await newPlace();
    try {
      return [await coldStart(place, Math.min(runs, 9)), ...(await oneCase(place, runs))];
    } finally {
      place.remove();
    }
  },
  card: async () => (await import('./card-reader.mjs')).cardReader(),
  journal: async () => (await import('./journal/index.mjs')).journalSpeed(),
  store: async () => (await import('./store/index.mjs')).localStore(),
  sync: async () => (await import('./sync/index.mjs')).syncBeside(),
  server: async () =>
    (await import('./server/index.mjs')).serverLoad({ runs: Math.min(runs, 5), stored: 1_000_000 }),
};

const parts = values.only === undefined ? Object.keys(PARTS) : values.only.split(',');
const unknown = parts.filter((part) => !Object.hasOwn(PARTS, part));
if (unknown.length > 0) {
  console.error(`--only ${unknown.join(', ')}: ${Object.keys(PARTS).join(', ')}`);
  process.exit(2);
}
const rows = [];
for (const part of parts) rows.push(...(await PARTS[part]()));
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
