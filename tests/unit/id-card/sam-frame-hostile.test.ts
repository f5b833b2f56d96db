import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReplyDecoder, encodeReply } from '../../../electron/core/id-card/sam-frame.ts';
import type { DecodedPart, SamReply } from '../../../electron/core/id-card/sam-frame.ts';
import { framesIn } from './fuzz/oracle.ts';
import { bytesOf } from './hex.ts';

const replies = (parts: DecodedPart[]): SamReply[] =>
  parts.flatMap((part) => (part.kind === 'reply' ? [part.reply] : []));

function decodeAll(stream: Uint8Array, size: number): SamReply[] {
  const decoder = createReplyDecoder();
  const parts: DecodedPart[] = [];
  for (let at = 0; at < stream.length; at += size)
    parts.push(...decoder.push(stream.subarray(at, at + size)));
  return replies([...parts, ...decoder.giveUp()]);
}

/** The same bytes over and over. */
function repeated(pattern: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += pattern.length) bytes.set(pattern.subarray(0, length - at), at);
  return bytes;
}

describe('the decoder against a judge that looks at every place', () => {
  const pieces = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.uint8Array({ maxLength: 30 }) },
      { weight: 3, arbitrary: fc.constant(bytesOf('AA AA AA 96 69')) },
      { weight: 2, arbitrary: fc.constant(bytesOf('AA AA AA 96 69 00 0B')) },
      { weight: 1, arbitrary: fc.constant(bytesOf('AA AA AA 96 69 10 00')) },
      { weight: 1, arbitrary: fc.constant(new Uint8Array(5000)) },
      {
        weight: 4,
        arbitrary: fc
          .record({ sw3: fc.nat(255), data: fc.uint8Array({ maxLength: 60 }) })
          .map((reply) => encodeReply({ sw1: 0, sw2: 0, ...reply })),
      },
    ),
    { maxLength: 12 },
  );

  it('gives exactly the frames that stand there, however the bytes are cut', () => {
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 6000 }), (parts, size) => {
        const stream = Uint8Array.from(parts.flatMap((part) => [...part]));
        const expected = framesIn(stream).map(({ sw1, sw2, sw3, data }) => ({ sw1, sw2, sw3, data }));
        expect(decodeAll(stream, size)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('finds the one whole frame behind a megabyte of anything', () => {
    const wanted = encodeReply({ sw1: 0, sw2: 0, sw3: 0x9f, data: new Uint8Array(4) });
    for (const pattern of [
      'AA',
      '96',
      'AA AA AA 96 69',
      'AA AA AA 96 69 00 03',
      'AA AA AA 96 69 0F FF',
      '00',
    ]) {
      const stream = Uint8Array.of(...repeated(bytesOf(pattern), 100_000), ...wanted);
      expect(decodeAll(stream, 64).at(-1)).toMatchObject({ sw3: 0x9f });
    }
  });
});

describe('the memory of the decoder', () => {
  it('a reply is a copy: later bytes do not change it', () => {
    const decoder = createReplyDecoder();
    const [first] = replies(
      decoder.push(encodeReply({ sw1: 0, sw2: 0, sw3: 0x90, data: bytesOf('01 02 03') })),
    );
    decoder.push(encodeReply({ sw1: 0, sw2: 0, sw3: 0x90, data: bytesOf('FF FF FF') }));
    decoder.reset();
    expect(first?.data).toEqual(bytesOf('01 02 03'));
  });

  it('keeps nothing of what was pushed: neither a card’s text nor noise', () => {
    const made: Uint8Array[] = [];
    const Original = globalThis.Uint8Array;
    // Sees the buffers that the decoder allocates for itself.
    globalThis.Uint8Array = new Proxy(Original, {
      construct(target, args: [number]) {
        const bytes = new target(...args);
        made.push(bytes);
        return bytes;
      },
    });
    let decoder;
    try {
      decoder = createReplyDecoder();
    } finally {
      globalThis.Uint8Array = Original;
    }
    const [held, folded] = made;
    expect(made.length).toBe(2);
    const secret = new Uint8Array(1284).fill(0x5a);
    const frame = encodeReply({ sw1: 0, sw2: 0, sw3: 0x90, data: secret });
    for (let round = 0; round < 20; round++) {
      decoder.push(Uint8Array.of(1, 2, 3, ...frame.subarray(0, 700)));
      expect(held?.some((byte) => byte === 0x5a)).toBe(true);
      decoder.push(frame.subarray(700));
    }
    decoder.giveUp();
    for (const buffer of [held, folded]) expect(buffer?.every((byte) => byte === 0)).toBe(true);
    decoder.push(frame.subarray(0, 1000));
    decoder.reset();
    for (const buffer of [held, folded]) expect(buffer?.every((byte) => byte === 0)).toBe(true);
  });
});
