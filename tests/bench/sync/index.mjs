// The same cases made offline, drained to a server on the same machine, then pulled into a new PC: this program beside
// what a hall could build on instead. By itself: node tests/bench/sync/index.mjs [--docs 10000]
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../../electron/launcher/build.mjs';
import { measureOurs } from './ours.mjs';
import { bundlePeers, ensurePeers, measurePeer, PEERS } from './peers.mjs';
import { printPrograms } from './print-programs.mjs';

/** @returns one row each for push and pull, with the figures of every program */
export async function syncBeside({ docs = 10_000 } = {}) {
  await ensureBuilt(['renderer', 'standalone', 'server']);
  ensurePeers();
  const scripts = await bundlePeers();
  const all = [await measureOurs(docs)];
  for (const peer of PEERS) all.push(await measurePeer(peer, docs, scripts));
  return ['push', 'pull'].map((way) => ({
    name: `${docs.toLocaleString('en')} cases ${way === 'push' ? 'made offline → on the server' : 'from the server → a new PC'}`,
    docs,
    programs: all.map((program) => ({ name: program.name, ...program[way] })),
  }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { docs: { type: 'string', default: '10000' } } });
  for (const row of await syncBeside({ docs: Number(values.docs) })) printPrograms(row);
}
