import { findPreamble } from '../sam-frame.ts';
import type { Carrier, PacketReceiver } from './carrier.ts';

/** Preamble and length field: what travels on the first pipe when frames are split. */
const HEADER = 7;
const PREAMBLE = 5;
/** Counted bytes of a reply, as the frame decoder bounds them. */
const SHORTEST = 4;
const LONGEST = 4096;
/** Bytes kept on either pipe while the other is waited for; the oldest go first. */
const KEPT = 2 * LONGEST;

/**
 * 部标 USB (0400:C35A): two bulk pipes out and two in. Preamble and length go to the first pipe, the counted rest to
 * the second; replies come the same way. Some firmware takes and gives whole frames on one pipe: `split` false.
 * @param out, @param input endpoint addresses, one or two of each
 */
export function bulkCarrier(out: readonly number[], input: readonly number[], split: boolean): Carrier {
  const [headPipe = 0x02, bodyPipe = headPipe] = out;
  const bodyInput = input[1];
  return {
    toPackets: (frame) =>
      split
        ? [
            { bytes: frame.subarray(0, HEADER), pipe: headPipe },
            { bytes: frame.subarray(HEADER), pipe: bodyPipe },
          ]
        : [{ bytes: frame, pipe: headPipe }],
    createReceiver: () =>
      split && bodyInput !== undefined ? createSplitReceiver(bodyInput) : createWholeReceiver(),
  };
}

/** Whole frames, on whichever pipe they come. */
function createWholeReceiver(): PacketReceiver {
  return { take: ({ bytes }) => ({ kind: 'bytes', bytes }), reset: () => undefined };
}

/**
 * Puts a header and the body it counts together again. The pipes are read side by side, so either may be ahead of the
 * other, by a whole reply; within a pipe the order holds. Bytes on the first pipe that are no header are passed over.
 * A body that never came in full is made up for by the next command, which begins with `reset`.
 */
function createSplitReceiver(bodyPipe: number): PacketReceiver {
  const heads = createQueue();
  const bodies = createQueue();
  /** Bytes of body that the last header counts and that have not come. */
  let owed = 0;

  /** The next whole header, its length noted; null when none is there yet. */
  const nextHeader = (): Uint8Array | null => {
    for (;;) {
      const held = heads.held();
      const at = findPreamble(held);
      // The last bytes may be the beginning of a preamble.
      if (at < 0) heads.take(Math.max(0, held.length - PREAMBLE + 1));
      if (at < 0 || held.length - at < HEADER) return null;
      const length = ((held[at + 5] ?? 0) << 8) | (held[at + 6] ?? 0);
      if (length >= SHORTEST && length <= LONGEST) {
        heads.take(at);
        owed = length;
        return heads.take(HEADER);
      }
      heads.take(at + 1);
    }
  };

  return {
    take({ bytes, pipe }) {
      (pipe === bodyPipe ? bodies : heads).push(bytes);
      const ready: Uint8Array[] = [];
      for (;;) {
        const header = owed === 0 ? nextHeader() : null;
        if (header) ready.push(header);
        const body = bodies.take(owed);
        owed -= body.length;
        if (body.length > 0) ready.push(body);
        else if (!header) break;
      }
      return ready.length === 0 ? { kind: 'nothing' } : { kind: 'bytes', bytes: joined(ready) };
    },
    reset() {
      owed = 0;
      heads.clear();
      bodies.clear();
    },
  };
}

interface ByteQueue {
  push(bytes: Uint8Array): void;
  held(): Uint8Array;
  /** The first bytes, at most `count`; what is left behind is wiped. */
  take(count: number): Uint8Array;
  clear(): void;
}

function createQueue(): ByteQueue {
  let held: Uint8Array = new Uint8Array();
  const keep = (from: number, more: Uint8Array): void => {
    const next = joined([held.subarray(from), more]);
    held.fill(0);
    held = next;
  };
  const NONE = new Uint8Array();
  return {
    held: () => held,
    push: (bytes) => keep(Math.max(0, held.length + bytes.length - KEPT), bytes),
    take(count) {
      const taken = held.slice(0, count);
      if (taken.length > 0) keep(taken.length, NONE);
      return taken;
    },
    clear: () => keep(held.length, NONE),
  };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
