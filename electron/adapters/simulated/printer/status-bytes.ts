/** What a printer says of itself; bit meanings from the Epson manual, kept by the clones. */
export interface Condition {
  paperOut: boolean;
  coverOpen: boolean;
}

/**
 * Answer to `DLE EOT n`. Bits 1 and 4 are always 1, 0 and 7 always 0, so (b & 0x93) == 0x12.
 * n: 1 printer, 2 cause of being offline, 3 error, 4 paper sensor.
 */
export function realTimeStatus(n: number, { paperOut, coverOpen }: Condition): number {
  switch (n) {
    case 1:
      return 0x12 | (paperOut || coverOpen ? 0x08 : 0);
    case 2:
      return 0x12 | (coverOpen ? 0x04 : 0) | (paperOut ? 0x20 : 0);
    case 4:
      return 0x12 | (paperOut ? 0x60 : 0);
    default:
      return 0x12;
  }
}

/** Answer to `GS r 1` (paper) and `GS r 2` (drawer). Bits 4 and 7 are 0: it cannot be taken for the other kind. */
export function orderedStatus({ paperOut }: Condition): number {
  return paperOut ? 0x0c : 0x00;
}
