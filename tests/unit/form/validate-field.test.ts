import { describe, expect, it } from 'vitest';
import { tidyValue } from '../../../shared/domain/form/tidy-value.ts';
import { validateField } from '../../../shared/domain/form/validate-field.ts';
import type { FormField } from '../../../shared/domain/item/item.ts';

function field(schema: Omit<FormField['schema'], 'type'>, required = true): FormField {
  return { id: 'f', title: 'f', group: 'g', schema: { type: 'string', ...schema }, required, fill: [] };
}
const found = (schema: Omit<FormField['schema'], 'type'>, value: string): string[] =>
  validateField(field(schema), value).map(({ code, level }) => (level === 'error' ? code : `(${code})`));

describe('a value', () => {
  it.each<[Omit<FormField['schema'], 'type'>, string, string[]]>([
    [{}, '', ['required']],
    [{}, '  ', ['required']],
    [{}, 'x', []],
    [{ enum: ['男', '女'] }, '男', []],
    [{ enum: ['男', '女'] }, '其他', ['not-in-list']],
    [{ minLength: 2 }, '长', ['too-short']],
    [{ maxLength: 2 }, '太长了', ['too-long']],
    [{ maxLength: 2 }, '𠮷田', []],
    [{ pattern: '^[1-9]$' }, '0', ['pattern']],
    [{ format: 'date' }, '2026-11-20', []],
    [{ format: 'date' }, '2026-02-30', ['date']],
    [{ format: 'mobile' }, '13800001111', []],
    [{ format: 'mobile' }, '+85212345678', []],
    [{ format: 'mobile' }, '12800001111', ['mobile']],
    [{ format: 'mobile' }, '1380000111', ['mobile']],
    [{ format: 'money' }, '0.50', []],
    [{ format: 'money' }, '1234567.8', []],
    [{ format: 'money' }, '01', ['money']],
    [{ format: 'money' }, '-1', ['money']],
    [{ format: 'money' }, '1.234', ['money']],
    [{ format: 'citizen-number' }, '110101190001017777', []],
    [{ format: 'citizen-number' }, '11010119000101009X', []],
    [{ format: 'citizen-number' }, '110101190001017778', ['(citizen-number-check)']],
    [{ format: 'citizen-number' }, '11010119000101777', ['citizen-number']],
    [{ format: 'citizen-number' }, '110101190013017777', ['citizen-number']],
    [{ format: 'bank-card' }, '6222020000000000000', []],
    [{ format: 'bank-card' }, '4111111111111111', []],
    [{ format: 'bank-card' }, '4111111111111112', ['(bank-card-check)']],
    [{ format: 'bank-card' }, '120200000123', []],
    [{ format: 'bank-card' }, '1234567', ['bank-card']],
    [{ format: 'bank-card', maxLength: 10 }, '6222020000000000005', ['too-long', '(bank-card-check)']],
  ])('%j %j has %j', (schema, value, problems) => {
    expect(found(schema, value)).toEqual(problems);
  });

  it('may be missing where the field is not required', () => {
    expect(validateField(field({ format: 'date' }, false), '')).toEqual([]);
  });
});

describe('a value as typed', () => {
  it.each<[FormField['schema']['format'], string, string]>([
    [undefined, '  某路 3 号 ', '某路 3 号'],
    ['mobile', ' １３８ ００００ １１１１ ', '13800001111'],
    ['mobile', '+86 138-0000-1111', '13800001111'],
    ['mobile', '+852 1234 5678', '+85212345678'],
    ['bank-card', '6222 0200-0000 0000 000', '6222020000000000000'],
    ['citizen-number', '110101 19000101 009x', '11010119000101009X'],
    ['money', '¥1,234.50元', '1234.50'],
    ['date', '20261120', '2026-11-20'],
    ['date', '2026.1.2', '2026-01-02'],
    ['date', '2026年11月20日', '2026-11-20'],
    ['date', '2026111', '2026111'],
    ['date', '昨天', '昨天'],
  ])('for %s: %j becomes %j', (format, typed, kept) => {
    expect(tidyValue(field(format === undefined ? {} : { format }), typed)).toBe(kept);
  });
});
