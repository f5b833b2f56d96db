import type { WorkCalendar } from '../calendar/calendar.ts';
import { addDays } from '../calendar/working-days.ts';
import type { Item } from '../item/item.ts';
import type { PromisedDate } from './case.ts';

/**
 * The day by which a case accepted today is finished (承诺办结). The clock starts with the acceptance. An
 * instant item is done the same day, unless a paper is still to come (容缺): then nobody can decide today, and
 * the law's limit is all that can be promised.
 * @param tolerated whether a material is handed in later
 * @param today `YYYY-MM-DD`
 */
export function promiseFor(
  item: Pick<Item, 'kind' | 'legalLimit' | 'promisedLimit'>,
  tolerated: boolean,
  today: string,
  calendar: WorkCalendar,
): PromisedDate {
  if (item.kind === 'instant')
    return addDays(today, tolerated ? item.legalLimit : { days: 0, dayType: 'working' }, calendar);
  return addDays(today, item.promisedLimit, calendar);
}
