/**
 * The mark of a reprint (补打). The picture comes from the window and is finished; the core has no font. So
 * the mark goes out as text from the printer's own ROM: six words that every GB2312 ROM has, and ASCII.
 */

/** GBK (= GB 2312) codes of the fixed words; nothing else may be written in double bytes. */
const WORDS = {
  补: [0xb2, 0xb9],
  打: [0xb4, 0xf2],
  第: [0xb5, 0xda],
  次: [0xb4, 0xce],
  工: [0xb9, 0xa4],
  号: [0xba, 0xc5],
} as const;

const INITIALISE = [0x1b, 0x40];
/** `FS &`: double-byte mode on. Clones have it on already; Japanese models do not. Never relied on: `FS .`. */
const DOUBLE_BYTE = [0x1c, 0x26];
const CENTRE = [0x1b, 0x61, 1];
/** `GS ! n`: twice as wide and high, and back; clones apply it to double bytes too. */
const LARGE = [0x1d, 0x21, 0x11];
const NORMAL = [0x1d, 0x21, 0];
const LINE_FEED = [0x0a];

/** `clerk` cut down to what may stand between double-byte words: printable ASCII, at most 20 characters. */
export const asciiClerk = (clerk: string): string => clerk.replace(/[^\x21-\x7e]/gu, '').slice(0, 20);

/**
 * @param times 1 for the first reprint (the second sheet)
 * @param at milliseconds since 1970; printed in the hall's time, which is Beijing time everywhere in China
 * @returns one band, to be sent before the unchanged bands of the first printing
 */
export function reprintMark(times: number, at: number, clerk: string): Uint8Array {
  const time = new Date(at + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
  const id = asciiClerk(clerk);
  return Uint8Array.from([
    ...INITIALISE,
    ...DOUBLE_BYTE,
    ...CENTRE,
    ...LARGE,
    ...words('补打'),
    ...ascii(' '),
    ...words('第'),
    ...ascii(String(times)),
    ...words('次'),
    ...LINE_FEED,
    ...NORMAL,
    ...ascii(time),
    ...(id === '' ? [] : [...ascii(' '), ...words('工号'), ...ascii(` ${id}`)]),
    ...LINE_FEED,
  ]);
}

const words = (text: string): number[] =>
  Array.from(text).flatMap((c) => [...WORDS[c as keyof typeof WORDS]]);
const ascii = (text: string): number[] => Array.from(text, (c) => c.charCodeAt(0));
