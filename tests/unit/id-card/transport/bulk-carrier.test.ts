import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bulkCarrier } from '../../../../electron/core/id-card/carriers/bulk.ts';
import {
  createReplyDecoder,
  encodeReply,
  encodeRequest,
} from '../../../../electron/core/id-card/sam-frame.ts';
import type { Packet } from '../../../../electron/core/ports/reader-device.ts';
import { bytesOf, hexOf } from '../hex.ts';

const SPLIT = bulkCarrier([0x02, 0x06], [0x81, 0x85], true);
const WHOLE = bulkCarrier([0x02], [0x81], false);
const FOUND = 'AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97';

const packet = (pipe: number, hex: string): Packet => ({ pipe, bytes: bytesOf(hex) });

/** What the frame decoder makes of the packets, as hex of the data with its status, or why it is bad. */
function decoded(receiver: ReturnType<typeof SPLIT.createReceiver>, packets: readonly Packet[]): string[] {
  const decoder = createReplyDecoder();
  return packets.flatMap(({ bytes, pipe }) => {
    const content = receiver.take({ bytes: bytes.slice(), pipe });
    if (content.kind !== 'bytes') return [];
    return decoder
      .push(content.bytes)
      .map((part) =>
        part.kind === 'bad' ? part.reason : `${part.reply.sw3.toString(16)} ${hexOf(part.reply.data)}`,
      );
  });
}

/** Cuts at the given places, each a share of the length. */
function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...new Set([...places.map((share) => Math.floor(share * bytes.length)), bytes.length])]
    .filter((end) => end > 0)
    .sort((a, b) => a - b);
  return ends.map((end, i) => bytes.slice(ends[i - 1] ?? 0, end));
}

/** Two rows of packets as they may come in from two pipes: the order within each holds. */
function interleaved<T>(first: readonly T[], second: readonly T[], order: readonly boolean[]): T[] {
  const [a, b] = [[...first], [...second]];
  const out: T[] = [];
  for (let i = 0; a.length + b.length > 0; i++) {
    const [next] =
      (order[i % Math.max(1, order.length)] ?? true) && a.length > 0 ? a.splice(0, 1) : b.splice(0, 1);
    if (next !== undefined) out.push(next);
    else out.push(...a.splice(0, 1));
  }
  return out;
}

const replies = fc.array(
  fc.record({ sw3: fc.constantFrom(0x90, 0x9f, 0x80, 0x41), data: fc.uint8Array({ maxLength: 1300 }) }),
  { minLength: 1, maxLength: 4 },
);
const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });

