/** Days of the civil calendar as `YYYY-MM-DD` text and as numbers, without hours and without time zones. */

const MS_PER_DAY = 86_400_000;

/** @returns whether the text names a day that exists */
export function isDay(text: string): boolean {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (parts === null) return false;
  return dayText(dayNumber(text)) === text;
}

/** @returns days since 1970-01-01; the text must be a day */
export function dayNumber(day: string): number {
  return (
    Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1, Number(day.slice(8, 10))) / MS_PER_DAY
  );
}

/** @returns `YYYY-MM-DD` of a number of days since 1970-01-01 */
export function dayText(number: number): string {
  return new Date(number * MS_PER_DAY).toISOString().slice(0, 10);
}

/** @returns 1 (Monday) … 7 (Sunday) */
export function weekday(number: number): number {
  return ((((number + 3) % 7) + 7) % 7) + 1;
}
