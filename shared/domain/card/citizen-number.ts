import { dateFromDigits } from './calendar-date.ts';
import { citizenCheckCharacter, foreignCheckDigit } from './check-digits.ts';
import type { SexCode } from './document.ts';

/**
 * What a number says about itself. All of it is advice: a few genuine numbers carry wrong check digits or
 * withdrawn regions, so no caller may refuse a person because of a problem named here.
 */
export type NumberProblem =
  /** No known shape: neither 15 nor 18 places, or characters that do not belong. */
  | 'shape'
  | 'check-digit'
  /** The first two digits are no province, and the number is no permit either. */
  | 'region'
  /** The birth part names no day. */
  | 'birth'
  /** The birth part is another day than the one given to compare with. */
  | 'birth-differs'
  /** The sequence number belongs to the other sex than the one given to compare with. */
  | 'sex-differs'
  /** The travel permit (通行证) given to compare with was issued for another region than the number. */
  | 'pass-differs';

export type NumberKind =
  | 'citizen' // 公民身份号码, 18 places
  | 'citizen-15' // the same in its form before 1999
  | 'permit' // 港澳台居民居住证: 810000, 820000, 830000
  | 'foreign-2017' // three letters and twelve digits
  | 'foreign-2023' // 18 places, begins with 9
  | 'unrecognised';

export interface NumberCheck {
  kind: NumberKind;
  /** Half-width, upper case, without blanks; 15 digits are brought to 18. */
  number: string;
  /** `YYYY-MM-DD` or ''. The number of 2017 has two digits of the year only and gives ''. */
  birth: string;
  /** '1', '2' or '' when the number does not say. */
  sex: SexCode;
  problems: NumberProblem[];
}

/** What stands beside a number and is compared with it; what is missing or '' is not compared. */
export interface NumberBeside {
  birth?: string;
  sex?: SexCode;
  passNumber?: string;
}

/** How travel permits begin: Hong Kong and Macao have a letter, Taiwan has eight digits. */
const PASSES: Readonly<Record<string, RegExp>> = { '81': /^H/, '82': /^M/, '83': /^\d/ };

/** First two digits of GB/T 2260, with 83 for permits of Taiwan residents. */
const PROVINCES = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83'.split(
    ' ',
  ),
);

/**
 * Checks a number of an identity document as typed or as read: 18 places (GB 11643-1999, permits, foreign
 * card 2023), 15 digits (before 1999) or the 15 places of the foreign card of 2017. Never throws.
 *
 * @param input as typed; blanks, full-width digits and a small x are taken
 * @param card what the card or the form says beside it: `birth` as `YYYY-MM-DD`, `sex` in GB/T 2261.1, `passNumber` of a
 *   permit of Hong Kong, Macao and Taiwan residents
 */
export function checkCitizenNumber(input: string, card: NumberBeside = {}): NumberCheck {
  const number = normalise(input);
  if (/^\d{17}[\dX]$/.test(number)) return check18(number, card);
  if (/^\d{15}$/.test(number)) return check15(number, card);
  if (/^[A-Z]{3}\d{12}$/.test(number)) return checkForeign2017(number, card);
  return { kind: 'unrecognised', number, birth: '', sex: '', problems: ['shape'] };
}

/**
 * A 15-digit number (before 1999) in its present form: '19' before the year, check character behind.
 * Sequence numbers 996–999 were given to people already a hundred years old, born in 18xx.
 * @returns 18 places, or null when the input is not 15 digits
 */
export function upgradeCitizenNumber(number15: string): string | null {
  if (!/^\d{15}$/.test(number15)) return null;
  const century = Number(number15.slice(12)) >= 996 ? '18' : '19';
  const first17 = number15.slice(0, 6) + century + number15.slice(6);
  return first17 + (citizenCheckCharacter(first17) ?? '');
}

/** Puts the check character behind 17 digits. @throws RangeError when they are not 17 digits */
export function completeCitizenNumber(first17: string): string {
  const check = citizenCheckCharacter(first17);
  if (check === null) throw new RangeError('a citizen number has 17 digits before its check character');
  return first17 + check;
}

function check18(number: string, card: NumberBeside): NumberCheck {
  const problems: NumberProblem[] = [];
  const foreign = number.startsWith('9');
  if (citizenCheckCharacter(number.slice(0, 17)) !== number[17]) problems.push('check-digit');
  // A foreign number has the province behind its leading 9.
  if (!PROVINCES.has(foreign ? number.slice(1, 3) : number.slice(0, 2))) problems.push('region');
  const birth = dateFromDigits(number.slice(6, 14));
  if (birth === null) problems.push('birth');
  else if (card.birth && card.birth !== birth) problems.push('birth-differs');
  const sex = sexOfSequence(number.slice(14, 17));
  if (isSexKnown(card.sex) && card.sex !== sex) problems.push('sex-differs');
  const kind = foreign ? 'foreign-2023' : /^8[123]0000/.test(number) ? 'permit' : 'citizen';
  const pass = PASSES[number.slice(0, 2)];
  if (kind === 'permit' && card.passNumber && pass?.test(card.passNumber.toUpperCase()) === false)
    problems.push('pass-differs');
  return { kind, number, birth: birth ?? '', sex, problems };
}

function check15(number15: string, card: NumberBeside): NumberCheck {
  const upgraded = upgradeCitizenNumber(number15);
  return upgraded === null
    ? { kind: 'unrecognised', number: number15, birth: '', sex: '', problems: ['shape'] }
    : { ...check18(upgraded, card), kind: 'citizen-15' };
}

/** Alpha-3 nationality, four digits of the accepting place, YYMMDD, one sequence digit, one check digit. */
function checkForeign2017(number: string, card: { birth?: string }): NumberCheck {
  const problems: NumberProblem[] = [];
  if (foreignCheckDigit(number.slice(0, 14)) !== number[14]) problems.push('check-digit');
  if (!PROVINCES.has(number.slice(3, 5))) problems.push('region');
  const yymmdd = number.slice(7, 13);
  // 29 February must be possible, so the century is only tried, never told.
  if (dateFromDigits('19' + yymmdd) === null && dateFromDigits('20' + yymmdd) === null)
    problems.push('birth');
  else if (card.birth && card.birth.replaceAll('-', '').slice(2) !== yymmdd) problems.push('birth-differs');
  return { kind: 'foreign-2017', number, birth: '', sex: '', problems };
}

function sexOfSequence(sequence: string): SexCode {
  return Number(sequence) % 2 === 1 ? '1' : '2';
}

function isSexKnown(sex: SexCode | undefined): boolean {
  return sex === '1' || sex === '2';
}

function normalise(input: string): string {
  return input
    .replace(/[\uff01-\uff5e]/gu, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/[\s\u3000]/gu, '')
    .toUpperCase();
}