describe('the bulk pipes of 0400:C35A', () => {
  it('a find is seven bytes on 02 and the rest on 06', () => {
    expect(SPLIT.toPackets(encodeRequest(0x20, 0x01))).toEqual([
      packet(0x02, 'AA AA AA 96 69 00 03'),
      packet(0x06, '20 01 22'),
    ]);
    expect(WHOLE.toPackets(encodeRequest(0x20, 0x01))).toEqual([
      packet(0x02, 'AA AA AA 96 69 00 03 20 01 22'),
    ]);
  });

  it('an answer is put together, whichever pipe is heard first', () => {
    const head = packet(0x81, FOUND.slice(0, 20));
    const body = packet(0x85, FOUND.slice(21));
    for (const packets of [
      [head, body],
      [body, head],
    ]) {
      expect(decoded(SPLIT.createReceiver(), packets)).toEqual(['9f 00 00 00 00']);
    }
  });

  it('answers cut anywhere on both pipes come out in order, one after another', () => {
    fc.assert(
      fc.property(
        replies,
        places,
        places,
        fc.array(fc.boolean(), { minLength: 1 }),
        (list, heads, bodies, order) => {
          const frames = list.map(({ sw3, data }) => encodeReply({ sw1: 0, sw2: 0, sw3, data }));
          const all = (from: number, to?: number): Uint8Array =>
            Uint8Array.from(frames.flatMap((frame) => [...frame.slice(from, to)]));
          const packets = interleaved(
            cutAt(all(0, 7), heads).map((bytes) => ({ bytes, pipe: 0x81 })),
            cutAt(all(7), bodies).map((bytes) => ({ bytes, pipe: 0x85 })),
            order,
          );
          expect(decoded(SPLIT.createReceiver(), packets)).toEqual(
            list.map(({ sw3, data }) => `${sw3.toString(16)} ${hexOf(data)}`),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('stray bytes before a header are passed over, also when they look like the beginning of one', () => {
    const stray = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .constantFrom(
          'AA',
          'AA AA',
          'AA AA AA',
          'AA AA AA 96',
          'AA AA AA 96 69 FF FF',
          'AA AA AA 96 69 00 00',
        )
        .map(bytesOf),
    );
    fc.assert(
      fc.property(stray, fc.uint8Array({ maxLength: 200 }), places, (noise, data, heads) => {
        // A whole header by chance, followed by a sensible length, is a header.
        fc.pre(!hexOf(Uint8Array.of(...noise, 0xaa)).includes('AA AA AA 96 69 0') || noise.length <= 7);
        const frame = encodeReply({ sw1: 0, sw2: 0, sw3: 0x90, data });
        const head = Uint8Array.of(...noise, ...frame.slice(0, 7));
        const packets = [
          ...cutAt(head, heads).map((bytes) => ({ bytes, pipe: 0x81 })),
          { bytes: frame.slice(7), pipe: 0x85 },
        ];
        expect(decoded(SPLIT.createReceiver(), packets)).toEqual([`90 ${hexOf(data)}`]);
      }),
      { numRuns: 300 },
    );
  });

  it('after a body that never came in full the next command starts clean', () => {
    const receiver = SPLIT.createReceiver();
    expect(decoded(receiver, [packet(0x81, 'AA AA AA 96 69 05 08'), packet(0x85, '00 00 90 01')])).toEqual(
      [],
    );
    receiver.reset();
    expect(decoded(receiver, [packet(0x81, FOUND.slice(0, 20)), packet(0x85, FOUND.slice(21))])).toEqual([
      '9f 00 00 00 00',
    ]);
  });

  it('takes whole frames from whichever pipe they come, cut anywhere, when the profile says so', () => {
    fc.assert(
      fc.property(replies, places, fc.constantFrom(0x81, 0x85), (list, cuts, pipe) => {
        const frames = list.flatMap(({ sw3, data }) => [...encodeReply({ sw1: 0, sw2: 0, sw3, data })]);
        const packets = cutAt(Uint8Array.from(frames), cuts).map((bytes) => ({ bytes, pipe }));
        expect(decoded(WHOLE.createReceiver(), packets)).toEqual(
          list.map(({ sw3, data }) => `${sw3.toString(16)} ${hexOf(data)}`),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('never throws and holds little, whatever comes', () => {
    const receiver = SPLIT.createReceiver();
    const anything = fc.record({
      pipe: fc.constantFrom(0x81, 0x85, 0),
      bytes: fc.uint8Array({ maxLength: 512 }),
    });
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 60 }), (packets) => {
        let given = 0;
        for (const one of packets) {
          const content = receiver.take(one);
          given += content.kind === 'bytes' ? content.bytes.length : 0;
        }
        expect(given).toBeLessThanOrEqual(
          packets.reduce((sum, { bytes }) => sum + bytes.length, 0) + 2 * 8192,
        );
      }),
    );
    // A flood on one pipe is cut at its old end, and a header still finds its body behind the next reset.
    for (let i = 0; i < 1000; i++) receiver.take({ pipe: 0x85, bytes: new Uint8Array(64) });
    receiver.reset();
    expect(decoded(receiver, [packet(0x85, FOUND.slice(21)), packet(0x81, FOUND.slice(0, 20))])).toHaveLength(
      1,
    );
  });
});
