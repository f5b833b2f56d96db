import { splitCardPayload } from '../../../../electron/core/id-card/card-payload.ts';
import type { Carrier } from '../../../../electron/core/id-card/carriers/carrier.ts';
import { createExchange } from '../../../../electron/core/id-card/exchange.ts';
import { COMMANDS } from '../../../../electron/core/id-card/sam-commands.ts';
import { createReplyDecoder } from '../../../../electron/core/id-card/sam-frame.ts';
import type { DecodedPart, SamReply } from '../../../../electron/core/id-card/sam-frame.ts';
import { DEVICE_ENDS } from '../../../../electron/adapters/simulated/card-reader/device-ends.ts';
import { createRequestDecoder } from '../../../../electron/adapters/simulated/card-reader/sam-wire.ts';
import type { Packet } from '../../../../electron/core/ports/reader-device.ts';
import { parseFingerprints } from '../../../../shared/domain/card/fingerprint.ts';
import { parseCardText, parseLatestAddress } from '../../../../shared/domain/card/parse-card-text.ts';
import { createFakeClock } from '../fake-clock.ts';
import type { Channel } from './device-side.ts';
import { CHANNELS, damagedPackets, driverCarrier, packetsOf } from './device-side.ts';
import type { Answer } from './frames.ts';
import { anAnswer, concat, DAMAGES, damagedBytes, noise } from './frames.ts';
import { framesIn, sameBytes, sameReply } from './oracle.ts';
import type { Random } from './random.ts';
import { createRandom } from './random.ts';

/**
 * Damaged frames through the codec, through every carrier and through whole exchanges, judged by `oracle.ts`: no field
 * ever comes out of a frame whose checksum is wrong, every whole frame comes out, nothing throws and nothing stays
 * pending. One seed gives the same run again.
 */
export interface FuzzOptions {
  frames: number;
  seed: number;
  /** One of so many frames goes through a whole exchange with a clock; default 40. */
  exchangeEvery?: number;
  onProgress?: (done: number) => void;
}

export interface FuzzResult {
  frames: number;
  bytes: number;
  /** `channel damage` → frames. */
  counts: Record<string, number>;
  /** Whole frames that came out. */
  replies: number;
  /** Frames that were begun and did not hold. */
  bad: number;
  /** Damaged frames that hold all the same: bytes that only moved, or one in 256. Nothing on the wire could tell. */
  byChance: number;
  exchanges: { answered: number; failed: number };
  /** The slowest single frame, milliseconds. */
  slowestMs: number;
}

export class FuzzFailure extends Error {}

const SLOWEST_MS = 2000;
/** Longest a failed exchange waits for the line to be quiet, and a little. */
const QUIET_LIMIT_MS = 1100;

export async function runFuzz(options: FuzzOptions): Promise<FuzzResult> {
  const random = createRandom(options.seed);
  const result: FuzzResult = {
    frames: 0,
    bytes: 0,
    counts: {},
    replies: 0,
    bad: 0,
    byChance: 0,
    exchanges: { answered: 0, failed: 0 },
    slowestMs: 0,
  };
  const codec = codecFuzz(random, result);
  const carriers = CHANNELS.map((channel) => carrierFuzz(random, channel, result));
  const every = options.exchangeEvery ?? 40;
  let toExchange = every;
  let told = 0;
  while (result.frames < options.frames) {
    const began = performance.now();
    const before = result.frames;
    try {
      const turn = random.below(CHANNELS.length + 2);
      const carrier = carriers[turn];
      if ((toExchange -= 1) <= 0) {
        toExchange = every;
        await exchangeFuzz(random, random.pick(CHANNELS), result);
      } else if (carrier) carrier();
      else codec();
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw new FuzzFailure(`seed ${options.seed}, frame ${before}: ${reason}`);
    }
    const tookMs = performance.now() - began;
    result.slowestMs = Math.max(result.slowestMs, tookMs);
    if (tookMs > SLOWEST_MS) throw new FuzzFailure(`seed ${options.seed}, frame ${before}: ${tookMs} ms`);
    if (options.onProgress && result.frames - told >= 50_000) options.onProgress((told = result.frames));
  }
  return result;
}

