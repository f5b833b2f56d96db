/**
 * A slip as a list of blocks, from top to bottom: what stands on the paper, without a word about dots. The
 * window turns it into a picture for the width of its printer.
 */
export type SlipBlock = TextBlock | PairBlock | RuleBlock | QrBlock | GapBlock;

export type SlipTextSize = 'small' | 'normal' | 'large' | 'title' | 'huge' | 'giant';
export type SlipWeight = 'regular' | 'bold';

export interface TextBlock {
  kind: 'text';
  text: string;
  size: SlipTextSize;
  weight: SlipWeight;
  align: 'left' | 'center' | 'right';
  /** One line, whatever it takes: the letters become smaller until it fits. For numbers that are read aloud. */
  oneLine?: boolean;
  /** In a frame, because somebody has to do something. */
  framed?: boolean;
}

export interface PairBlock {
  kind: 'pair';
  label: string;
  value: string;
  size: SlipTextSize;
  weight: SlipWeight;
  /** `columns`: labels in a column of their own; `ends`: the value at the right edge (materials). */
  layout: 'columns' | 'ends';
}

export interface RuleBlock {
  kind: 'rule';
  style: 'heavy' | 'thin' | 'dashed';
  /** Stands in the middle of the line. */
  label?: string;
}

export interface QrBlock {
  kind: 'qr';
  /** Never holds personal data: anyone can read it. */
  content: string;
  /** Lines beside the code; the first is bold. */
  beside: string[];
}

export interface GapBlock {
  kind: 'gap';
  /** In dots at 8 dots a millimetre. */
  rows: number;
}

export const text = (
  content: string,
  size: SlipTextSize = 'normal',
  more: Partial<Omit<TextBlock, 'kind' | 'text' | 'size'>> = {},
): TextBlock => ({ kind: 'text', text: content, size, weight: 'regular', align: 'left', ...more });

export const pair = (
  label: string,
  value: string,
  more: Partial<Omit<PairBlock, 'kind' | 'label' | 'value'>> = {},
): PairBlock => ({
  ...{ kind: 'pair', label, value, size: 'normal', weight: 'regular', layout: 'columns' },
  ...more,
});

export const rule = (style: RuleBlock['style'], label?: string): RuleBlock =>
  label === undefined ? { kind: 'rule', style } : { kind: 'rule', style, label };

export const gap = (rows: number): GapBlock => ({ kind: 'gap', rows });
