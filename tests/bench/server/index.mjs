// The server under load: events from a fleet in batches, single events at a steady pace, hint connections, and what an
// event costs with more halls and more events stored. By itself: node tests/bench/server/index.mjs [--runs 3] [--stored 1000000]
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../../electron/launcher/build.mjs';
import { importBundled } from '../../soak/card/bundle.mjs';
import { figures } from '../figures.mjs';
import { printRows } from '../print-rows.mjs';
import { costOf as processCost } from '../sync/process-cost.mjs';
import { storedBefore } from './grown.mjs';
import { hintConnections } from './hints.mjs';
import { sendAll, startServer } from './running.mjs';

const DEVICES = 1_000;
const BATCH = 50;
const PUSHES = 1;
/** Single events: so many a second, for so long. */
const PACE = 50;
const PACE_SECONDS = 10;

/** @returns rows for the bench's table; costs in microseconds an event, 200 are 5,000 events a second */
export async function serverLoad({ runs = 3, stored = 100_000, onRow = () => undefined } = {}) {
  await ensureBuilt(['server']);
  const { makeFleet } = await importBundled('tests/bench/server/fleet.ts');
  const server = await startServer();
  try {
    const rows = [];
    const add = (row) => {
      rows.push(row);
      onRow(row);
    };
    await costOf(server, makeFleet(50, 5, 1, BATCH));
    const memory = [server.memory()];
    const costs = [];
    const spent = [];
    for (let run = 0; run < runs; run++) {
      const before = processCost([server.pid]).seconds;
      costs.push(await costOf(server, makeFleet(DEVICES, 10, PUSHES, BATCH)));
      spent.push(((processCost([server.pid]).seconds - before) * 1e6) / (DEVICES * PUSHES * BATCH));
      memory.push(server.memory());
    }
    add({
      name: `${DEVICES.toLocaleString('en')} devices in 10 halls push batches of ${BATCH} (5,000 events/s are 200 µs)`,
      unit: 'µs an event',
      target: 200,
      ours: figures(costs),
    });
    add({
      name: 'Processor time of server and PostgreSQL together, whatever else the machine does (two cores have 400 µs)',
      unit: 'µs an event',
      target: 400,
      ours: figures(spent),
    });
    add({
      name: `Memory of the server after each ${(DEVICES * BATCH * PUSHES).toLocaleString('en')} events`,
      unit: 'MB',
      target: null,
      ours: figures(memory.map((bytes) => bytes / 1e6)),
    });
    add({
      name: `Single events, ${PACE} a second: p99 in place of p95`,
      unit: 'ms',
      target: 100,
      ours: await atPace(server, makeFleet(PACE * PACE_SECONDS, 10, 1, 1)),
    });
    for (const halls of [1, 10, 100]) {
      const fleet = makeFleet(200, halls, 1, BATCH);
      add({
        name: `Cost of an event, 200 devices in ${halls} hall(s)`,
        unit: 'µs an event',
        target: null,
        ours: figures([await costOf(server, fleet)]),
      });
    }
    for (const row of await hintsAlone(makeFleet(2_000, 1, 1, 1))) add(row);
    for (const row of await storedBefore(server, stored, () => makeFleet(200, 1, 1, BATCH), costOf)) add(row);
    return rows;
  } finally {
    await server.stop();
  }
}

/** On a server of its own: memory another part has freed would hide what the connections take. */
async function hintsAlone(fleet) {
  const server = await startServer();
  try {
    return await hintConnections(server, fleet);
  } finally {
    await server.stop();
  }
}

/** @returns microseconds an event */
async function costOf(server, fleet) {
  await server.admit(fleet);
  const { seconds } = await sendAll(server, fleet);
  return (seconds * 1e6) / fleet.reduce((sum, { bodies }) => sum + bodies.length * BATCH, 0);
}

/** Each push starts when its time has come, whatever became of the one before: waiting counts. */
async function atPace(server, fleet) {
  await server.admit(fleet);
  const times = [];
  await Promise.all(
    fleet.map(async (device, n) => {
      await new Promise((done) => setTimeout(done, (n * 1000) / PACE));
      const began = performance.now();
      if ((await server.push(device.token, device.bodies[0])) !== 200) throw new Error('a push was refused');
      times.push(performance.now() - began);
    }),
  );
  const sorted = times.sort((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] * 10) / 10;
  return { median: at(0.5), p95: at(0.99), runs: sorted.length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { runs: { type: 'string', default: '3' }, stored: { type: 'string', default: '100000' } },
  });
  // As they come: a long bench that is broken off has still said something.
  const onRow = (row) => printRows([row]);
  await serverLoad({ runs: Number(values.runs), stored: Number(values.stored), onRow });
}
