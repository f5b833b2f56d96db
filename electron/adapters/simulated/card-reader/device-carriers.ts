/**
 * The device's side of the HID framings: what a reader makes of output reports, and how it spreads a reply
 * over input reports. Written apart from the driver's framings, for the same reason as the frames.
 */
export interface DeviceCarrier {
  /** USB ids the simulated reader shows, so that the driver picks the right profile. */
  vendorId: number;
  productId: number;
  /** SAM bytes of one output report, or null when the envelope is wrong. */
  open(report: Uint8Array): Uint8Array | null;
  /**
   * The input reports that carry a reply.
   * @param slice at most so many SAM bytes per report, for readers that send small pieces
   */
  wrap(reply: Uint8Array, slice?: number): Uint8Array[];
}

export type CarrierKind = 'miaxis' | 'dk' | 'raw' | 'len8';

const REPORT = 64;

export const DEVICE_CARRIERS: Readonly<Record<CarrierKind, DeviceCarrier>> = {
  miaxis: {
    vendorId: 0x10c4,
    productId: 0x0007,
    open(report) {
      const view = viewOf(report);
      const length = view.getUint16(3, true);
      if (report[0] !== 0x88 || report[5] !== 0xb1 || 7 + length > report.length) return null;
      if (sum16(report.slice(3, 5 + length)) !== view.getUint16(5 + length, true)) return null;
      return report.slice(6, 5 + length);
    },
    wrap: (reply, slice = 54) =>
      cut(reply, Math.min(slice, 54)).map((piece, index) => {
        const report = new Uint8Array(REPORT);
        const view = viewOf(report);
        report[0] = 0xaa;
        view.setUint16(3, piece.length + 3, true);
        view.setUint16(6, index, true);
        report.set(piece, 8);
        view.setUint16(8 + piece.length, sum16(report.slice(3, 8 + piece.length)), true);
        return report;
      }),
  },
  dk: {
    vendorId: 0x0483,
    productId: 0x572b,
    // Requests of the SAM are short: they fit the first fragment.
    open(report) {
      const [count = 0, more, command] = report;
      return count >= 2 && count < REPORT && more === 0 && command === 0x34
        ? report.slice(3, 1 + count)
        : null;
    },
    wrap(reply, slice = 62) {
      const first = reply.slice(0, Math.min(slice, 59));
      const others = cut(reply.slice(first.length), Math.max(1, Math.min(slice, 62)));
      const fragments = [
        [others.length, 0x34, 0x90, 0x00, ...first],
        ...others.map((piece, i) => [0xc0 + i + 1, ...piece]),
      ];
      return fragments.map((fragment) => padded([fragment.length, ...fragment]));
    },
  },
  raw: {
    vendorId: 0,
    productId: 1,
    open: (report) => report,
    wrap: (reply) => cut(reply, REPORT).map((piece) => padded([...piece])),
  },
  len8: {
    vendorId: 0,
    productId: 8,
    open: (report) => report.slice(1, 1 + (report[0] ?? 0)),
    wrap: (reply, slice = 63) =>
      cut(reply, Math.min(slice, 63)).map((piece) => padded([piece.length, ...piece])),
  },
};

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function sum16(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => (sum + byte) % 0x10000, 0);
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.slice(i * size, (i + 1) * size),
  );
}

function padded(bytes: readonly number[]): Uint8Array {
  const report = new Uint8Array(REPORT);
  report.set(bytes);
  return report;
}