/** A few frames with noise between them, some damaged, cut anywhere: what comes out is what the oracle finds. */
function codecFuzz(random: Random, result: FuzzResult): () => void {
  // One decoder for the whole run, so that anything left over from before shows.
  const decoder = createReplyDecoder();
  return () => {
    const pieces: Uint8Array[] = [];
    const originals: Answer[] = [];
    // Now and then more than the decoder has room for.
    const many = random.chance(0.05) ? 30 : 4;
    for (let left = 1 + random.below(many); left > 0; left--) {
      if (random.chance(0.3)) pieces.push(noise(random));
      const original = anAnswer(random);
      const damage = random.pick(DAMAGES);
      originals.push(original);
      pieces.push(damagedBytes(random, damage, original.frame));
      count(result, `codec ${damage}`, original.frame);
    }
    const stream = concat(...pieces);
    const parts: DecodedPart[] = [];
    const size = random.chance(0.1) ? 1 : 1 + random.below(random.pick([8, 64, 5000]));
    for (let at = 0; at < stream.length; at += size) parts.push(...decoder.push(stream.slice(at, at + size)));
    parts.push(...decoder.giveUp());
    judge(parts, stream, result, originals);
  };
}

/** A reply in the packets of a carrier, damaged: what the driver makes of it, and that it recovers at once. */
function carrierFuzz(random: Random, channel: Channel, result: FuzzResult): () => void {
  const receiver = driverCarrier(channel).createReceiver();
  const decoder = createReplyDecoder();
  const run = (packets: readonly Packet[]): { parts: DecodedPart[]; emitted: Uint8Array } => {
    receiver.reset();
    decoder.reset();
    const parts: DecodedPart[] = [];
    const emitted: Uint8Array[] = [];
    for (const packet of packets) {
      const content = receiver.take(packet);
      if (content.kind !== 'bytes') continue;
      emitted.push(content.bytes.slice());
      parts.push(...decoder.push(content.bytes));
    }
    parts.push(...decoder.giveUp());
    return { parts, emitted: concat(...emitted) };
  };
  return () => {
    const original = anAnswer(random);
    const damage = random.pick(DAMAGES);
    const packets = damagedPackets(random, damage, packetsOf(random, channel, original.frame));
    count(result, `${channel} ${damage}`, original.frame);
    const { parts, emitted } = run(packets);
    if (channel === 'miaxis') judgeMiaxis(packets, emitted);
    judge(parts, emitted, result, [original]);
    const [first, ...more] = repliesOf(run(packetsOf(random, channel, original.frame)).parts);
    if (!first || more.length > 0 || !sameReply(first, { ...original, sw1: 0, sw2: 0 })) {
      throw new Error(`${channel}: a whole reply after a damaged one (${damage}) did not come out`);
    }
  };
}

/** A command over a device that answers with damaged packets: settled in time, and the next one is answered. */
async function exchangeFuzz(random: Random, channel: Channel, result: FuzzResult): Promise<void> {
  const clock = createFakeClock();
  const emitted: Uint8Array[] = [];
  const carrier = spied(driverCarrier(channel), emitted);
  const requests = createRequestDecoder();
  const input = DEVICE_ENDS[channel].createInput();
  const asked: string[] = [];
  let hear: (packet: Packet) => void = () => undefined;
  let reply: Packet[] = [];
  const exchange = createExchange({
    clock,
    log: { write: () => undefined },
    carrier,
    connection: {
      write: (packet) => {
        for (const frame of requests.push(input(packet) ?? new Uint8Array())) {
          asked.push(frame.kind);
          const lateMs = random.chance(0.1) ? random.below(700) : random.below(30);
          // A packet is its listener's, which wipes it.
          for (const { bytes, pipe } of reply)
            clock.after(lateMs, () => hear({ bytes: bytes.slice(), pipe }));
        }
        return Promise.resolve();
      },
      onPacket: (listener) => (hear = listener),
      onClosed: () => undefined,
      close: () => Promise.resolve(),
    },
  });

  const original = anAnswer(random);
  const damage = random.pick(DAMAGES);
  reply = damagedPackets(random, damage, packetsOf(random, channel, original.frame));
  count(result, `exchange ${damage}`, original.frame);
  const command = COMMANDS[original.command];
  const outcome = await settledWithin(clock, exchange.request(command), command.limitMs);
  if ('reply' in outcome) {
    result.exchanges.answered += 1;
    const { reply: given } = outcome;
    const found = framesIn(concat(...emitted)).some((frame) => sameReply(frame, given));
    if (!found) throw new Error(`${channel} ${damage}: an answer that is no whole frame`);
  } else {
    result.exchanges.failed += 1;
    const bearable = ['ID_CARD_TIMEOUT', 'ID_CARD_BAD_FRAME', 'ID_CARD_READER_FAILED', 'ID_CARD_CLOUD_ONLY'];
    if (!bearable.includes(outcome.code)) throw new Error(`${channel} ${damage}: ${outcome.code}`);
    if (damage === 'none') throw new Error(`${channel}: ${outcome.code} for a whole answer`);
  }

  // What is still on its way has been thrown away by then.
  await clock.advance(1000);
  reply = packetsOf(random, channel, original.frame);
  const next = await settledWithin(clock, exchange.request(command), command.limitMs + QUIET_LIMIT_MS);
  if (!('reply' in next) || !sameReply(next.reply, { ...original, sw1: 0, sw2: 0 }))
    throw new Error(`${channel}: not answered after ${damage}`);
  if (asked.length !== 2 || asked.some((kind) => kind !== 'request'))
    throw new Error(`${channel}: requests arrived as ${asked.join(', ')}`);
  await clock.advance(1000);
  if (clock.timers() !== 0) throw new Error(`${channel}: timers are left behind`);
}

