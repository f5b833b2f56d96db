import type { FormField } from '../item/item.ts';

/**
 * A value as it is kept: no blanks around it, half-width digits where digits are meant, no blanks within
 * numbers, days as `YYYY-MM-DD` also when typed as eight digits or with points.
 */
export function tidyValue(field: FormField, typed: string): string {
  const value = typed.trim();
  const { format } = field.schema;
  if (format === undefined) return value;
  const plain = value.normalize('NFKC').replace(/[\s\u00a0]/gu, '');
  if (format === 'citizen-number') return plain.toUpperCase();
  if (format === 'money') return plain.replace(/[,¥元]/gu, '');
  if (format === 'bank-card') return plain.replaceAll('-', '');
  if (format === 'mobile') return plain.replace(/-/gu, '').replace(/^(?:\+86|0086|86)(?=1\d{10}$)/u, '');
  const day =
    /^(\d{4})(\d{2})(\d{2})$/u.exec(plain) ?? /^(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?$/u.exec(plain);
  if (day === null) return value;
  return `${day[1] ?? ''}-${(day[2] ?? '').padStart(2, '0')}-${(day[3] ?? '').padStart(2, '0')}`;
}
