/**
 * The device's side of the SAM frames: takes requests apart, builds replies. Written apart from the driver's
 * codec, so that a mistake in one of them shows in the tests instead of cancelling out.
 */

const START = Uint8Array.of(0xaa, 0xaa, 0xaa, 0x96, 0x69);

export type RequestFrame =
  | { kind: 'request'; command: number; parameter: number; data: Uint8Array }
  | { kind: 'bad-checksum' }
  | { kind: 'bad-length' };

export interface RequestDecoder {
  push(bytes: Uint8Array): RequestFrame[];
}

/** Requests out of a stream of bytes. Longer ones than a SAM takes are answered as a wrong length. */
export function createRequestDecoder(): RequestDecoder {
  let stream: number[] = [];
  return {
    push(bytes) {
      stream.push(...bytes);
      const frames: RequestFrame[] = [];
      for (;;) {
        while (stream.length > 0 && !START.every((byte, i) => i >= stream.length || stream[i] === byte))
          stream.shift();
        if (stream.length < 7) return frames;
        const length = (stream[5] ?? 0) * 256 + (stream[6] ?? 0);
        if (length < 3 || length > 64) {
          frames.push({ kind: 'bad-length' });
          stream = stream.slice(7);
          continue;
        }
        if (stream.length < 7 + length) return frames;
        const frame = stream.slice(5, 7 + length);
        stream = stream.slice(7 + length);
        const [, , command = 0, parameter = 0, ...rest] = frame;
        const sum = frame.reduce((xor, byte) => xor ^ byte, 0);
        frames.push(
          sum === 0
            ? { kind: 'request', command, parameter, data: Uint8Array.from(rest.slice(0, -1)) }
            : { kind: 'bad-checksum' },
        );
      }
    },
  };
}

/** With these codes a SAM passes the card's own SW1 and SW2 on; with all others they are 00 00. */
const PASSED_ON: ReadonlySet<number> = new Set([0x31, 0x41, 0x47, 0x81]);

/** What the simulated card says when it fails. */
export function cardWords(sw3: number): readonly [number, number] {
  return PASSED_ON.has(sw3) ? [0x6a, 0x82] : [0, 0];
}

/** A reply frame: SW1 SW2 SW3 and data. */
export function replyFrame(
  sw3: number,
  data: Uint8Array = new Uint8Array(),
  [sw1, sw2]: readonly [number, number] = [0, 0],
): Uint8Array {
  const length = data.length + 4;
  const counted = [length >> 8, length & 0xff, sw1, sw2, sw3, ...data];
  const check = counted.reduce((xor, byte) => xor ^ byte, 0);
  return Uint8Array.from([...START, ...counted, check]);
}
