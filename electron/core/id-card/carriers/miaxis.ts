import type { PacketContent, ReportCarrier, ReportReceiver } from './carrier.ts';
import { paddedReport } from './carrier.ts';

/** Function byte: pass the payload through to the ID card module. */
const PASS_THROUGH = 0xb1;
const TO_READER = 0x88;
const FROM_READER = 0xaa;

/**
 * MIAXIS 中正 (MR-300 and relatives). To the reader: `88`, sequence (2, zero), length (2, little-endian,
 * function byte + payload), function, payload, sum (2, little-endian, over length, function and payload).
 * From the reader: `AA`, sequence (2), length (2, little-endian), result byte, packet index (2, its start
 * and byte order are not documented, so it is not looked at), slice, sum. One maker's own driver is the only source.
 * The envelope's result is ignored as that driver ignores it: the SAM frame has its own check. That check is an XOR,
 * which does not see slices that changed places, so an index that goes back is damage; where one starts, and in which
 * byte order it counts, makes no difference to that.
 */
export function miaxisCarrier(reportLength: number): ReportCarrier {
  return {
    toReports(frame) {
      const body = Uint8Array.of(PASS_THROUGH, ...frame);
      const report = Uint8Array.of(TO_READER, 0, 0, body.length & 0xff, body.length >> 8, ...body, 0, 0);
      const sum = sumOf(report, 3, report.length - 2);
      report.set([sum & 0xff, sum >> 8], report.length - 2);
      return [paddedReport(report, reportLength)];
    },
    createReceiver: createMiaxisReceiver,
  };
}

function createMiaxisReceiver(): ReportReceiver {
  let last = 0;
  return {
    take(report) {
      const content = take(report);
      if (content.kind !== 'bytes') return content;
      const index = word(report, 6);
      // 0 begins another reply.
      if (index !== 0 && index < last) return { kind: 'damaged', reason: 'slice out of order' };
      last = index;
      return content;
    },
    reset() {
      last = 0;
    },
  };
}

function take(report: Uint8Array): PacketContent {
  if (report[0] !== FROM_READER) return { kind: 'damaged', reason: 'the report does not begin with AA' };
  // Counts result, index and slice.
  const length = word(report, 3);
  const sumAt = 5 + length;
  if (length < 3 || sumAt + 2 > report.length)
    return { kind: 'damaged', reason: 'length outside the report' };
  if (sumOf(report, 3, sumAt) !== word(report, sumAt)) return { kind: 'damaged', reason: 'wrong sum' };
  if (length === 3 && report[5] !== 0) {
    const reason = `envelope result ${(report[5] ?? 0).toString(16)}`;
    return { kind: 'refused', error: 'ID_CARD_READER_FAILED', reason };
  }
  return { kind: 'bytes', bytes: report.subarray(8, sumAt) };
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

function sumOf(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += bytes[i] ?? 0;
  return sum & 0xffff;
}
