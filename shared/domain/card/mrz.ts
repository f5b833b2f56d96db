import { dateFromDigits } from './calendar-date.ts';
import type { SexCode } from './document.ts';

/** What a machine-readable zone says about itself that a person should look at; never a reason to refuse it. */
export type MrzProblem =
  | 'number-check-digit'
  | 'birth-check-digit'
  | 'expiry-check-digit'
  | 'optional-check-digit'
  /** The check digit over all of them. */
  | 'composite-check-digit'
  /** The day of birth is not (wholly) known, or is no day. */
  | 'birth'
  | 'expiry'
  | 'expired'
  /** A visa: it lies in a passport and identifies nobody by itself. */
  | 'visa';

/** A machine-readable zone (机读码), read. Texts are as in the zone, without fillers. */
export interface MrzReading {
  /** Three lines of 30 (cards), two of 36, two of 44 (passports). */
  format: 'TD1' | 'TD2' | 'TD3';
  /** First two places, e.g. `P`, `PO`, `CR`. */
  documentCode: string;
  /** 证件类型代码 of GA/T 2000.156 that the code stands for; 990 其他证件 when it is none of ours. */
  idType: string;
  /** State that issued it, alpha-3 as in the zone. */
  issuer: string;
  number: string;
  surname: string;
  givenNames: string;
  /** Alpha-3; the German `D` is brought to `DEU`. */
  nationality: string;
  /** `YYYY-MM-DD`, or '' when the zone does not say. */
  birth: string;
  sex: SexCode;
  /** `YYYY-MM-DD`, or ''. */
  expiry: string;
  /** Optional data, '' when there are none. */
  optional: string;
  problems: MrzProblem[];
}

/** The check digit of ICAO 9303-3 §4.9: weights 7, 3, 1; A = 10 … Z = 35; the filler counts 0. */
export function mrzCheckDigit(text: string): string {
  const sum = Array.from(text).reduce((total, character, i) => {
    const value = character === '<' ? 0 : Number.parseInt(character, 36);
    return total + (Number.isNaN(value) ? 0 : value) * ([7, 3, 1][i % 3] ?? 0);
  }, 0);
  return String(sum % 10);
}

/**
 * Reads the machine-readable zone of a travel document (ICAO 9303-4, -5, -6, -7) out of a text: with line ends as
 * scanners send them or without, among other lines, full-width or small. Never throws; check digits that do not
 * hold are problems, not refusals.
 * @param today `YYYY-MM-DD`; tells the century of two-digit years and whether the document has expired
 * @returns null when the text holds no zone
 */
export function parseMrz(text: string, today: string): MrzReading | null {
  const lines = zoneIn(text);
  if (lines === null) return null;
  const [first, second, third = ''] = lines;
  if (third !== '') return readCard(first, second, third, today);
  return readTwoLines(first, second, today);
}

const SIZES = [
  { lines: 3, length: 30 },
  { lines: 2, length: 44 },
  { lines: 2, length: 36 },
] as const;
const ZONE_LINE = /^[A-Z0-9<]+$/u;

/** The two or three lines of the zone, wherever they stand in the text. */
function zoneIn(text: string): [string, string, string?] | null {
  const lines = text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[«]/gu, '<<')
    .replace(/[‹〈]/gu, '<')
    .split(/[\r\n]+/u)
    .map((line) => line.replace(/[^\S\n]+/gu, ''))
    .filter((line) => line !== '');
  for (const { lines: count, length } of SIZES) {
    for (let at = 0; at + count <= lines.length; at++) {
      const found = lines.slice(at, at + count);
      if (found.every((line) => line.length === length) && isZone(found)) return found as [string, string];
    }
    // A scanner without line ends sends it in one piece.
    for (const line of lines) {
      if (line.length !== count * length) continue;
      const found = Array.from({ length: count }, (_, i) => line.slice(i * length, (i + 1) * length));
      if (isZone(found)) return found as [string, string];
    }
  }
  return null;
}

const isZone = (lines: readonly string[]): boolean =>
  lines.every((line) => ZONE_LINE.test(line)) && /^[A-Z]/u.test(lines[0] ?? '');

/** TD1 (ICAO 9303-5 §4.2.2). */
function readCard(first: string, second: string, third: string, today: string): MrzReading {
  const number = readNumber(first.slice(5, 14), first[14] ?? '', first.slice(15, 30));
  const optional = [number.rest, clean(second.slice(18, 29))].filter((part) => part !== '').join(' ');
  const whole = first.slice(5, 30) + second.slice(0, 7) + second.slice(8, 15) + second.slice(18, 29);
  return reading('TD1', today, {
    code: first.slice(0, 2),
    issuer: first.slice(2, 5),
    number,
    dates: second.slice(0, 15),
    nationality: second.slice(15, 18),
    names: third,
    optional,
    problems: mrzCheckDigit(whole) === second[29] ? [] : ['composite-check-digit'],
  });
}

