/**
 * Which ESC/POS commands the virtual printer knows and how many bytes follow each, from the manuals of
 * Epson, Birch and SPRT. A number is a fixed length; a name is a shape the interpreter reads itself.
 */
export type Shape =
  | number
  | 'raster' // GS v 0 m xL xH yL yH data
  | 'bit-image' // ESC * m nL nH data
  | 'cut' // GS V m, and n when m ≥ 65
  | 'barcode' // GS k m data NUL, or m ≥ 65: n data
  | 'block' // fn pL pH data
  | 'long-block' // fn p1 p2 p3 p4 data
  | 'until-zero';

const ESC: Record<string, Shape> = {
  '@': 0,
  '!': 1,
  a: 1,
  d: 1,
  J: 1,
  '2': 0,
  '3': 1,
  E: 1,
  '-': 1,
  t: 1,
  R: 1,
  M: 1,
  i: 0,
  m: 0,
  p: 3,
  '=': 1,
  '{': 1,
  ' ': 1,
  G: 1,
  $: 2,
  '\\': 2,
  V: 1,
  B: 2,
  c: 2,
  r: 1,
  e: 1,
  K: 1,
  D: 'until-zero',
  '*': 'bit-image',
};

const GS: Record<string, Shape> = {
  '!': 1,
  a: 1,
  r: 1,
  B: 1,
  L: 2,
  W: 2,
  h: 1,
  w: 1,
  H: 1,
  f: 1,
  P: 2,
  $: 2,
  '\\': 2,
  I: 1,
  b: 1,
  ':': 0,
  '/': 1,
  V: 'cut',
  v: 'raster',
  k: 'barcode',
  '(': 'block',
  '8': 'long-block',
};

const FS: Record<string, Shape> = {
  '&': 0,
  '.': 0,
  '!': 1,
  '-': 1,
  S: 2,
  W: 1,
  C: 1,
  p: 2,
  '(': 'block',
};

/** What cheap GBK printers do not know: they drop the two bytes and print what follows as text. */
const NOT_ON_CLONES = new Set(['FS (', 'FS C', 'GS 8']);

export const PREFIXES: Record<number, 'ESC' | 'GS' | 'FS' | 'DLE'> = {
  0x1b: 'ESC',
  0x1d: 'GS',
  0x1c: 'FS',
  0x10: 'DLE',
};

/** @returns what follows the command, or null when this printer does not know it */
export function shapeOf(prefix: 'ESC' | 'GS' | 'FS', letter: string, clone: boolean): Shape | null {
  if (clone && NOT_ON_CLONES.has(`${prefix} ${letter}`)) return null;
  return { ESC, GS, FS }[prefix][letter] ?? null;
}
