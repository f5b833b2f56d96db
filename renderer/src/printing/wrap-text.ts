/** A character with its marks and variation selectors; words and numbers of other scripts stay together. */
const UNITS = /[\p{Script=Latin}\p{Nd}][\p{Script=Latin}\p{Nd}.,:;+\-_/@%'*]*|\s+|\P{M}\p{M}*/gu;
/** 避头: may not begin a line. */
const NOT_FIRST = /^[、，。；：！？）》〉」』】〕”’…·%‰℃)\]}.,;:!?*]/u;
/** 避尾: may not end a line. */
const NOT_LAST = /[（《〈「『【〔“‘([{￥$]$/u;

/**
 * Breaks text into lines as Chinese is set: anywhere between characters, but not before a closing mark, not
 * after an opening one, and not inside a word or number that fits on a line of its own.
 * @param measure width of a text in dots
 * @param width dots of a line
 * @returns at least one line; without blanks at their ends
 */
export function wrapText(text: string, width: number, measure: (text: string) => number): string[] {
  return text.split('\n').flatMap((paragraph) => wrapParagraph(paragraph, width, measure));
}

function wrapParagraph(text: string, width: number, measure: (text: string) => number): string[] {
  // Most texts are short, and measuring is what takes time.
  if (measure(text.trim()) <= width) return [text.trim()];
  const lines: string[] = [];
  let line = '';
  for (const piece of inseparable(text)) {
    if (line === '' || measure((line + piece).trimEnd()) <= width)
      line += line === '' ? piece.trimStart() : piece;
    else {
      lines.push(line.trimEnd());
      line = piece.trimStart();
    }
    while (measure(line.trimEnd()) > width) {
      const head = longestHead(line, width, measure);
      if (head === line) break;
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  return [...lines, line.trimEnd()];
}

/** Units with the marks that must stay at them. */
function inseparable(text: string): string[] {
  const pieces: string[] = [];
  for (const unit of text.match(UNITS) ?? []) {
    const last = pieces.at(-1);
    if (last !== undefined && (NOT_FIRST.test(unit) || NOT_LAST.test(last)))
      pieces[pieces.length - 1] = last + unit;
    else pieces.push(unit);
  }
  return pieces;
}

/** Of a word longer than a line as much as fits, at least one character. */
function longestHead(text: string, width: number, measure: (text: string) => number): string {
  let head = '';
  for (const character of text.match(/\P{M}\p{M}*/gu) ?? [text]) {
    if (head !== '' && measure(head + character) > width) break;
    head += character;
  }
  return head;
}
