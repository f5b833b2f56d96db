import { COMPOUND_SURNAMES } from './compound-surnames.ts';

/**
 * What may be shown of a person in public and in logs. The functions never throw, and what they hide cannot
 * be worked out from what they leave: the stars of numbers do not say how many characters they stand for.
 */

/** A character with the marks and variation selectors that belong to it, so that 葛󠄀 stays one character. */
const CHARACTERS = /\P{M}\p{M}*/gu;

/**
 * A name for lists and public screens: the surname stays, each other character becomes a star.
 * 张三 → 张*, 欧阳震华 → 欧阳**, 阿依古丽·买买提 → 阿***·***, `SMITH, JOHN` → S****, ****.
 * A name of one character is hidden altogether.
 */
export function maskName(name: string): string {
  const characters = name.trim().normalize('NFC').match(CHARACTERS) ?? [];
  const surname = characters.slice(0, 2).join('');
  const compound = characters.length >= 3 && COMPOUND_SURNAMES.has(surname);
  const kept = characters.length < 2 ? 0 : compound ? 2 : 1;
  return characters.map((c, i) => (i < kept || /^[\s·•・.．,，-]/u.test(c) ? c : '*')).join('');
}

/**
 * A document number for the screen: 110101190001017777 → 1101****7777. Numbers under 15 characters show
 * less, so that never more than about half can be read; under 8 nothing but the last two, under 4 nothing.
 */
export function maskIdNumber(number: string): string {
  const c = Array.from(number.trim());
  if (c.length === 0) return '';
  if (c.length >= 15) return keepEnds(c, 4, 4);
  if (c.length >= 8) return keepEnds(c, 2, 2);
  if (c.length >= 4) return keepEnds(c, 0, 2);
  return '****';
}

/** A telephone number: 13800001111 → 138****1111, with or without +86; a landline keeps its last two digits. */
export function maskPhone(phone: string): string {
  const digits = halfWidth(phone).replace(/\D/g, '');
  const mobile = /^(?:0086|86|0)?(1[3-9]\d{9})$/.exec(digits)?.[1];
  if (mobile !== undefined) return keepEnds(Array.from(mobile), 3, 4);
  if (digits.length === 0) return phone.trim() === '' ? '' : '****';
  return digits.length >= 7 ? keepEnds(Array.from(digits), 0, 2) : '****';
}

/** Digits as people type them: half and full width. */
const D = '[0-9０-９]';
/** What people put between groups of digits. */
const GAP = '[ \\-\\u00a0\\u3000]';
const NOT_AFTER = '(?<![0-9０-９A-Za-z])';
const NOT_BEFORE = '(?![0-9０-９A-Za-z])';

/**
 * Order matters: the longest shape first. No check digit is looked at, because a mistyped number is as
 * personal as a right one.
 */
const SHAPES: readonly { pattern: RegExp; mask: (found: string) => string }[] = [
  // 15- and 18-digit citizen numbers, the 18 digits of residence permits (810000…, 820000…, 830000…) and of
  // the foreign permit of 2023 (9…), bank cards (16–19), and any of them glued to other digits.
  { pattern: new RegExp(`${D}{15,}[XxＸｘ]?`, 'gu'), mask: maskIdNumber },
  // The same in groups: 110101 19000101 7777 and 6222 0000 0000 0000 000.
  {
    pattern: new RegExp(`(?<!${D})${D}{6}${GAP}${D}{8}${GAP}${D}{3}[0-9０-９XxＸｘ]${NOT_BEFORE}`, 'gu'),
    mask: grouped,
  },
  {
    pattern: new RegExp(`(?<!${D})${D}{4}(?:${GAP}${D}{4}){3}(?:${GAP}?${D}{1,3})?(?!${D})`, 'gu'),
    mask: grouped,
  },
  // Foreign permit of 2017: three letters and twelve digits.
  { pattern: new RegExp(`(?<![A-Za-z])[A-Za-z]{3}${D}{12}(?!${D})`, 'gu'), mask: maskIdNumber },
  // Mobile numbers, whole and in the usual groups.
  {
    pattern: new RegExp(
      `(?<!${D})(?:(?:\\+|00|＋)?(?:86|８６)${GAP}?|[0０])?[1１][3-9３-９]${D}(?:${D}{8}|${GAP}${D}{4}${GAP}${D}{4})(?!${D})`,
      'gu',
    ),
    mask: maskPhone,
  },
  // Travel permits of Hong Kong and Macao (H, M, also C and W of the two-way permits) and passports.
  { pattern: new RegExp(`${NOT_AFTER}[A-Za-z]${D}{8}(?:${D}{2})?${NOT_BEFORE}`, 'gu'), mask: maskIdNumber },
  { pattern: new RegExp(`${NOT_AFTER}[A-Z]{2}${D}{7}${NOT_BEFORE}`, 'gu'), mask: maskIdNumber },
];

/**
 * A travel permit of Taiwan is eight bare digits, which is also what a day or a size looks like; it is taken
 * for one only where the text says that a number of a document follows.
 */
const LABELLED = new RegExp(
  `((?:号码|证号|证件号|通行证|台胞证|passNumber|idNumber|number)["'”’]?\\s*[:：=为是]?\\s*["'“‘]?)(${D}{8,14})(?!${D})`,
  'giu',
);

/**
 * Masks whatever looks like a number of a person in free text: citizen numbers, permits, travel permits,
 * passports, mobile numbers, bank cards. For the log sink. Masking twice changes nothing more; days, times,
 * case numbers, ticket numbers and epoch milliseconds stay readable.
 */
export function maskText(text: string): string {
  let masked = text;
  for (const { pattern, mask } of SHAPES) masked = masked.replace(pattern, mask);
  return masked.replace(LABELLED, (_, label: string, number: string) => label + maskIdNumber(number));
}

function grouped(found: string): string {
  return maskIdNumber(found.replace(new RegExp(GAP, 'gu'), ''));
}

function halfWidth(text: string): string {
  return text.replace(/[０-９]/gu, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0));
}

function keepEnds(characters: readonly string[], head: number, tail: number): string {
  return characters.slice(0, head).join('') + '****' + characters.slice(characters.length - tail).join('');
}
