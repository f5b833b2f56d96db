import { encodeReply, PREAMBLE, xorOf } from '../../../../core/id-card/sam-frame.ts';
import type { SamRequest } from './reader-library.ts';

/** CMD, PARA and check byte are counted at least. */
const HEADER = PREAMBLE.length + 2;
const SHORTEST = HEADER + 3;
const BAD_CHECKSUM = 0x10;
const BAD_LENGTH = 0x11;

/** One whole request frame taken apart; a damaged one gets the status that a SAM would give it. */
export function decodeRequest(
  frame: Uint8Array,
): ({ kind: 'request' } & SamRequest) | { kind: 'bad'; status: number } {
  const length = ((frame[5] ?? 0) << 8) | (frame[6] ?? 0);
  const begins = PREAMBLE.every((byte, i) => frame[i] === byte);
  if (!begins || frame.length < SHORTEST || frame.length !== HEADER + length)
    return { kind: 'bad', status: BAD_LENGTH };
  if (xorOf(frame, PREAMBLE.length, frame.length) !== 0) return { kind: 'bad', status: BAD_CHECKSUM };
  return {
    kind: 'request',
    command: frame[HEADER] ?? 0,
    parameter: frame[HEADER + 1] ?? 0,
    data: frame.slice(HEADER + 2, -1),
  };
}

/** A reply frame; the status of the card itself is not told by libraries. */
export function statusFrame(status: number, data: Uint8Array): Uint8Array {
  return encodeReply({ sw1: 0, sw2: 0, sw3: status, data });
}

/** What came from the reader was damaged: so is this, which makes the program ask once more. */
export function spoiltFrame(): Uint8Array {
  const frame = statusFrame(0, new Uint8Array());
  frame[frame.length - 1] = (frame.at(-1) ?? 0) ^ 0xff;
  return frame;
}
