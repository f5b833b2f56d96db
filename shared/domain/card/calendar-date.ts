/** Days as the chip and the numbers write them. */

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** @returns `YYYY-MM-DD` for eight digits that name a day of the calendar, otherwise null */
export function dateFromDigits(digits: string): string | null {
  const parts = /^(\d{4})(\d{2})(\d{2})$/.exec(digits);
  if (!parts) return null;
  const [, y = '', m = '', d = ''] = parts;
  return isDay(Number(y), Number(m), Number(d)) ? `${y}-${m}-${d}` : null;
}

/** @returns `YYYYMMDD`, or '' for anything that is not `YYYY-MM-DD` */
export function digitsFromDate(date: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(date) ? date.replaceAll('-', '') : '';
}

function isDay(year: number, month: number, day: number): boolean {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 && leap ? 29 : (MONTH_DAYS[month - 1] ?? 0);
  return year >= 1800 && day >= 1 && day <= days;
}
