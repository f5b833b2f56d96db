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

/** @returns where the preamble begins at or after `from` and ends at or before `to`, or -1 */
export function findPreamble(bytes: Uint8Array, from = 0, to = bytes.length): number {
  // The fourth byte is looked for first: the three before it are the rarest thing to stand there by chance.
  for (let at = from + 3; at + 1 < to; at++) {
    if (bytes[at] !== 0x96 || bytes[at + 1] !== 0x69) continue;
    if (bytes[at - 1] === 0xaa && bytes[at - 2] === 0xaa && bytes[at - 3] === 0xaa) return at - 3;
  }
  return -1;
}

/** What is kept between two pushes is shorter than the longest frame; the other half is room for what comes. */
const ROOM = 2 * (HEADER + MAX_REPLY_LENGTH);

/**
 * A decoder of replies that finds its way back by itself: noise is skipped, a frame that does not hold is
 * left one byte behind its beginning, so that a true frame within a false one is found.
 *
 * Time is linear in the bytes pushed, whatever they are and however they are cut, and memory is fixed: bytes
 * stand in one buffer beside the XOR of everything before them, so that the check of a frame is one
 * comparison even when every seventh byte begins a false one. What has been looked through is wiped.
 */
export function createReplyDecoder(): ReplyDecoder {
  const held = new Uint8Array(ROOM);
  /** `folded[i]` is the XOR of every byte of `held` before `i`, counted from any one beginning. */
  const folded = new Uint8Array(ROOM + 1);
  /** What is held stands from `start` to `end`; outside of it there are zeros. */
  let start = 0;
  let end = 0;

  const scan = (final: boolean, parts: DecodedPart[]): void => {
    let at = start;
    for (;;) {
      const found = findPreamble(held, at, end);
      if (found < 0) {
        // The last bytes may be the beginning of a preamble.
        at = final ? end : Math.max(at, end - PREAMBLE.length + 1);
        break;
      }
      at = found;
      const body = at + HEADER;
      const length = ((held[at + 5] ?? 0) << 8) | (held[at + 6] ?? 0);
      const known = end >= body;
      if (known && (length < MIN_REPLY_LENGTH || length > MAX_REPLY_LENGTH)) {
        parts.push({ kind: 'bad', reason: 'length' });
        at += 1;
      } else if (!known || end < body + length) {
        if (!final) break;
        parts.push({ kind: 'bad', reason: 'incomplete' });
        at += 1;
      } else if (folded[at + PREAMBLE.length] !== folded[body + length]) {
        parts.push({ kind: 'bad', reason: 'checksum' });
        at += 1;
      } else {
        const [sw1 = 0, sw2 = 0, sw3 = 0] = held.subarray(body, body + 3);
        parts.push({
          kind: 'reply',
          reply: { sw1, sw2, sw3, data: held.slice(body + 3, body + length - 1) },
        });
        at = body + length;
      }
    }
    forget(at);
  };

  /** Drops what stands before `to` and wipes it: a card's text does not stay behind in memory. */
  const forget = (to: number): void => {
    held.fill(0, start, to);
    folded.fill(0, start, to);
    start = to;
    if (start < end) return;
    folded[end] = 0;
    start = 0;
    end = 0;
  };

  /** Takes as many bytes as there is room for. @returns how many those were */
  const take = (bytes: Uint8Array, from: number): number => {
    if (start > 0 && end + bytes.length - from > ROOM) {
      held.copyWithin(0, start, end);
      folded.copyWithin(0, start, end + 1);
      held.fill(0, end - start, end);
      folded.fill(0, end - start + 1, end + 1);
      end -= start;
      start = 0;
    }
    const count = Math.min(bytes.length - from, ROOM - end);
    let fold = folded[end] ?? 0;
    for (let i = 0; i < count; i++) {
      const byte = bytes[from + i] ?? 0;
      fold ^= byte;
      held[end + i] = byte;
      folded[end + i + 1] = fold;
    }
    end += count;
    return count;
  };

  return {
    push(bytes) {
      const parts: DecodedPart[] = [];
      for (let taken = 0; taken < bytes.length;) {
        taken += take(bytes, taken);
        scan(false, parts);
      }
      return parts;
    },
    giveUp() {
      const parts: DecodedPart[] = [];
      scan(true, parts);
      return parts;
    },
    reset: () => forget(end),
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
