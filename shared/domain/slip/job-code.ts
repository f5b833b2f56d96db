const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * A short code of a sheet for its last line: paper without it was cut off, and two papers with the same code
 * are the same sheet. 30 bits of FNV-1a over the key; a mark to compare by eye, no protection against forgery.
 * @param sheetKey `<agg>:<kind>:<copy>`
 * @returns six characters, never I, L, O or U
 */
export function jobCode(sheetKey: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < sheetKey.length; i++) {
    hash = Math.imul(hash ^ sheetKey.charCodeAt(i), 0x01000193) >>> 0;
  }
  let code = '';
  for (let i = 0; i < 6; i++) code += CROCKFORD[(hash >>> (i * 5)) & 31] ?? '';
  return code;
}
