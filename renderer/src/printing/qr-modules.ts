import qrcode from 'qrcode-generator';

/** Smallest module that phones read from thermal paper at 203 dpi, in dots. */
const SMALLEST_MODULE = 6;
/** Modules that must stay white around the code (ISO/IEC 18004). */
export const QUIET_ZONE = 4;

export interface QrPicture {
  /** Dots of one module; whole, so that no module is wider than its neighbour. */
  module: number;
  /** Modules of one side, without the quiet zone. */
  count: number;
  isDark: (row: number, column: number) => boolean;
}

/**
 * @param content ASCII; error correction M, the smallest version that holds it
 * @param room dots there are for the code and its quiet zone; the code takes more when it must
 */
export function qrPicture(content: string, room: number): QrPicture {
  const qr = qrcode(0, 'M');
  qr.addData(content, 'Byte');
  qr.make();
  const count = qr.getModuleCount();
  return {
    module: Math.max(SMALLEST_MODULE, Math.floor(room / (count + 2 * QUIET_ZONE))),
    count,
    isDark: (row, column) => qr.isDark(row, column),
  };
}
