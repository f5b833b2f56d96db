/**
 * How SAM frames travel in HID reports. Pure functions over bytes: a report is the payload of one HID report,
 * without the report id byte, always of the profile's length.
 */
export interface Carrier {
  /** The output reports that carry one request frame, in order. */
  toReports(frame: Uint8Array): Uint8Array[];
  /** One receiver per connection; replies may be spread over many reports. */
  createReceiver(): ReportReceiver;
}

/** What one input report brought. */
export type ReportContent =
  /** A piece of the SAM's byte stream, perhaps with noise around it. */
  | { kind: 'bytes'; bytes: Uint8Array }
  /** Nothing for the SAM stream (an acknowledgement). */
  | { kind: 'nothing' }
  /** The envelope is damaged; its piece of the frame is lost. */
  | { kind: 'damaged'; reason: string }
  /** The reader itself turned the command down; no SAM frame will follow. */
  | { kind: 'refused'; reason: string };

export interface ReportReceiver {
  take(report: Uint8Array): ReportContent;
  /** A new command begins: whatever was half received is forgotten. */
  reset(): void;
}

/** Puts bytes at the start of a zero-filled report. @throws RangeError when they do not fit */
export function paddedReport(bytes: Uint8Array, reportLength: number): Uint8Array {
  if (bytes.length > reportLength) throw new RangeError('more bytes than the report holds');
  const report = new Uint8Array(reportLength);
  report.set(bytes);
  return report;
}

/** Cuts bytes into pieces of at most `size`. */
export function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  const cut: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) cut.push(bytes.subarray(at, at + size));
  return cut;
}
