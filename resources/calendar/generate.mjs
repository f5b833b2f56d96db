/**
 * Makes cn.json from the package chinese-days (MIT), which keeps the notices of the State Council:
 *   node resources/calendar/generate.mjs
 * When the notice for a new year is out: update the package, raise LAST_YEAR and REVISION, run, read the
 * difference, commit.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const FIRST_YEAR = 2025;
const LAST_YEAR = 2026;
/** Raised with every change of the table within one last year. */
const REVISION = 1;

const require = createRequire(import.meta.url);

/** @returns the calendar as cn.json holds it */
export function makeCalendar() {
  const source = JSON.parse(readFileSync(require.resolve('chinese-days/dist/chinese-days.json'), 'utf8'));
  return {
    version: `cn-${LAST_YEAR}-r${REVISION}`,
    source: 'chinese-days',
    firstYear: FIRST_YEAR,
    lastYear: LAST_YEAR,
    holidays: daysOf(source.holidays),
    workdays: daysOf(source.workdays),
  };
}

/** The package writes "Spring Festival,春节,4"; the clerk needs the Chinese name. */
function daysOf(table) {
  const days = Object.entries(table)
    .filter(([day]) => Number(day.slice(0, 4)) >= FIRST_YEAR && Number(day.slice(0, 4)) <= LAST_YEAR)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(days.map(([day, names]) => [day, names.split(',')[1]]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('cn.json', import.meta.url), JSON.stringify(makeCalendar(), null, 2) + '\n');
}
