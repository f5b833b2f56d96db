/** Longest text a column beside the bytes holds: an index entry of PostgreSQL takes about 2,700 bytes. */
const MOST_CHARACTERS = 400;

/**
 * Text from an event as a column may hold it: PostgreSQL knows no NUL character. The event's own bytes are kept
 * whole elsewhere, so nothing is lost; without this, one strange event would hold up all behind it (S6).
 */
export function storable(text: string): string {
  const cut = text.replaceAll('\u0000', '\ufffd').slice(0, MOST_CHARACTERS);
  // The cut may have parted a surrogate pair.
  return cut.replace(/[\ud800-\udbff]$/, '');
}
