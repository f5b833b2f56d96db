/** The data of a base read, taken apart. The inner lengths are big-endian, the text itself is little-endian. */

export interface CardPayload {
  /** The text record, normally 256 bytes. */
  text: Uint8Array;
  /** The photo as the card holds it (WLT, normally 1024 bytes), or null when none came. */
  photo: Uint8Array | null;
  /** 0, 512 or 1024 bytes of templates; null when none were asked for. Sensitive: never kept by this program. */
  fingerprint: Uint8Array | null;
}

/**
 * Splits the data of `30 01` (two lengths) or `30 10` (three lengths); which of the two it is shows in the
 * sizes, since the lengths must add up to the whole.
 * @returns null when they do not add up or there is no text
 */
export function splitCardPayload(data: Uint8Array): CardPayload | null {
  const word = (at: number): number => ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
  const [textLength, photoLength] = [word(0), word(2)];
  if (data.length < 4 || textLength === 0) return null;
  for (const [header, fingerprintLength] of [
    [4, 0],
    [6, word(4)],
  ] as const) {
    if (header + textLength + photoLength + fingerprintLength !== data.length) continue;
    const photoAt = header + textLength;
    const fingerprintAt = photoAt + photoLength;
    return {
      text: data.slice(header, photoAt),
      photo: photoLength === 0 ? null : data.slice(photoAt, fingerprintAt),
      fingerprint: header === 4 ? null : data.slice(fingerprintAt),
    };
  }
  return null;
}
