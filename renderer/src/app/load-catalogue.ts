import calendarFile from '../../../resources/calendar/cn.json';
import { readCalendar } from '../../../shared/domain/calendar/calendar.ts';
import { readCatalogue } from '../../../shared/domain/item/catalogue.ts';
import type { Catalogue } from './services.ts';

// One chunk of its own, fetched while the machine is asked for the rest of the start.
const files = import.meta.glob<unknown>(
  ['../../../resources/catalogue/*.json', '!../../../resources/catalogue/*.schema.json'],
  { eager: true, import: 'default' },
);

/**
 * The catalogue and the calendar that came with this version. A faulty item is left out and counted; a faulty
 * calendar stops the start, because every promised date would be wrong.
 */
export function loadCatalogue(): Catalogue {
  const read = readCalendar(calendarFile);
  if (!read.ok)
    throw new Error(`calendar: ${read.problems[0]?.field ?? ''} ${read.problems[0]?.problem ?? ''}`);
  const { items, problems } = readCatalogue(Object.values(files));
  return { items, calendar: read.calendar, faulty: new Set(problems.map(({ row }) => row)).size };
}
