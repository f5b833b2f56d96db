import type {
  PairBlock,
  QrBlock,
  RuleBlock,
  SlipBlock,
  SlipWeight,
  TextBlock,
} from '../../../shared/domain/slip/slip-block.ts';
import { fontOf, lineHeightOf, ROW_GAP, type PaperStyle } from './paper-style.ts';
import { qrPicture, QUIET_ZONE } from './qr-modules.ts';
import { wrapText } from './wrap-text.ts';

/** A block that knows its place: how high it is, and how it is drawn below `top`. Dots. */
export interface LaidOut {
  height: number;
  draw: (top: number) => void;
}

type Pen = CanvasRenderingContext2D;
type Align = 'left' | 'center' | 'right';

/** Above and below a rule. */
const RULE_ROOM = 11;
const RULE_THICKNESS: Record<RuleBlock['style'], number> = { heavy: 5, thin: 2, dashed: 2 };

const DASH = { length: 8, space: 6 };

export function layOutBlock(block: SlipBlock, pen: Pen, style: PaperStyle): LaidOut {
  switch (block.kind) {
    case 'text':
      return block.framed === true ? framedText(block, pen, style) : plainText(block, pen, style);
    case 'pair':
      return block.layout === 'ends' ? pairAtEnds(block, pen, style) : pairInColumns(block, pen, style);
    case 'rule':
      return ruleLine(block, pen, style);
    case 'qr':
      return qrWithText(block, pen, style);
    case 'gap':
      return { height: block.rows, draw: () => undefined };
  }
}

/** Lines of one font between two edges; the unit everything else is made of. */
function paragraph(
  pen: Pen,
  text: string,
  font: { size: number; weight: SlipWeight },
  place: { left: number; width: number; align: Align },
): LaidOut & { widest: number; baseline: number } {
  const set = (): void => {
    pen.font = fontOf(font.size, font.weight);
  };
  set();
  const measure = (part: string): number => pen.measureText(part).width;
  const lines = wrapText(text, place.width, measure);
  const widths = lines.map(measure);
  const lineHeight = lineHeightOf(font.size);
  // Chinese letters sit 0.88 em above the baseline; the rest of the line is shared out above and below.
  const baseline = Math.round((lineHeight - font.size) / 2 + font.size * 0.88);
  const room = { left: 0, center: 0.5, right: 1 }[place.align];
  return {
    height: lineHeight * lines.length,
    widest: Math.max(...widths),
    baseline,
    draw(top) {
      set();
      lines.forEach((line, i) => {
        // Whole dots, so that equal letters become equal dots.
        const left = Math.round(place.left + (place.width - (widths[i] ?? 0)) * room);
        pen.fillText(line, left, top + i * lineHeight + baseline);
      });
    },
  };
}

const inner = (style: PaperStyle): { left: number; width: number } => ({
  left: style.margin,
  width: style.dots - 2 * style.margin,
});

function plainText(block: TextBlock, pen: Pen, style: PaperStyle): LaidOut {
  const place = { ...inner(style), align: block.align };
  let size = style.sizes[block.size];
  if (block.oneLine === true) {
    pen.font = fontOf(size, block.weight);
    size = Math.max(12, Math.min(size, Math.floor((size * place.width) / pen.measureText(block.text).width)));
  }
  return paragraph(pen, block.text, { size, weight: block.weight }, place);
}

function framedText(block: TextBlock, pen: Pen, style: PaperStyle): LaidOut {
  const { left, width } = inner(style);
  const size = style.sizes[block.size];
  const side = Math.round(size / 2);
  const text = paragraph(
    pen,
    block.text,
    { size, weight: block.weight },
    {
      ...{ left: left + side, width: width - 2 * side, align: 'left' },
    },
  );
  const frame = Math.ceil(text.widest) + 2 * side;
  return {
    height: text.height + 12,
    draw(top) {
      const [x, y, high] = [left, top + 3, text.height + 4];
      for (const [fx, fy, fw, fh] of [
        [x, y, frame, 3],
        [x, y + high - 3, frame, 3],
        [x, y, 3, high],
        [x + frame - 3, y, 3, high],
      ] as const) {
        pen.fillRect(fx, fy, fw, fh);
      }
      text.draw(top + 5);
    },
  };
}

