import type { ErrorCode } from '../../../../shared/contract/errors.ts';
import type { Packet } from '../../ports/reader-device.ts';

/** How SAM frames travel over a bus. Pure functions over bytes. */
export interface Carrier {
  /** The packets that carry one request frame, in order. */
  toPackets(frame: Uint8Array): Packet[];
  /** One receiver per connection; replies may be spread over many packets. */
  createReceiver(): PacketReceiver;
}

export interface PacketReceiver {
  take(packet: Packet): PacketContent;
  /** A new command begins: whatever was half received is forgotten. */
  reset(): void;
}

/** The same for HID: a report is the payload of one HID report, without the report id byte, always of the profile's length. */
export interface ReportCarrier {
  toReports(frame: Uint8Array): Uint8Array[];
  createReceiver(): ReportReceiver;
}

/** What one input packet brought. */
export type PacketContent =
  /** A piece of the SAM's byte stream, perhaps with noise around it. */
  | { kind: 'bytes'; bytes: Uint8Array }
  /** Nothing for the SAM stream (an acknowledgement). */
  | { kind: 'nothing' }
  /** The envelope is damaged; its piece of the frame is lost. */
  | { kind: 'damaged'; reason: string }
  /** The reader itself turned the command down; no SAM frame will follow. */
  | { kind: 'refused'; error: ErrorCode; reason: string };

export interface ReportReceiver {
  take(report: Uint8Array): PacketContent;
  reset(): void;
}

/** A HID framing as a carrier. */
export function overReports(framing: ReportCarrier): Carrier {
  return {
    toPackets: (frame) => framing.toReports(frame).map((bytes) => ({ bytes, pipe: 0 })),
    createReceiver() {
      const receiver = framing.createReceiver();
      return { take: ({ bytes }) => receiver.take(bytes), reset: () => receiver.reset() };
    },
  };
}

/** Puts bytes at the start of a zero-filled report. @throws RangeError when they do not fit */
export function paddedReport(bytes: Uint8Array, reportLength: number): Uint8Array {
  if (bytes.length > reportLength) throw new RangeError('more bytes than the report holds');
  const report = new Uint8Array(reportLength);
  report.set(bytes);
  return report;
}

/** Cuts bytes into pieces of at most `size`. @throws RangeError when there is no room for any */
export function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  if (size < 1) throw new RangeError('the report has no room for data');
  const cut: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) cut.push(bytes.subarray(at, at + size));
  return cut;
}
