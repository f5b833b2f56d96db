import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
// @ts-expect-error The generator is a plain script; what it makes is checked below.
import { makeCalendar } from '../../../resources/calendar/generate.mjs';
import { readCalendar } from '../../../shared/domain/calendar/calendar.ts';

const file = JSON.parse(readFileSync('resources/calendar/cn.json', 'utf8')) as Record<string, unknown>;
const holidays = file['holidays'] as Record<string, string>;
const workdays = file['workdays'] as Record<string, string>;

describe('the calendar of the product', () => {
  it('is what its generator makes', () => {
    expect(file).toEqual((makeCalendar as () => unknown)());
  });

  it('covers 2025 and 2026 and says where it ends', () => {
    const read = readCalendar(file);
    expect(read).toMatchObject({ ok: true, calendar: { firstYear: 2025, lastYear: 2026 } });
    expect(Object.keys(workdays)).toHaveLength(11);
    expect(Object.keys(holidays).filter((day) => day.startsWith('2025'))).toHaveLength(28);
    expect(Object.keys(holidays).filter((day) => day.startsWith('2026'))).toHaveLength(33);
  });
});

describe('a calendar that is not whole', () => {
  it.each<[string, unknown, string, string]>([
    ['no object', 'x', '', 'wrong-type'],
    ['no version', { ...file, version: '' }, 'version', 'missing'],
    ['no last year', { ...file, lastYear: undefined }, 'lastYear', 'wrong-type'],
    ['no holidays', { ...file, holidays: [] }, 'holidays', 'wrong-type'],
    [
      'a holiday without a name',
      { ...file, holidays: { ...holidays, '2026-03-03': 1 } },
      'holidays',
      'wrong-type',
    ],
    [
      'a day that does not exist',
      { ...file, holidays: { ...holidays, '2026-02-30': 'x' } },
      'holidays.2026-02-30',
      'not-a-day',
    ],
    [
      'a day of another year',
      { ...file, holidays: { ...holidays, '2027-01-01': 'x' } },
      'holidays.2027-01-01',
      'outside-years',
    ],
    [
      'a make-up day in the week',
      { ...file, workdays: { '2026-11-20': 'x' } },
      'workdays.2026-11-20',
      'not-a-weekend',
    ],
    [
      'a day both off and worked',
      { ...file, workdays: { '2026-10-03': 'x' } },
      'workdays.2026-10-03',
      'both',
    ],
    ['a year nobody filled in', { ...file, lastYear: 2027 }, 'holidays.2027', 'year-empty'],
    [
      'an end before its beginning',
      { ...file, holidays: {}, workdays: {}, lastYear: 2024 },
      'lastYear',
      'year-empty',
    ],
  ])('is refused: %s', (_, json, field, problem) => {
    expect(readCalendar(json)).toEqual({ ok: false, problems: [{ field, problem }] });
  });
});
