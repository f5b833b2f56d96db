import type { Carrier, PacketReceiver } from './carrier.ts';

/** Preamble and length field: what travels on the first pipe when frames are split. */
const HEADER = 7;

/**
 * 部标 USB (0400:C35A): two bulk pipes out and two in. Preamble and length go to the first pipe, the counted rest to
 * the second; replies come the same way. Some firmware takes and gives whole frames on one pipe: `split` false.
 * @param out, @param input endpoint addresses, one or two of each
 */
export function bulkCarrier(out: readonly number[], input: readonly number[], split: boolean): Carrier {
  const [headPipe = 0x02, bodyPipe = headPipe] = out;
  return {
    toPackets: (frame) =>
      split
        ? [
            { bytes: frame.subarray(0, HEADER), pipe: headPipe },
            { bytes: frame.subarray(HEADER), pipe: bodyPipe },
          ]
        : [{ bytes: frame, pipe: headPipe }],
    createReceiver: () => createBulkReceiver(split ? input[1] : undefined),
  };
}

/** The two pipes are read side by side, so a body may be here before its header: it is kept until the header is. */
function createBulkReceiver(bodyPipe: number | undefined): PacketReceiver {
  let headerBytes = 0;
  let early: Uint8Array[] = [];
  return {
    take({ bytes, pipe }) {
      if (bodyPipe !== undefined && pipe === bodyPipe && headerBytes < HEADER) {
        early.push(Uint8Array.from(bytes));
        return { kind: 'nothing' };
      }
      if (pipe !== bodyPipe) headerBytes += bytes.length;
      if (early.length === 0 || headerBytes < HEADER) return { kind: 'bytes', bytes };
      const joined = Uint8Array.from([...bytes, ...early.flatMap((piece) => [...piece])]);
      early.forEach((piece) => piece.fill(0));
      early = [];
      return { kind: 'bytes', bytes: joined };
    },
    reset() {
      headerBytes = 0;
      early.forEach((piece) => piece.fill(0));
      early = [];
    },
  };
}
