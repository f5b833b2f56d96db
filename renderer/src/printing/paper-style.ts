import type { SlipTextSize, SlipWeight } from '../../../shared/domain/slip/slip-block.ts';

/** What the blocks look like on one width of paper; all lengths in dots (8 a millimetre). */
export interface PaperStyle {
  dots: number;
  /** Kept white left and right: cheap printers are a millimetre off. */
  margin: number;
  sizes: Record<SlipTextSize, number>;
  /** Column of the labels, in letters of the normal size. */
  labelLetters: number;
}

/** System fonts, because paper must look the same on a PC that has never seen a web font. */
const FAMILIES =
  "'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', 'WenQuanYi Zen Hei', sans-serif";

/** The thinnest letters a thermal head prints reliably are of medium weight. */
const WEIGHTS: Record<SlipWeight, number> = { regular: 500, bold: 700 };

/** Height of a line in letters; a number as large as a hand needs no room between lines. */
export const lineHeightOf = (size: number): number => Math.round(size * (size > 100 ? 1.08 : 1.36));

/** Between the rows of a table of labels and values. */
export const ROW_GAP = 4;

export const fontOf = (size: number, weight: SlipWeight): string =>
  `${WEIGHTS[weight]} ${size}px ${FAMILIES}`;

/** @param dots 576 for 80 mm paper, 384 for 58 mm */
export function paperStyle(dots: number): PaperStyle {
  return dots >= 576
    ? {
        ...{ dots, margin: 10, labelLetters: 4.7 },
        sizes: { small: 23, normal: 27, large: 34, title: 46, huge: 60, giant: 210 },
      }
    : {
        ...{ dots, margin: 4, labelLetters: 4.5 },
        sizes: { small: 20, normal: 23, large: 28, title: 36, huge: 44, giant: 148 },
      };
}
