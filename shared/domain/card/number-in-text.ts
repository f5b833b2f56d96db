import { checkCitizenNumber } from './citizen-number.ts';

/** What a machine that reads pictures made of the number's line. */
export interface NumberFound {
  /** 18 characters, upper case; the best guess when `certain` is false, '' when nothing looks like a number. */
  number: string;
  /**
   * Shape, check character (MOD 11-2), day of birth and province all hold, and nothing else in the text does as
   * well: taken without asking. Otherwise a person has to compare it with the picture.
   */
  certain: boolean;
}

/** Letters that are taken for digits, both ways of writing. The number has no letter but a last X. */
const CONFUSED: Readonly<Record<string, string>> = {
  O: '0',
  o: '0',
  D: '0',
  Q: '0',
  〇: '0',
  I: '1',
  l: '1',
  i: '1',
  '|': '1',
  '!': '1',
  Z: '2',
  z: '2',
  S: '5',
  s: '5',
  G: '6',
  b: '6',
  B: '8',
  g: '9',
  q: '9',
  x: 'X',
  '×': 'X',
  Χ: 'X',
  Х: 'X',
};
const LENGTH = 18;

/**
 * Finds the citizen number in what was read off a picture: noise before and behind, blanks within, letters taken
 * for digits (O for 0, × for X). Lines are looked at one by one, because a number is never broken. Never throws.
 * @param text lines, as the machine that reads gave them
 */
export function numberInText(text: string): NumberFound {
  const lines = text.split(/[\r\n]+/u).map(digitsOf);
  const sound = new Set(lines.flatMap(windows).filter(holds));
  const [only] = sound;
  if (only !== undefined) return { number: only, certain: sound.size === 1 };
  // The line that looks most like a number: a person corrects it sooner than typing it anew.
  const guess = lines
    .flatMap((line) => line.match(/\d{12,}X?/gu) ?? [])
    .sort((a, b) => Math.abs(a.length - LENGTH) - Math.abs(b.length - LENGTH))[0];
  return { number: guess === undefined ? '' : guess.slice(-LENGTH), certain: false };
}

/** One line as digits and X; everything that cannot be one of them separates. */
function digitsOf(line: string): string {
  return Array.from(line.normalize('NFKC'))
    .filter((character) => !/[\s.,·'’_-]/u.test(character))
    .map((character) => (/[\dX]/u.test(character) ? character : (CONFUSED[character] ?? ' ')))
    .join('');
}

function windows(line: string): string[] {
  const found: string[] = [];
  for (let start = 0; start + LENGTH <= line.length; start++) found.push(line.slice(start, start + LENGTH));
  return found;
}

function holds(window: string): boolean {
  return /^\d{17}[\dX]$/u.test(window) && checkCitizenNumber(window).problems.length === 0;
}
