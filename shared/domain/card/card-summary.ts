import type { CardDocument } from './document.ts';

/** Small readings of a document that forms and screens share. */

/** 有效期限 as the card prints it: `2020.01.01-2040.01.01`, `2020.01.01-长期`, or '' when the chip says nothing. */
export function validityText(document: Pick<CardDocument, 'validFrom' | 'validTo' | 'longTerm'>): string {
  const to = document.longTerm ? '长期' : dots(document.validTo);
  if (document.validFrom === '' && to === '') return '';
  return `${dots(document.validFrom)}-${to}`;
}

/** The name to call and to print: the Chinese name, else the Latin one of a foreign card. */
export function displayName(document: Pick<CardDocument, 'name' | 'latinName'>): string {
  return document.name === '' ? document.latinName : document.name;
}

/**
 * Full years of age on a day.
 * @param birth, @param day `YYYY-MM-DD`
 * @returns null when either is not a date
 */
export function ageOn(birth: string, day: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(birth) || !/^\d{4}-\d{2}-\d{2}$/.test(day)) return null;
  const years = Number(day.slice(0, 4)) - Number(birth.slice(0, 4));
  return day.slice(5) < birth.slice(5) ? years - 1 : years;
}

function dots(date: string): string {
  return date.replaceAll('-', '.');
}
