import { readFileSync } from 'node:fs';
import { findWorkday } from 'chinese-days';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCalendar, type WorkCalendar } from '../../../shared/domain/calendar/calendar.ts';
import { dayNumber, dayText, isDay, weekday } from '../../../shared/domain/calendar/day.ts';
import { addDays, isWorkingDay } from '../../../shared/domain/calendar/working-days.ts';

const file: unknown = JSON.parse(readFileSync('resources/calendar/cn.json', 'utf8'));
const read = readCalendar(file);
if (!read.ok) throw new Error('the calendar of the product cannot be read');
const cn: WorkCalendar = read.calendar;

/**
 * Counted apart from the program, from the notices of the State Council: 2025 Spring Festival 28 Jan – 4 Feb
 * (26 Jan and 8 Feb worked), Labour Day 1–5 May (27 Apr), National Day and Mid-Autumn 1–8 Oct (28 Sep,
 * 11 Oct); 2026 New Year 1–3 Jan (4 Jan), Spring Festival 15–23 Feb (14 and 28 Feb), Labour Day 1–5 May
 * (9 May), Mid-Autumn 25–27 Sep, National Day 1–7 Oct (20 Sep, 10 Oct).
 */
// prettier-ignore
const WORKING: [from: string, days: number, end: string][] = [
  ['2025-01-02', 1, '2025-01-03'],
  ['2025-01-03', 1, '2025-01-06'],
  ['2025-01-24', 1, '2025-01-26'],
  ['2025-01-24', 2, '2025-01-27'],
  ['2025-01-24', 3, '2025-02-05'],
  ['2025-01-27', 1, '2025-02-05'],
  ['2025-01-27', 5, '2025-02-10'],
  ['2025-01-20', 20, '2025-02-21'],
  ['2025-02-07', 1, '2025-02-08'],
  ['2025-02-07', 2, '2025-02-10'],
  ['2025-04-03', 1, '2025-04-07'],
  ['2025-04-03', 5, '2025-04-11'],
  ['2025-04-25', 1, '2025-04-27'],
  ['2025-04-25', 5, '2025-05-06'],
  ['2025-04-30', 1, '2025-05-06'],
  ['2025-04-30', 3, '2025-05-08'],
  ['2025-05-30', 1, '2025-06-03'],
  ['2025-05-30', 20, '2025-06-30'],
  ['2025-09-26', 1, '2025-09-28'],
  ['2025-09-26', 3, '2025-09-30'],
  ['2025-09-30', 1, '2025-10-09'],
  ['2025-09-30', 2, '2025-10-10'],
  ['2025-09-30', 3, '2025-10-11'],
  ['2025-09-28', 5, '2025-10-11'],
  ['2025-10-04', 1, '2025-10-09'],
  ['2025-10-11', 1, '2025-10-13'],
  ['2025-12-31', 1, '2026-01-04'],
  ['2025-12-31', 2, '2026-01-05'],
  ['2025-12-26', 5, '2026-01-05'],
  ['2025-12-20', 10, '2026-01-05'],
  ['2025-11-20', 30, '2026-01-04'],
  ['2025-12-01', 30, '2026-01-13'],
  ['2025-12-01', 45, '2026-02-03'],
  ['2026-01-02', 1, '2026-01-04'],
  ['2026-01-03', 1, '2026-01-04'],
  ['2026-01-04', 1, '2026-01-05'],
  ['2026-02-13', 1, '2026-02-14'],
  ['2026-02-13', 2, '2026-02-24'],
  ['2026-02-14', 1, '2026-02-24'],
  ['2026-02-10', 5, '2026-02-24'],
  ['2026-02-14', 5, '2026-02-28'],
  ['2026-02-27', 1, '2026-02-28'],
  ['2026-02-27', 2, '2026-03-02'],
  ['2026-04-03', 1, '2026-04-07'],
  ['2026-04-30', 1, '2026-05-06'],
  ['2026-04-30', 4, '2026-05-09'],
  ['2026-05-08', 1, '2026-05-09'],
  ['2026-05-08', 2, '2026-05-11'],
  ['2026-06-18', 1, '2026-06-22'],
  ['2026-06-18', 3, '2026-06-24'],
  ['2026-09-18', 1, '2026-09-20'],
  ['2026-09-18', 2, '2026-09-21'],
  ['2026-09-24', 1, '2026-09-28'],
  ['2026-09-24', 3, '2026-09-30'],
  ['2026-09-30', 1, '2026-10-08'],
  ['2026-09-30', 3, '2026-10-10'],
  ['2026-09-30', 4, '2026-10-12'],
  ['2026-09-15', 20, '2026-10-19'],
  ['2026-08-20', 30, '2026-10-08'],
  ['2026-11-20', 10, '2026-12-04'],
  ['2026-11-20', 29, '2026-12-31'],
  ['2026-11-21', 5, '2026-11-27'],
  ['2026-11-22', 5, '2026-11-27'],
];

