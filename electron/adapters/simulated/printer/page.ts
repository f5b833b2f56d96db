import { drawGlyph } from './glyphs.ts';

/** The paper as it leaves the printer: one bit a dot, 1 = black, most significant bit leftmost. */
export interface Page {
  width: number;
  height: number;
  /** ceil(width/8) × height bytes. */
  dots: Uint8Array;
}

export interface TextCell {
  character: string;
  /** A double-byte character takes two columns. */
  wide: boolean;
  scaleX: number;
  scaleY: number;
}

export interface Paper {
  height(): number;
  feed(rows: number): void;
  /** Puts a picture under what is there; what is wider than the paper is lost, as on a printer. */
  picture(lineBytes: number, rows: number, data: Uint8Array, scaleX: number, scaleY: number): void;
  /** One line of text, bottom-aligned; advances by its height and the default line spacing. */
  textLine(cells: readonly TextCell[], align: 0 | 1 | 2): void;
  page(): Page;
}

/** Height of a ROM character and what the default line spacing (30 dots) adds to it. */
const CELL = 24;
const SPACING = 6;

export const cellWidth = (cell: TextCell): number => (cell.wide ? CELL : CELL / 2) * cell.scaleX;

/** @param dots width of the paper's printable area */
export function createPaper(dots: number): Paper {
  const lineBytes = Math.ceil(dots / 8);
  let height = 0;
  let store = new Uint8Array(lineBytes * 1024);

  function feed(rows: number): void {
    height += rows;
    if (height * lineBytes <= store.length) return;
    const larger = new Uint8Array(Math.max(height * lineBytes, store.length * 2));
    larger.set(store);
    store = larger;
  }

  function ink(x: number, y: number): void {
    if (x < 0 || x >= dots || y < 0 || y >= height) return;
    const at = y * lineBytes + (x >> 3);
    store[at] = (store[at] ?? 0) | (0x80 >> (x & 7));
  }

  return {
    height: () => height,
    feed,
    picture(width, rows, data, scaleX, scaleY) {
      const top = height;
      feed(rows * scaleY);
      if (scaleX === 1 && scaleY === 1) {
        const kept = Math.min(width, lineBytes);
        for (let row = 0; row < rows; row++) {
          store.set(data.subarray(row * width, row * width + kept), (top + row) * lineBytes);
        }
        return;
      }
      for (let y = 0; y < rows * scaleY; y++) {
        for (let x = 0; x < width * 8 * scaleX; x++) {
          const from = Math.floor(x / scaleX);
          const byte = data[Math.floor(y / scaleY) * width + (from >> 3)] ?? 0;
          if ((byte & (0x80 >> (from & 7))) !== 0) ink(x, top + y);
        }
      }
    },
    textLine(cells, align) {
      const tallest = Math.max(1, ...cells.map((cell) => cell.scaleY));
      const top = height;
      feed(tallest * CELL + SPACING);
      const width = cells.reduce((sum, cell) => sum + cellWidth(cell), 0);
      let left = align === 0 ? 0 : Math.max(0, Math.floor((dots - width) / (align === 1 ? 2 : 1)));
      for (const cell of cells) {
        const down = top + (tallest - cell.scaleY) * CELL;
        drawGlyph(cell.character, cell.wide, (x, y) => {
          for (let i = 0; i < cell.scaleX; i++) {
            for (let j = 0; j < cell.scaleY; j++) ink(left + x * cell.scaleX + i, down + y * cell.scaleY + j);
          }
        });
        left += cellWidth(cell);
      }
    },
    page: () => ({ width: dots, height, dots: store.slice(0, height * lineBytes) }),
  };
}
