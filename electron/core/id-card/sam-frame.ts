/**
 * Frames of the security module in every second-generation ID card reader (居民身份证验证安全控制模块, SAM;
 * GA/T 467-2019): the same bytes on UART, bulk USB and HID, only the carrier differs. Pure: no transport,
 * no clock. Layout: `AA AA AA 96 69`, length (2 bytes, big-endian), body, XOR of length and body.
 */

export const PREAMBLE: readonly number[] = [0xaa, 0xaa, 0xaa, 0x96, 0x69];

/** Bytes before the counted part: preamble and length field. A whole frame has length field + 7 bytes. */
const HEADER = PREAMBLE.length + 2;

/** A reply counts SW1 SW2 SW3 and the check byte at least; the largest known one counts 2314 (two fingerprints). */
const MIN_REPLY_LENGTH = 4;
const MAX_REPLY_LENGTH = 4096;

export interface SamReply {
  /** Status of the card itself, passed through with some errors; for the log only. */
  sw1: number;
  sw2: number;
  /** The SAM's own status: the one that is tested. */
  sw3: number;
  data: Uint8Array;
}

/** What a stream of bytes turned out to be. `bad` is a frame that began and did not hold. */
export type DecodedPart =
  { kind: 'reply'; reply: SamReply } | { kind: 'bad'; reason: 'length' | 'checksum' | 'incomplete' };

export interface ReplyDecoder {
  /** Takes bytes cut anywhere, with anything around the frames. */
  push(bytes: Uint8Array): DecodedPart[];
  /**
   * Nothing more will come: an unfinished frame is given up, and what was swallowed behind its false
   * beginning is looked through again, so that no whole frame is lost.
   */
  giveUp(): DecodedPart[];
  /** Forgets everything, before a new command. */
  reset(): void;
}

/** A request frame: CMD, PARA and the data, with preamble, length and check byte. */
export function encodeRequest(
  command: number,
  parameter: number,
  data: Uint8Array = new Uint8Array(),
): Uint8Array {
  return frame([command, parameter], data);
}

/** A reply frame, as a reader sends it. */
export function encodeReply(reply: SamReply): Uint8Array {
  return frame([reply.sw1, reply.sw2, reply.sw3], reply.data);
}

/** XOR of `bytes[from]` up to, not including, `bytes[to]`. */
export function xorOf(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum ^= bytes[i] ?? 0;
  return sum;
}

/** @returns where the preamble begins at or after `from`, or -1 */
export function findPreamble(bytes: Uint8Array, from = 0): number {
  for (let at = from; at + PREAMBLE.length <= bytes.length; at++) {
    if (PREAMBLE.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

/**
 * A decoder of replies that finds its way back by itself: noise is skipped, a frame that does not hold is
 * left one byte behind its beginning, so that a true frame within a false one is found.
 */
export function createReplyDecoder(): ReplyDecoder {
  let held: Uint8Array = new Uint8Array();

  const scan = (final: boolean): DecodedPart[] => {
    const parts: DecodedPart[] = [];
    let at = 0;
    for (;;) {
      const start = findPreamble(held, at);
      if (start < 0) {
        // The last bytes may be the beginning of a preamble.
        at = final ? held.length : Math.max(at, held.length - PREAMBLE.length + 1);
        break;
      }
      at = start;
      const length = ((held[at + 5] ?? 0) << 8) | (held[at + 6] ?? 0);
      const known = held.length >= at + HEADER;
      if (known && (length < MIN_REPLY_LENGTH || length > MAX_REPLY_LENGTH)) {
        parts.push({ kind: 'bad', reason: 'length' });
        at += 1;
      } else if (!known || held.length < at + HEADER + length) {
        if (!final) break;
        parts.push({ kind: 'bad', reason: 'incomplete' });
        at += 1;
      } else if (xorOf(held, at + PREAMBLE.length, at + HEADER + length) !== 0) {
        parts.push({ kind: 'bad', reason: 'checksum' });
        at += 1;
      } else {
        const [sw1 = 0, sw2 = 0, sw3 = 0] = held.subarray(at + HEADER);
        const end = at + HEADER + length;
        parts.push({ kind: 'reply', reply: { sw1, sw2, sw3, data: held.slice(at + HEADER + 3, end - 1) } });
        at = end;
      }
    }
    forget(at);
    return parts;
  };

  /** Drops the first `count` bytes and wipes them: a card's text does not stay behind in memory. */
  const forget = (count: number): void => {
    const rest = held.slice(count);
    held.fill(0);
    held = rest;
  };

  return {
    push(bytes) {
      const joined = new Uint8Array(held.length + bytes.length);
      joined.set(held);
      joined.set(bytes, held.length);
      held.fill(0);
      held = joined;
      return scan(false);
    },
    giveUp: () => scan(true),
    reset: () => forget(held.length),
  };
}

function frame(head: readonly number[], data: Uint8Array): Uint8Array {
  const length = head.length + data.length + 1;
  const bytes = new Uint8Array(HEADER + length);
  bytes.set(PREAMBLE);
  bytes.set([length >> 8, length & 0xff, ...head], PREAMBLE.length);
  bytes.set(data, HEADER + head.length);
  bytes[bytes.length - 1] = xorOf(bytes, PREAMBLE.length, bytes.length - 1);
  return bytes;
}