function pairInColumns(block: PairBlock, pen: Pen, style: PaperStyle): LaidOut {
  const { left, width } = inner(style);
  const size = style.sizes[block.size];
  const labelSize = style.sizes.normal;
  const column = Math.round(style.labelLetters * labelSize);
  const label = paragraph(
    pen,
    block.label,
    { size: labelSize, weight: 'regular' },
    {
      ...{ left, width: column, align: 'left' },
    },
  );
  const value = paragraph(
    pen,
    block.value,
    { size, weight: block.weight },
    {
      ...{ left: left + column, width: width - column, align: 'left' },
    },
  );
  const down = Math.max(0, value.baseline - label.baseline);
  return {
    height: Math.max(label.height + down, value.height) + ROW_GAP,
    draw(top) {
      label.draw(top + down);
      value.draw(top);
    },
  };
}

function pairAtEnds(block: PairBlock, pen: Pen, style: PaperStyle): LaidOut {
  const { left, width } = inner(style);
  const size = style.sizes[block.size];
  const space = size;
  const font = { size, weight: block.weight };
  const value = paragraph(pen, block.value, font, { left, width, align: 'right' });
  const besideWidth = width - Math.ceil(value.widest) - space;
  // A long name pushes its value to a line of its own rather than being squeezed to a column of three letters.
  const beside = besideWidth >= width * 0.4;
  const label = paragraph(pen, block.label, font, {
    left,
    width: beside ? besideWidth : width,
    align: 'left',
  });
  return {
    height: (beside ? Math.max(label.height, value.height) : label.height + value.height) + ROW_GAP,
    draw(top) {
      label.draw(top);
      value.draw(beside ? top : top + label.height);
    },
  };
}

function ruleLine(block: RuleBlock, pen: Pen, style: PaperStyle): LaidOut {
  const { left, width } = inner(style);
  const thickness = RULE_THICKNESS[block.style];
  const draw = (from: number, to: number, y: number): void => {
    if (block.style !== 'dashed') {
      pen.fillRect(from, y, to - from, thickness);
      return;
    }
    // Whole dashes only, in the middle of their room.
    const dashes = Math.floor((to - from + DASH.space) / (DASH.length + DASH.space));
    const used = dashes * (DASH.length + DASH.space) - DASH.space;
    const first = from + Math.floor((to - from - used) / 2);
    for (let i = 0; i < dashes; i++) {
      pen.fillRect(first + i * (DASH.length + DASH.space), y, DASH.length, thickness);
    }
  };
  if (block.label === undefined) {
    return {
      height: thickness + 2 * RULE_ROOM,
      draw: (top) => draw(left, left + width, top + RULE_ROOM),
    };
  }
  const label = paragraph(
    pen,
    block.label,
    { size: style.sizes.small, weight: 'regular' },
    {
      ...{ left, width, align: 'center' },
    },
  );
  const side = Math.floor((width - label.widest) / 2) - style.sizes.small;
  return {
    height: label.height,
    draw(top) {
      const middle = top + Math.round((label.height - thickness) / 2);
      draw(left, left + side, middle);
      draw(left + width - side, left + width, middle);
      label.draw(top);
    },
  };
}

function qrWithText(block: QrBlock, pen: Pen, style: PaperStyle): LaidOut {
  const { left, width } = inner(style);
  const qr = qrPicture(block.content, Math.floor(style.dots * 0.45));
  const quiet = QUIET_ZONE * qr.module;
  const side = qr.count * qr.module;
  // The margin of the paper is white already; the code's own begins where the text does.
  const codeLeft = Math.max(left, quiet);
  const textLeft = codeLeft + side + quiet;
  const lines = block.beside.map((line, i) =>
    paragraph(
      pen,
      line,
      { size: i === 0 ? style.sizes.normal : style.sizes.small, weight: i === 0 ? 'bold' : 'regular' },
      { left: textLeft, width: left + width - textLeft, align: 'left' },
    ),
  );
  const textHeight = lines.reduce((sum, line) => sum + line.height, 0) + 6 * (lines.length - 1);
  // A rule above or below keeps its own distance; together with it the quiet zone is whole.
  const above = Math.max(0, quiet - RULE_ROOM);
  const height = Math.max(side + 2 * above, textHeight);
  return {
    height,
    draw(top) {
      const codeTop = top + Math.floor((height - side) / 2);
      for (let row = 0; row < qr.count; row++) {
        for (let column = 0; column < qr.count; column++) {
          if (!qr.isDark(row, column)) continue;
          pen.fillRect(codeLeft + column * qr.module, codeTop + row * qr.module, qr.module, qr.module);
        }
      }
      let y = top + Math.floor((height - textHeight) / 2);
      for (const line of lines) {
        line.draw(y);
        y += line.height + 6;
      }
    },
  };
}
