import type { ReportCarrier, PacketContent, ReportReceiver } from './carrier.ts';
import { paddedReport, pieces } from './carrier.ts';

/** Pass the data through to the SAM inside the reader. */
const LOCAL_SAM = 0x34;
/** In place of a byte count: "send the next", carries nothing. */
const ACKNOWLEDGED = 0xff;
const FOLLOW_UP = 0xc0;

/**
 * DK 德科 (DK26ME, DK200ZK …). A report is a byte count (1–63) and one fragment. The first fragment of a
 * message: number of fragments that follow, command, in replies two status bytes (90 00 = done), data;
 * the others: `C0 | index`, data. Modules without a SAM of their own decode in the maker's cloud and turn
 * `34` down: such a reader cannot be used here. One maker's own code is the only source.
 */
export function dkCarrier(reportLength: number): ReportCarrier {
  const fragmentLength = reportLength - 1;
  return {
    toReports(frame) {
      const first = frame.subarray(0, fragmentLength - 2);
      const rest = pieces(frame.subarray(first.length), fragmentLength - 1);
      const fragments = [
        Uint8Array.of(rest.length, LOCAL_SAM, ...first),
        ...rest.map((piece, i) => Uint8Array.of(FOLLOW_UP | (i + 1), ...piece)),
      ];
      return fragments.map((fragment) =>
        paddedReport(Uint8Array.of(fragment.length, ...fragment), reportLength),
      );
    },
    createReceiver: createDkReceiver,
  };
}

function createDkReceiver(): ReportReceiver {
  /** Index of the follow-up that must come next; 0 when a first fragment must come. */
  let next = 0;
  let last = 0;
  return {
    take(report): PacketContent {
      const count = report[0] ?? 0;
      if (count === ACKNOWLEDGED) return { kind: 'nothing' };
      if (count === 0 || count >= report.length)
        return { kind: 'damaged', reason: 'byte count outside the report' };
      const fragment = report.subarray(1, 1 + count);
      const head = fragment[0] ?? 0;
      if ((head & FOLLOW_UP) === FOLLOW_UP) {
        if (next === 0 || (head & 0x3f) !== next) return { kind: 'damaged', reason: 'fragment out of order' };
        next = next === last ? 0 : next + 1;
        return { kind: 'bytes', bytes: fragment.subarray(1) };
      }
      const [, command = 0, high = 0, low = 0] = fragment;
      if (fragment.length < 4 || command !== LOCAL_SAM)
        return { kind: 'damaged', reason: 'not an answer to 34' };
      if (high !== 0x90 || low !== 0) {
        const code = high.toString(16).padStart(2, '0') + low.toString(16).padStart(2, '0');
        return {
          kind: 'refused',
          error: 'ID_CARD_CLOUD_ONLY',
          reason: `status ${code}: the reader has no SAM of its own (it decodes in the cloud)`,
        };
      }
      last = head & 0x3f;
      next = last === 0 ? 0 : 1;
      return { kind: 'bytes', bytes: fragment.subarray(4) };
    },
    reset() {
      next = 0;
      last = 0;
    },
  };
}
