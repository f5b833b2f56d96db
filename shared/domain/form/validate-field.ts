import { isDay } from '../calendar/day.ts';
import { checkCitizenNumber } from '../card/citizen-number.ts';
import type { FormField } from '../item/item.ts';

export type FieldProblemCode =
  | 'required'
  | 'not-in-list'
  | 'pattern'
  | 'too-short'
  | 'too-long'
  | 'date'
  | 'mobile'
  | 'money'
  | 'citizen-number'
  | 'citizen-number-check'
  | 'bank-card'
  | 'bank-card-check';

export interface FieldProblem {
  code: FieldProblemCode;
  /** A warning is shown and stops nothing: real numbers with wrong check digits exist. */
  level: 'error' | 'warning';
}

/**
 * What is wrong with a value, worst first; nothing for a value that may stand. Lengths count characters, as
 * GB/T 39046—2020 does.
 */
export function validateField(field: FormField, value: string): FieldProblem[] {
  if (value.trim() === '') return field.required ? [error('required')] : [];
  const { schema } = field;
  const length = Array.from(value).length;
  const problems: FieldProblem[] = [];
  if (schema.enum?.includes(value) === false) problems.push(error('not-in-list'));
  if (schema.minLength !== undefined && length < schema.minLength) problems.push(error('too-short'));
  if (schema.maxLength !== undefined && length > schema.maxLength) problems.push(error('too-long'));
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value))
    problems.push(error('pattern'));
  if (schema.format !== undefined) problems.push(...checkFormat(schema.format, value));
  return problems.sort((a, b) => Number(a.level === 'warning') - Number(b.level === 'warning'));
}

function checkFormat(format: NonNullable<FormField['schema']['format']>, value: string): FieldProblem[] {
  switch (format) {
    case 'date':
      return isDay(value) ? [] : [error('date')];
    case 'mobile':
      // Mainland numbers, or an international one with its plus.
      return /^(?:1[3-9]\d{9}|\+\d{7,15})$/u.test(value) ? [] : [error('mobile')];
    case 'money':
      return /^(?:0|[1-9]\d{0,11})(?:\.\d{1,2})?$/u.test(value) ? [] : [error('money')];
    case 'citizen-number': {
      const { problems } = checkCitizenNumber(value);
      if (problems.includes('shape') || problems.includes('birth')) return [error('citizen-number')];
      return problems.length > 0 ? [{ code: 'citizen-number-check', level: 'warning' }] : [];
    }
    case 'bank-card':
      if (!/^\d{8,30}$/u.test(value)) return [error('bank-card')];
      // Cards have 16 to 19 digits and a check digit; other accounts have neither.
      return /^\d{16,19}$/u.test(value) && !luhnHolds(value)
        ? [{ code: 'bank-card-check', level: 'warning' }]
        : [];
  }
}

/** ISO/IEC 7812-1: from the right every second digit doubled, digits summed, modulo ten. */
function luhnHolds(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const part = i % 2 === 0 ? digit : digit * 2;
    sum += part > 9 ? part - 9 : part;
  }
  return sum % 10 === 0;
}

function error(code: FieldProblemCode): FieldProblem {
  return { code, level: 'error' };
}
