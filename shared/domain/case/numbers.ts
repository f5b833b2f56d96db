/**
 * The numbers people read aloud. They are unique without a server, because the series belongs to one device
 * of its hall: two windows that count on while the line is down cannot meet. Each begins its serial anew
 * every day, so a number stays short enough to be said.
 */

/** GB/T 39046—2020 table 5: 办件编号 an..50. */
const CASE_NO_MAX = 50;
const SERIES = '[A-Z]{1,4}';
const HALL = '[0-9A-Za-z]{1,20}';

/**
 * A queue number: series and at least three digits, e.g. A017.
 * @param series one to four capital letters that belong to this device
 * @param n counts from 1 each day
 * @throws RangeError when the parts do not fit
 */
export function formatTicketNo(series: string, n: number): string {
  must(new RegExp(`^${SERIES}$`).test(series), `series ${series}`);
  must(Number.isSafeInteger(n) && n >= 1, `ticket serial ${n}`);
  return series + String(n).padStart(3, '0');
}

/** @returns the parts of a queue number, or null when it is none */
export function parseTicketNo(no: string): { series: string; n: number } | null {
  const parts = new RegExp(`^(${SERIES})(\\d{3,9})$`).exec(no);
  if (parts === null) return null;
  const [, series = '', digits = ''] = parts;
  const n = Number(digits);
  return n >= 1 && formatTicketNo(series, n) === no ? { series, n } : null;
}

/**
 * A case number (办件编号): hall, day, series, serial, e.g. 330102-20261121-A-0007. Hyphens, because a person
 * has to find the day and the serial; letters for the series, because digits alone would look like a number
 * of a person to whoever masks logs. Fits an..50.
 * @param hall the hall's code, letters and digits; hyphens in it are left out
 * @param day `YYYY-MM-DD`
 * @param series one to four capital letters that belong to this device
 * @param n counts from 1 each day
 * @throws RangeError when the parts do not fit
 */
export function formatCaseNo(hall: string, day: string, series: string, n: number): string {
  const place = hall.replaceAll('-', '');
  must(new RegExp(`^${HALL}$`).test(place), `hall ${hall}`);
  must(/^\d{4}-\d{2}-\d{2}$/.test(day), `day ${day}`);
  must(new RegExp(`^${SERIES}$`).test(series), `series ${series}`);
  must(Number.isSafeInteger(n) && n >= 1, `case serial ${n}`);
  const no = `${place}-${day.replaceAll('-', '')}-${series}-${String(n).padStart(4, '0')}`;
  must(no.length <= CASE_NO_MAX, `case number of ${no.length} characters`);
  return no;
}

export interface CaseNoParts {
  hall: string;
  /** `YYYY-MM-DD`. */
  day: string;
  series: string;
  n: number;
}

/** @returns the parts of a case number of our own making, or null when it is none */
export function parseCaseNo(no: string): CaseNoParts | null {
  const parts = new RegExp(`^(${HALL})-(\\d{4})(\\d{2})(\\d{2})-(${SERIES})-(\\d{4,12})$`).exec(no);
  if (parts === null) return null;
  const [, hall = '', year = '', month = '', date = '', series = '', digits = ''] = parts;
  const day = `${year}-${month}-${date}`;
  const n = Number(digits);
  return n >= 1 && formatCaseNo(hall, day, series, n) === no ? { hall, day, series, n } : null;
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new RangeError(`numbers: ${what} does not fit`);
}
