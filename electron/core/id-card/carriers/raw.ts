import type { ReportCarrier } from './carrier.ts';
import { paddedReport, pieces } from './carrier.ts';

/**
 * The SAM's bytes as they are, from `offset` on in every report, zeros behind the end: the safest thing to
 * try on a reader whose maker published nothing. The length in the frame says where the reply ends.
 */
export function rawCarrier(reportLength: number, offset: number): ReportCarrier {
  return {
    toReports: (frame) =>
      pieces(frame, reportLength - offset).map((piece) =>
        paddedReport(Uint8Array.of(...new Uint8Array(offset), ...piece), reportLength),
      ),
    createReceiver: () => ({
      take: (report) => ({ kind: 'bytes', bytes: report.subarray(offset) }),
      reset: () => undefined,
    }),
  };
}
