// The card reader: decoding, the time from the last bytes to the parsed card, the processor at rest and the memory of the
// device host. Also by itself: node tests/bench/card-reader.mjs [--json] [--cards 1000]
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PacketLengthParser } from '@serialport/parser-packet-length';
import { ensureBuilt } from '../../electron/launcher/build.mjs';
import { bundled, importBundled } from '../soak/card/bundle.mjs';
import { cpuMs, noLine, openLine, rssMb, startDesk, until } from './card-line.mjs';
import { quantile } from './figures.mjs';

const REST_MS = 10_000;
const REST_RUNS = 3;

/** @returns rows for `run.mjs`; a row with `skipped` has no figures and says why */
export async function cardReader({ cards = 1000, runs = 9 } = {}) {
  await ensureBuilt(['standalone']);
  const parts = await importBundled('tests/bench/card-parts.ts');
  const rows = [
    decoding(parts, runs, 'base reads of 1295 bytes in reports of 64', baseFrame(parts), 64),
    decoding(parts, runs, 'short answers of 15 bytes', parts.replyFrame(0x9f, new Uint8Array(4)), 64),
  ];
  const reason = noLine();
  if (reason) return [...rows, { name: 'card reader on a serial line', skipped: reason }];
  return [...rows, ...(await onALine(parts, cards))];
}

function baseFrame(parts) {
  const [{ text, photo }] = parts.demoPeople();
  return parts.replyFrame(0x90, Uint8Array.of(1, 0, 4, 0, ...text, ...photo));
}

/** Frames per second out of a clean stream, ours and what one would take from npm. */
function decoding(parts, runs, what, frame, size) {
  const count = Math.ceil(2_000_000 / frame.length);
  const ours = Array.from({ length: runs + 1 }, () => {
    const decoder = parts.createReplyDecoder();
    return rateOf(count, frame, size, (bytes) => decoder.push(bytes).length);
  });
  // It reads lengths little-endian only, so its frames carry the length turned round. It has no check byte.
  const turned = Buffer.from(frame);
  turned.writeUInt16LE(frame[5] * 256 + frame[6], 5);
  const beside = Array.from({ length: Math.max(3, Math.floor(runs / 3)) }, () => {
    const parser = new PacketLengthParser({
      delimiter: [0xaaaaaa9669],
      delimiterBytes: 5,
      lengthOffset: 5,
      lengthBytes: 2,
      packetOverhead: 7,
      maxLen: 4096,
    });
    let seen = 0;
    parser.on('data', () => (seen += 1));
    const fewer = Math.max(100, Math.floor(count / 20));
    return rateOf(fewer, turned, size, (bytes) => {
      const before = seen;
      parser.write(Buffer.from(bytes));
      return seen - before;
    });
  });
  return {
    name: `card: frames decoded, ${what}`,
    unit: 'frames/s',
    target: null,
    ours: rates(ours.slice(1)),
    beside: {
      name: '@serialport/parser-packet-length, which does not look at the check byte',
      ...rates(beside),
    },
  };
}

function rateOf(count, frame, size, push) {
  const batch = Math.max(1, Math.floor(64_000 / frame.length));
  const stream = new Uint8Array(batch * frame.length);
  for (let i = 0; i < batch; i++) stream.set(frame, i * frame.length);
  let frames = 0;
  const began = performance.now();
  while (frames < count) {
    for (let at = 0; at < stream.length; at += size) frames += push(stream.subarray(at, at + size));
  }
  const seconds = (performance.now() - began) / 1000;
  if (frames % batch !== 0) throw new Error(`${frames} frames of batches of ${batch}`);
  return frames / seconds;
}

/** The 5 % slowest runs give the "p95" of a rate. */
function rates(values) {
  return {
    median: Math.round(quantile(values, 0.5)),
    p95: Math.round(quantile(values, 0.05)),
    runs: values.length,
  };
}

async function onALine(parts, cards) {
  const bundle = await bundled('tests/bench/card-desk.ts');
  try {
    const rest = await atRest(parts, bundle.path);
    return [...(await withCards(parts, bundle.path, cards)), ...rest];
  } finally {
    bundle.remove();
  }
}

/** Nobody lays a card down: what looking five times a second costs, main process and device host together. */
async function atRest(parts, desk) {
  const line = await openLine(parts);
  const program = await startDesk(desk, line.near, 1);
  try {
    const { main, host } = program.processes();
    const both = () => cpuMs(main) + cpuMs(host);
    const shares = [];
    // The first seconds belong to the start.
    await new Promise((done) => setTimeout(done, 3000));
    for (let run = 0; run < REST_RUNS; run++) {
      const [began, before, askedBefore] = [performance.now(), both(), line.asked()];
      await new Promise((done) => setTimeout(done, REST_MS));
      const tookMs = performance.now() - began;
      if ((line.asked() - askedBefore) / tookMs < 0.004) throw new Error('the reader was not looked at');
      shares.push((100 * (both() - before)) / tookMs);
    }
    return [
      row('card: processor of main process and device host at rest, of one core', '%', 1, shares, 2),
      row('card: memory of the device host, no card yet', 'MB', null, [rssMb(host)]),
    ];
  } finally {
    await program.stop();
    await line.close();
  }
}

/** Cards one after another; the waits between them are shortened, the reading itself is not. */
async function withCards(parts, desk, cards) {
  const line = await openLine(parts);
  const program = await startDesk(desk, line.near, 20);
  const people = parts.demoPeople().filter(({ id }) => !['expired', 'private-use'].includes(id));
  const { host } = program.processes();
  const [inMain, fromLine] = [[], []];
  try {
    for (let i = 0; i < cards; i++) {
      line.sam.place(people[i % people.length]);
      await until(
        () => program.seen.reads.length > i,
        20_000,
        () => `card ${i}: ${program.seen.problems.at(-1)}`,
      );
      const { afterPacketMs, parsedAt, complete } = program.seen.reads[i];
      if (!complete) throw new Error(`card ${i} was not read completely`);
      inMain.push(afterPacketMs);
      fromLine.push(parsedAt - line.answeredAt());
      line.sam.lift();
      program.seen.phase = '';
      await program.waiting();
    }
    return [
      row('card: last bytes in the main process to the parsed card', 'ms', 2, inMain, 2),
      row(
        'card: last answer put on the line to the parsed card, through the device host',
        'ms',
        null,
        fromLine,
        2,
      ),
      row(`card: memory of the device host after ${cards} cards`, 'MB', null, [rssMb(host)]),
    ];
  } finally {
    await program.stop();
    await line.close();
  }
}

function row(name, unit, target, values, digits = 1) {
  const round = (value) => Number(value.toFixed(digits));
  return {
    name,
    unit,
    target,
    ours: { median: round(quantile(values, 0.5)), p95: round(quantile(values, 0.95)), runs: values.length },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { json: { type: 'boolean', default: false }, cards: { type: 'string', default: '1000' } },
  });
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`;
  const load = [loadavg()[0].toFixed(1)];
  const rows = await cardReader({ cards: Number(values.cards) });
  load.push(loadavg()[0].toFixed(1));
  if (values.json) console.log(JSON.stringify({ machine, load, rows }, null, 2));
  else {
    const { printRows } = await import('./print-rows.mjs');
    printRows(rows);
    console.log(`\n${machine}, load ${load.join(' to ')}`);
  }
}