/** Plain days; the last one on a day off moves to the next working day (民法典 §203). */
// prettier-ignore
const PLAIN: [from: string, days: number, end: string][] = [
  ['2025-01-13', 15, '2025-02-05'],
  ['2025-01-12', 15, '2025-01-27'],
  ['2025-01-14', 15, '2025-02-05'],
  ['2025-03-20', 15, '2025-04-07'],
  ['2025-04-16', 15, '2025-05-06'],
  ['2025-09-16', 15, '2025-10-09'],
  ['2025-09-22', 15, '2025-10-09'],
  ['2025-09-23', 15, '2025-10-09'],
  ['2025-12-17', 15, '2026-01-04'],
  ['2025-12-19', 15, '2026-01-04'],
  ['2025-11-02', 60, '2026-01-04'],
  ['2026-01-31', 15, '2026-02-24'],
  ['2026-02-08', 15, '2026-02-24'],
  ['2026-02-13', 15, '2026-02-28'],
  ['2026-06-04', 15, '2026-06-22'],
  ['2026-09-10', 15, '2026-09-28'],
  ['2026-09-16', 15, '2026-10-08'],
  ['2026-09-25', 15, '2026-10-10'],
  ['2026-10-04', 30, '2026-11-03'],
  ['2026-11-20', 30, '2026-12-21'],
  ['2026-05-07', 2, '2026-05-09'],
  ['2026-05-02', 7, '2026-05-09'],
];

describe('a limit in working days', () => {
  it.each(WORKING)('from %s, %i days, ends on %s', (from, days, end) => {
    expect(addDays(from, { days, dayType: 'working' }, cn)).toEqual({
      date: end,
      certain: true,
      calendar: 'cn-2026-r1',
    });
  });

  it('agrees with another program on every day of the table', () => {
    for (let day = dayNumber('2025-01-01'); day <= dayNumber('2026-10-31'); day++) {
      for (const days of [1, 3, 5, 20, 30]) {
        const from = dayText(day);
        expect([from, days, addDays(from, { days, dayType: 'working' }, cn).date]).toEqual([
          from,
          days,
          findWorkday(days, from),
        ]);
      }
    }
  });

  it('counts the day itself only when a rule says so', () => {
    expect(addDays('2026-11-20', { days: 1, dayType: 'working' }, cn, 'same-day').date).toBe('2026-11-20');
    expect(addDays('2026-11-21', { days: 1, dayType: 'working' }, cn, 'same-day').date).toBe('2026-11-23');
    expect(addDays('2026-11-20', { days: 15, dayType: 'calendar' }, cn, 'same-day').date).toBe('2026-12-04');
  });
});

describe('a limit in plain days', () => {
  it.each(PLAIN)('from %s, %i days, ends on %s', (from, days, end) => {
    expect(addDays(from, { days, dayType: 'calendar' }, cn)).toEqual({
      date: end,
      certain: true,
      calendar: 'cn-2026-r1',
    });
  });
});

describe('a limit of no days', () => {
  it.each(['2026-11-20', '2026-11-21', '2026-10-01', '2031-01-01'])('ends on the day itself: %s', (day) => {
    expect(addDays(day, { days: 0, dayType: 'working' }, cn)).toMatchObject({ date: day, certain: true });
  });
});

describe('a limit that leaves the table', () => {
  it.each<[string, number, 'working' | 'calendar', string]>([
    ['2026-11-20', 30, 'working', '2027-01-01'],
    ['2026-11-20', 45, 'working', '2027-01-22'],
    ['2026-12-31', 1, 'working', '2027-01-01'],
    ['2026-12-20', 15, 'calendar', '2027-01-04'],
    ['2027-03-01', 5, 'working', '2027-03-08'],
    ['2024-12-30', 1, 'working', '2024-12-31'],
  ])('from %s, %i %s days, is not before %s and says so', (from, days, dayType, date) => {
    expect(addDays(from, { days, dayType }, cn)).toEqual({ date, certain: false, calendar: 'cn-2026-r1' });
  });
});

describe('counting days', () => {
  const day = fc.integer({ min: dayNumber('2025-01-01'), max: dayNumber('2026-12-01') }).map(dayText);
  const days = fc.integer({ min: 1, max: 60 });

  it('ends on a working day, never before its start, and one day more never ends earlier', () => {
    fc.assert(
      fc.property(
        day,
        days,
        fc.constantFrom<'working' | 'calendar'>('working', 'calendar'),
        (from, n, dayType) => {
          const end = addDays(from, { days: n, dayType }, cn).date;
          expect(isWorkingDay(end, cn)).toBe(true);
          expect(end > from).toBe(true);
          const later = addDays(from, { days: n + 1, dayType }, cn).date;
          expect(dayType === 'working' ? later > end : later >= end).toBe(true);
        },
      ),
    );
  });

  it('in working days goes step by step', () => {
    fc.assert(
      fc.property(day, days, days, (from, a, b) => {
        const middle = addDays(from, { days: a, dayType: 'working' }, cn).date;
        expect(addDays(middle, { days: b, dayType: 'working' }, cn).date).toBe(
          addDays(from, { days: a + b, dayType: 'working' }, cn).date,
        );
      }),
    );
  });

  it.each<[string, number]>([
    ['2026-02-30', 1],
    ['20261120', 1],
    ['', 1],
    ['2026-11-20', -1],
    ['2026-11-20', 1.5],
    ['2026-11-20', 4000],
    ['2026-11-20', Number.NaN],
  ])('refuses %j with %d days', (from, n) => {
    expect(() => addDays(from, { days: n, dayType: 'working' }, cn)).toThrow(RangeError);
  });

  it('knows real days and their place in the week', () => {
    expect(isDay('2024-02-29')).toBe(true);
    expect(isDay('2026-02-29')).toBe(false);
    expect(weekday(dayNumber('2026-11-20'))).toBe(5);
    expect(weekday(dayNumber('1969-12-28'))).toBe(7);
  });
});
