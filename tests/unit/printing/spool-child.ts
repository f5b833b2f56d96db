import { writeSync } from 'node:fs';
import { createTcpPrinter } from '../../../electron/adapters/node/printer/tcp-printer.ts';
import { renderJob } from '../../../electron/adapters/simulated/printer/render-job.ts';
import { createSpool } from '../../../electron/core/printing/spool.ts';
import { markedBitmap } from './bitmap.ts';
import { quickClock, silentLog } from './ports.ts';

/** A program that prints until it is killed; says on its output what it was promised. */
const [folder = '', port = '', run = '0'] = process.argv.slice(2);
const SHEETS = 4;
const clock = quickClock();
const hurried = {
  ...clock,
  after: (ms: number, go: () => void) => clock.after(ms >= 1_000 ? ms / 50 : ms, go),
};
const printer = createTcpPrinter({
  address: `127.0.0.1:${port}`,
  clock,
  log: silentLog,
  limits: { connect: 300, probe: 25, stall: 100, proof: 40, proofPerMm: 0, paper: 100 },
});
const spool = createSpool({
  ...{ folder, papers: folder, clock: hurried, log: silentLog, renderJob, printer: () => printer },
  settings: () => ({ mode: 'tcp', dots: 576, bandRows: 8, bandPauseMs: 1 }),
});

await spool.open();
writeSync(1, 'open\n');
if (run === 'drain') process.once('SIGTERM', () => void spool.close().then(() => process.exit(0)));
else await work(Number(run));
setInterval(() => {
  const unfinished = spool.list().filter(({ state }) => /queued|sending|failed/.test(state));
  if (unfinished.length === 0) writeSync(1, 'idle\n');
}, 20);

async function work(number: number): Promise<void> {
  const [doubt] = spool.list().filter((row) => row.state === 'uncertain');
  if (doubt !== undefined) await spool.resolve(doubt.key, 'reprint', `c${number}`);
  for (let i = 0; i < SHEETS; i++) {
    const key = `case/${number}-${i}:slip:1`;
    const marks = [0xa5, 0x5a, number >> 8, number & 0xff, i];
    await spool.submit({ key, kind: 'slip', title: key, bitmap: markedBitmap(64, marks) });
    writeSync(1, `kept ${key}\n`);
  }
}
