import { dayNumber, isDay, weekday } from './day.ts';

/**
 * The holidays the State Council gave out, with the weekends that became working days (调休). Data, because
 * it is made new each November; it says itself where it ends.
 */
export interface WorkCalendar {
  /** Printed beside every promised date, so that a corrected calendar finds the promises made with the old one. */
  version: string;
  /** First year the table covers. */
  firstYear: number;
  /** Last year the table covers; a date after it is not certain. */
  lastYear: number;
  /** Days off, `YYYY-MM-DD` → name, weekends within a holiday included. */
  holidays: Record<string, string>;
  /** Saturdays and Sundays that are worked, `YYYY-MM-DD` → holiday they make up for. */
  workdays: Record<string, string>;
}

export interface CalendarProblem {
  field: string;
  problem: 'missing' | 'wrong-type' | 'not-a-day' | 'outside-years' | 'both' | 'not-a-weekend' | 'year-empty';
}

/** Statutory holidays alone are 13 days (全国年节及纪念日放假办法 §2); a year with fewer has not been filled in. */
const FEWEST_HOLIDAYS = 13;

/** Checks a calendar file. A table with a fault is not used at all: half a table would promise wrong dates. */
export function readCalendar(
  json: unknown,
): { ok: true; calendar: WorkCalendar } | { ok: false; problems: CalendarProblem[] } {
  if (typeof json !== 'object' || json === null)
    return { ok: false, problems: [{ field: '', problem: 'wrong-type' }] };
  const file = json as Record<string, unknown>;
  const problems: CalendarProblem[] = [];
  const { version, firstYear, lastYear } = file;
  if (typeof version !== 'string' || version === '') problems.push({ field: 'version', problem: 'missing' });
  for (const field of ['firstYear', 'lastYear']) {
    if (!Number.isInteger(file[field])) problems.push({ field, problem: 'wrong-type' });
  }
  for (const field of ['holidays', 'workdays']) {
    const days = file[field];
    if (typeof days !== 'object' || days === null || Array.isArray(days))
      problems.push({ field, problem: 'wrong-type' });
    else if (!Object.values(days).every((name) => typeof name === 'string'))
      problems.push({ field, problem: 'wrong-type' });
  }
  if (problems.length > 0) return { ok: false, problems };
  const calendar = {
    version: version as string,
    firstYear: firstYear as number,
    lastYear: lastYear as number,
    holidays: file['holidays'] as Record<string, string>,
    workdays: file['workdays'] as Record<string, string>,
  };
  problems.push(...problemsOfDays(calendar));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, calendar };
}

function problemsOfDays(calendar: WorkCalendar): CalendarProblem[] {
  const problems: CalendarProblem[] = [];
  for (const field of ['holidays', 'workdays'] as const) {
    for (const day of Object.keys(calendar[field])) {
      const year = Number(day.slice(0, 4));
      const at = `${field}.${day}`;
      if (!isDay(day)) problems.push({ field: at, problem: 'not-a-day' });
      else if (year < calendar.firstYear || year > calendar.lastYear)
        problems.push({ field: at, problem: 'outside-years' });
      else if (field === 'workdays' && weekday(dayNumber(day)) < 6)
        problems.push({ field: at, problem: 'not-a-weekend' });
      else if (field === 'workdays' && Object.hasOwn(calendar.holidays, day))
        problems.push({ field: at, problem: 'both' });
    }
  }
  if (calendar.firstYear > calendar.lastYear) problems.push({ field: 'lastYear', problem: 'year-empty' });
  for (let year = calendar.firstYear; year <= calendar.lastYear && year < calendar.firstYear + 100; year++) {
    const count = Object.keys(calendar.holidays).filter((day) => day.startsWith(`${year}-`)).length;
    if (count < FEWEST_HOLIDAYS) problems.push({ field: `holidays.${year}`, problem: 'year-empty' });
  }
  return problems;
}
