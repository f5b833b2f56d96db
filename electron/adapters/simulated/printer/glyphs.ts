/**
 * The virtual printer's ROM font: just what the program itself prints as text (the reprint mark), drawn by
 * hand so that no font file is needed. Every other character becomes a hollow box; its text is in the trace.
 */

/** Glyphs of 5 × 7 dots: per character seven rows of five bits in hex. */
// prettier-ignore
const SMALL: Record<string, string> = {
  '0': '0e11131519110e', '1': '040c040404040e', '2': '0e11010204081f', '3': '1f02040201110e',
  '4': '02060a121f0202', '5': '1f101e0101110e', '6': '0608101e11110e', '7': '1f010204080808',
  '8': '0e11110e11110e', '9': '0e11110f01020c', A: '0e1111111f1111', B: '1e11111e11111e',
  C: '0e11101010110e', D: '1c12111111121c', E: '1f10101e10101f', F: '1f10101e101010',
  G: '0e11101711110f', H: '1111111f111111', I: '0e04040404040e', J: '0702020202120c',
  K: '11121418141211', L: '1010101010101f', M: '111b1515111111', N: '11111915131111',
  O: '0e11111111110e', P: '1e11111e101010', Q: '0e11111115120d', R: '1e11111e141211',
  S: '0f10100e01011e', T: '1f040404040404', U: '1111111111110e', V: '11111111110a04',
  W: '1111111515150a', X: '11110a040a1111', Y: '1111110a040404', Z: '1f01020408101f',
  a: '00000e010f110f', b: '1010161911111e', c: '00000e1010110e', d: '01010d1311110f',
  e: '00000e111f100e', f: '0609081c080808', g: '000f11110f010e', h: '10101619111111',
  i: '04000c0404040e', j: '0200060202120c', k: '10101214181412', l: '0c04040404040e',
  m: '00001a15151111', n: '00001619111111', o: '00000e1111110e', p: '00001e111e1010',
  q: '00000d130f0101', r: '00001619101010', s: '00000e100e011e', t: '08081c08080906',
  u: '0000111111130d', v: '00001111110a04', w: '0000111115150a', x: '0000110a040a11',
  y: '000011110f010e', z: '00001f0204081f', ' ': '00000000000000', '-': '0000001f000000',
  ':': '000c0c000c0c00', '.': '00000000000c0c', '/': '00010204081000', _: '0000000000001f',
  '@': '0e11171517100e', '+': '0004041f040400',
};

/** Strokes on a grid of 24 × 24: x1 y1 x2 y2 each. */
// prettier-ignore
const STROKES: Record<string, string> = {
  工: '4 4 20 4, 12 4 12 20, 2 20 22 20',
  号: '7 3 17 3, 7 3 7 8, 17 3 17 8, 7 8 17 8, 3 12 21 12, 8 12 7 16, 7 16 18 16, 18 16 17 21, 17 21 14 21',
  打: '2 7 10 7, 6 2 6 20, 6 20 4 18, 2 15 10 12, 12 5 22 5, 17 5 17 20, 17 20 14 18',
  第: '4 2 2 5, 3 3 10 3, 7 3 8 5, 14 2 12 5, 13 3 21 3, 17 3 18 5, 4 8 19 8, 19 8 19 12, 5 12 19 12, 5 12 4 16, 4 16 20 16, 20 16 19 20, 19 20 16 19, 12 8 12 22, 11 16 3 22',
  次: '3 5 6 8, 2 19 7 12, 12 2 9 8, 11 5 21 5, 21 5 19 9, 15 8 14 13, 14 13 8 21, 15 13 21 21',
  补: '5 2 7 4, 2 7 10 7, 10 7 2 15, 6 11 6 22, 9 10 7 12, 7 12 10 15, 15 2 15 22, 15 10 20 13',
};

const BOX = '2 3 8 3, 2 20 8 20, 2 3 2 20, 8 3 8 20';
const WIDE_BOX = '3 3 20 3, 3 20 20 20, 3 3 3 20, 20 3 20 20';

/**
 * Draws one character cell of 12 × 24 (single byte) or 24 × 24 dots (double byte).
 * @param dot called for every black dot, from the cell's top left corner
 */
export function drawGlyph(character: string, wide: boolean, dot: (x: number, y: number) => void): void {
  const small = SMALL[character];
  if (small !== undefined && !wide) drawSmall(small, dot);
  else drawStrokes(STROKES[character] ?? (wide ? WIDE_BOX : BOX), dot);
}

/** Each dot of the 5 × 7 glyph is drawn 2 wide and 3 high. */
function drawSmall(rows: string, dot: (x: number, y: number) => void): void {
  for (let y = 0; y < 21; y++) {
    const bits = parseInt(rows.slice(Math.floor(y / 3) * 2, Math.floor(y / 3) * 2 + 2), 16);
    for (let x = 0; x < 10; x++) if ((bits & (0x10 >> (x >> 1))) !== 0) dot(1 + x, 2 + y);
  }
}

/** Strokes two dots thick. */
function drawStrokes(strokes: string, dot: (x: number, y: number) => void): void {
  for (const stroke of strokes.split(', ')) {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = stroke.split(' ').map(Number);
    const steps = Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1));
    for (let step = 0; step <= steps; step++) {
      const x = Math.round(x1 + ((x2 - x1) * step) / steps);
      const y = Math.round(y1 + ((y2 - y1) * step) / steps);
      for (const [right, down] of [
        [0, 0],
        [1, 0],
        [0, 1],
        [1, 1],
      ] as const)
        dot(x + right, y + down);
    }
  }
}