function judge(parts: DecodedPart[], stream: Uint8Array, result: FuzzResult, originals: Answer[]): void {
  const given = repliesOf(parts);
  const expected = framesIn(stream);
  result.replies += given.length;
  result.bad += parts.length - given.length;
  const same = given.length === expected.length && given.every((reply, i) => sameReply(reply, expected[i]!));
  if (!same) {
    const [a, b] = [given, expected].map((list) =>
      list.map(({ sw3, data }) => `${sw3}/${data.length}`).join(' '),
    );
    throw new Error(`decoded [${a}], the bytes hold [${b}]: ${Buffer.from(stream).toString('hex')}`);
  }
  for (const { sw3, data } of given) {
    if (!originals.some((original) => original.sw3 === sw3 && sameBytes(original.data, data)))
      result.byChance += 1;
    // Whatever came through must not upset the parsers either.
    const payload = splitCardPayload(data);
    if (payload) parseCardText(payload.text, '2026-03-02');
    if (payload?.fingerprint) parseFingerprints(payload.fingerprint);
    parseLatestAddress(data);
  }
}

/**
 * Reports of this carrier have a sum and a number of their own: nothing of a report whose sum is wrong, or whose number
 * goes back (0 begins anew), may come out.
 */
function judgeMiaxis(packets: readonly Packet[], emitted: Uint8Array): void {
  let newest = 0;
  const good = packets.map(({ bytes }) => {
    const counted = (bytes[3] ?? 0) + 256 * (bytes[4] ?? 0);
    const end = 5 + counted;
    let sum = 0;
    for (const byte of bytes.slice(3, end)) sum += byte;
    const right = sum % 0x10000 === (bytes[end] ?? NaN) + 256 * (bytes[end + 1] ?? NaN);
    if (bytes[0] !== 0xaa || counted < 3 || !right) return new Uint8Array();
    // A report that only says "refused" carries no slice, and so no number.
    if (counted === 3 && bytes[5] !== 0) return new Uint8Array();
    const index = (bytes[6] ?? 0) + 256 * (bytes[7] ?? 0);
    if (index > 0 && index < newest) return new Uint8Array();
    newest = index;
    return bytes.slice(8, end);
  });
  if (!sameBytes(concat(...good), emitted)) throw new Error('miaxis: bytes of a damaged report came out');
}

function repliesOf(parts: DecodedPart[]): SamReply[] {
  return parts.flatMap((part) => (part.kind === 'reply' ? [part.reply] : []));
}

function count(result: FuzzResult, key: string, frame: Uint8Array): void {
  result.frames += 1;
  result.bytes += frame.length;
  result.counts[key] = (result.counts[key] ?? 0) + 1;
}

/** The same carrier; what its receivers give is noted. */
function spied(carrier: Carrier, emitted: Uint8Array[]): Carrier {
  return {
    toPackets: (frame) => carrier.toPackets(frame),
    createReceiver() {
      const receiver = carrier.createReceiver();
      return {
        reset: () => receiver.reset(),
        take(packet) {
          const content = receiver.take(packet);
          if (content.kind === 'bytes') emitted.push(content.bytes.slice());
          return content;
        },
      };
    },
  };
}

type Outcome = { reply: SamReply } | { code: string };

async function settledWithin(
  clock: ReturnType<typeof createFakeClock>,
  promise: Promise<SamReply>,
  limitMs: number,
): Promise<Outcome> {
  const seen: { outcome?: Outcome } = {};
  promise.then(
    (reply) => (seen.outcome = { reply }),
    (error: unknown) => (seen.outcome = { code: (error as { code?: string }).code ?? String(error) }),
  );
  await clock.advance(limitMs);
  if (!seen.outcome) throw new Error(`not settled within ${limitMs} ms`);
  return seen.outcome;
}
