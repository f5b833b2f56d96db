import type { PromisedDate } from '../case/case.ts';
import type { TimeLimit } from '../item/item.ts';
import type { WorkCalendar } from './calendar.ts';
import { dayNumber, dayText, isDay, weekday } from './day.ts';

/**
 * Which day is the first to count. `day-after` is the law (民法典 §201: the day it begins does not count);
 * `same-day` is for the few rules that say otherwise in so many words.
 */
export type StartRule = 'day-after' | 'same-day';

/**
 * Whether a day is worked: the table decides, and where it says nothing Monday to Friday are.
 * @param day `YYYY-MM-DD`; after the table's last year the answer is a guess
 */
export function isWorkingDay(day: string, calendar: WorkCalendar): boolean {
  if (Object.hasOwn(calendar.workdays, day)) return true;
  if (Object.hasOwn(calendar.holidays, day)) return false;
  return weekday(dayNumber(day)) <= 5;
}

/**
 * The last day of a limit of time.
 *
 * Working days (工作日) are counted one by one. Plain days (自然日) run through holidays, but when the last
 * one falls on a day off, the next working day is the last (民法典 §203). No days at all is the day itself.
 *
 * `certain` is false when the count left the years of the table: then the date is the earliest possible by
 * weekdays alone and reads "not before" (不早于), to be counted again with the next calendar.
 *
 * @param from the day of the event the limit begins with, e.g. of the acceptance, `YYYY-MM-DD`
 * @throws RangeError when `from` is no day or the number of days is no whole number from 0 to 3660
 */
export function addDays(
  from: string,
  limit: Pick<TimeLimit, 'days' | 'dayType'>,
  calendar: WorkCalendar,
  startRule: StartRule = 'day-after',
): PromisedDate {
  if (!isDay(from)) throw new RangeError(`not a day: ${from}`);
  if (!Number.isInteger(limit.days) || limit.days < 0 || limit.days > 3660)
    throw new RangeError(`days: ${limit.days}`);
  const start = dayNumber(from);
  if (limit.days === 0) return promised(start, start, calendar);
  const first = startRule === 'same-day' ? start : start + 1;
  const end =
    limit.dayType === 'working'
      ? countWorking(first, limit.days, calendar)
      : countPlain(first, limit.days, calendar);
  return promised(start, end, calendar);
}

function countWorking(first: number, days: number, calendar: WorkCalendar): number {
  let day = first;
  for (let left = days; ; day++) {
    if (isWorkingDay(dayText(day), calendar)) left -= 1;
    if (left === 0) return day;
  }
}

function countPlain(first: number, days: number, calendar: WorkCalendar): number {
  let day = first + days - 1;
  while (!isWorkingDay(dayText(day), calendar)) day += 1;
  return day;
}

function promised(start: number, end: number, calendar: WorkCalendar): PromisedDate {
  const date = dayText(end);
  const from = Number(dayText(start).slice(0, 4));
  // The same day needs no table.
  const certain =
    start === end || (from >= calendar.firstYear && Number(date.slice(0, 4)) <= calendar.lastYear);
  return { date, certain, calendar: calendar.version };
}
