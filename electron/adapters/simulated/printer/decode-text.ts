/**
 * @returns the character of two GBK bytes, or 〓 when there is none. Where the runtime was built without the
 *   GBK table (some Electron builds) it is always 〓: shown as unknown, not guessed.
 */
export function decodeDoubleByte(first: number, second: number): string {
  try {
    const text = new TextDecoder('gbk').decode(Uint8Array.of(first, second));
    return text.includes('\ufffd') ? '〓' : text;
  } catch {
    return '〓';
  }
}

/** @returns the ASCII character; bytes of code pages are shown as � because which page is on is not modelled */
export const decodeSingleByte = (byte: number): string =>
  byte < 0x7f ? String.fromCharCode(byte) : '\ufffd';
