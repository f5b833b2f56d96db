/**
 * The card management number (`30 05`): what a chip is known by, apart from the person on it. A renewed card
 * has another one, so a hall that keeps it can tell a card reported lost from the one that replaced it.
 * It names one card of one person: treat it as personal data.
 */
export interface ManagementNumber {
  /** Four bytes, which some readers leave out. */
  iin: string;
  /** Serial number of the chip, eight bytes. */
  sn: string;
  /** Serial number of the card, sixteen bytes. */
  dn: string;
}

/**
 * @param bytes the 28 bytes (IIN, SN, DN) of the SAM, or the 24 (SN, DN) that some readers give
 * @returns upper-case hex digits, '' for a part that is all zeros as in every published sample; null for another length
 */
export function parseManagementNumber(bytes: Uint8Array): ManagementNumber | null {
  if (bytes.length !== 28 && bytes.length !== 24) return null;
  const sn = bytes.length - 24;
  return {
    iin: hexOf(bytes.subarray(0, sn)),
    sn: hexOf(bytes.subarray(sn, sn + 8)),
    dn: hexOf(bytes.subarray(sn + 8)),
  };
}

function hexOf(bytes: Uint8Array): string {
  if (bytes.every((byte) => byte === 0)) return '';
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
}