/** TD3 (9303-4 §4.2.2), TD2 (9303-6 §4.2.2) and visas (9303-7), which have no check digit over all. */
function readTwoLines(first: string, second: string, today: string): MrzReading {
  const format = first.length === 44 ? 'TD3' : 'TD2';
  const isVisa = first.startsWith('V');
  const rest = second.slice(28, format === 'TD3' ? 42 : 35);
  // Only passports have all 9 places and nothing more; a longer number of a TD2 goes on in the optional data.
  const number = readNumber(second.slice(0, 9), second[9] ?? '', format === 'TD2' && !isVisa ? rest : '');
  const problems: MrzProblem[] = [];
  if (isVisa) problems.push('visa');
  else {
    if (format === 'TD3' && !holdsOptional(rest, second[42] ?? '')) problems.push('optional-check-digit');
    const whole = second.slice(0, 10) + second.slice(13, 20) + second.slice(21, -1);
    if (mrzCheckDigit(whole) !== second.at(-1)) problems.push('composite-check-digit');
  }
  return reading(format, today, {
    code: first.slice(0, 2),
    issuer: first.slice(2, 5),
    number,
    dates: second.slice(13, 28),
    nationality: second.slice(10, 13),
    names: first.slice(5),
    optional: format === 'TD2' && !isVisa ? number.rest : clean(isVisa ? second.slice(28) : rest),
    problems,
  });
}

interface Parts {
  code: string;
  issuer: string;
  number: { number: string; holds: boolean };
  /** Birth with check digit, sex, expiry with check digit: the same 15 places in every size. */
  dates: string;
  nationality: string;
  names: string;
  optional: string;
  problems: MrzProblem[];
}

function reading(format: MrzReading['format'], today: string, parts: Parts): MrzReading {
  const { dates, number } = parts;
  const problems: MrzProblem[] = number.holds ? [] : ['number-check-digit'];
  const birth = birthOf(dates.slice(0, 6), today);
  const expiry = expiryOf(dates.slice(8, 14), today);
  if (mrzCheckDigit(dates.slice(0, 6)) !== dates[6]) problems.push('birth-check-digit');
  if (mrzCheckDigit(dates.slice(8, 14)) !== dates[14]) problems.push('expiry-check-digit');
  if (birth === '') problems.push('birth');
  if (expiry === '') problems.push('expiry');
  else if (expiry < today) problems.push('expired');
  const [surname = '', givenNames = ''] = parts.names.split('<<').map(spaced);
  const documentCode = clean(parts.code);
  const issuer = clean(parts.issuer);
  return {
    format,
    documentCode,
    idType: idTypeOf(documentCode, issuer),
    issuer,
    number: number.number,
    surname,
    givenNames,
    nationality: stateOf(parts.nationality),
    birth,
    sex: dates[7] === 'M' ? '1' : dates[7] === 'F' ? '2' : '',
    expiry,
    optional: parts.optional,
    problems: [...problems, ...parts.problems],
  };
}

/** A number of more than 9 places goes on in the optional data, and its check digit with it (9303-5 §4.2.2, note j). */
function readNumber(
  nine: string,
  check: string,
  after: string,
): { number: string; holds: boolean; rest: string } {
  const more = check === '<' ? /^([A-Z0-9]+)(\d)(?:<|$)(.*)$/u.exec(after) : null;
  if (more === null) return { number: clean(nine), holds: mrzCheckDigit(nine) === check, rest: clean(after) };
  const [, tail = '', digit = '', rest = ''] = more;
  return { number: nine + tail, holds: mrzCheckDigit(nine + tail) === digit, rest: clean(rest) };
}

/** The check digit of empty optional data may be 0 or the filler. */
function holdsOptional(data: string, check: string): boolean {
  return mrzCheckDigit(data) === check || (/^<*$/u.test(data) && check === '<');
}

/** Nobody is born tomorrow: the year lies in this century while that is past, otherwise in the one before. */
function birthOf(yymmdd: string, today: string): string {
  const century = Math.floor(Number(today.slice(0, 4)) / 100) * 100;
  const now = dateFromDigits(`${String(century / 100)}${yymmdd}`);
  if (now !== null && now <= today) return now;
  return dateFromDigits(`${String(century / 100 - 1)}${yymmdd}`) ?? '';
}

/** Documents are valid for ten years, a few for twenty: what lies further ahead ended in the century before. */
function expiryOf(yymmdd: string, today: string): string {
  const year = Number(today.slice(0, 4));
  const century = Math.floor(year / 100);
  const near = [century - 1, century, century + 1]
    .map((hundreds) => dateFromDigits(`${String(hundreds)}${yymmdd}`))
    .filter((date) => date !== null)
    .filter((date) => Number(date.slice(0, 4)) <= year + 30);
  return near.at(-1) ?? '';
}

/** Codes of the Ministry's travel permits as their cards print them (CR 港澳居民, CT 台湾居民); P is a passport everywhere. */
function idTypeOf(code: string, issuer: string): string {
  if (code.startsWith('P')) return '414';
  if (issuer === 'CHN' && code === 'CR') return '516';
  if (issuer === 'CHN' && code === 'CT') return '511';
  return '990';
}

const clean = (text: string): string => text.replace(/<+$/u, '').replace(/^<+/u, '');
const spaced = (text: string): string => text.replace(/<+/gu, ' ').trim();
const stateOf = (text: string): string => (clean(text) === 'D' ? 'DEU' : clean(text));
