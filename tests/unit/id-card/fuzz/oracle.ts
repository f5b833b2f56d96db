/**
 * What a stream of bytes holds, found the slow and plain way and without any code of the program: at every place is looked
 * whether a frame stands there whose length fits and whose bytes XOR to zero. Of frames that overlap the first counts.
 */
export interface OracleFrame {
  at: number;
  sw1: number;
  sw2: number;
  sw3: number;
  data: Uint8Array;
}

const START = [0xaa, 0xaa, 0xaa, 0x96, 0x69];

export function framesIn(stream: Uint8Array): OracleFrame[] {
  const frames: OracleFrame[] = [];
  let at = 0;
  while (at < stream.length) {
    const size = frameSizeAt(stream, at);
    if (size === 0) at += 1;
    else {
      const [sw1 = 0, sw2 = 0, sw3 = 0] = stream.slice(at + 7, at + 10);
      frames.push({ at, sw1, sw2, sw3, data: stream.slice(at + 10, at + size - 1) });
      at += size;
    }
  }
  return frames;
}

/** @returns the bytes of the whole frame that stands at this place, 0 when none does */
function frameSizeAt(stream: Uint8Array, at: number): number {
  for (let i = 0; i < START.length; i++) if (stream[at + i] !== START[i]) return 0;
  const counted = (stream[at + 5] ?? NaN) * 256 + (stream[at + 6] ?? NaN);
  if (!(counted >= 4 && counted <= 4096) || at + 7 + counted > stream.length) return 0;
  let xor = 0;
  for (let i = at + 5; i < at + 7 + counted; i++) xor ^= stream[i] as number;
  return xor === 0 ? 7 + counted : 0;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** What the program calls a reply. */
type ReplyLike = Omit<OracleFrame, 'at'>;

export function sameReply(a: ReplyLike, b: ReplyLike): boolean {
  return a.sw1 === b.sw1 && a.sw2 === b.sw2 && a.sw3 === b.sw3 && sameBytes(a.data, b.data);
}
