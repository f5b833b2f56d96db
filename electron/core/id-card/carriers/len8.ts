import type { ReportCarrier } from './carrier.ts';
import { paddedReport, pieces } from './carrier.ts';

/**
 * Every report begins with the number of bytes that follow, one or two bytes wide.
 * @param countBytes width of the count
 * @param bigEndian byte order of a two-byte count
 */
export function len8Carrier(reportLength: number, countBytes: 1 | 2, bigEndian: boolean): ReportCarrier {
  const writeCount = (count: number): number[] => {
    if (countBytes === 1) return [count];
    return bigEndian ? [count >> 8, count & 0xff] : [count & 0xff, count >> 8];
  };
  const readCount = (report: Uint8Array): number => {
    const [a = 0, b = 0] = report;
    if (countBytes === 1) return a;
    return bigEndian ? (a << 8) | b : a | (b << 8);
  };
  return {
    toReports: (frame) =>
      pieces(frame, reportLength - countBytes).map((piece) =>
        paddedReport(Uint8Array.of(...writeCount(piece.length), ...piece), reportLength),
      ),
    createReceiver: () => ({
      take(report) {
        const count = readCount(report);
        if (count + countBytes > report.length)
          return { kind: 'damaged', reason: 'byte count outside the report' };
        return { kind: 'bytes', bytes: report.subarray(countBytes, countBytes + count) };
      },
      reset: () => undefined,
    }),
  };
}
