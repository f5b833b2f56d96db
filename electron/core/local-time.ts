/**
 * @param ms wall clock, milliseconds since 1970
 * @param offsetMinutes local time minus UTC; by default this machine's at that moment
 * @returns ISO 8601 with the local offset, e.g. `2026-11-21T09:12:03.120+08:00`, so that the first ten characters
 * are the day people at the counter would name
 */
export function localTime(ms: number, offsetMinutes: number = -new Date(ms).getTimezoneOffset()): string {
  const shifted = new Date(ms + offsetMinutes * 60_000).toISOString().slice(0, -1);
  const size = Math.abs(offsetMinutes);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${shifted}${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** @returns the day on this machine's calendar, `YYYY-MM-DD` */
export function localDay(ms: number): string {
  return localTime(ms).slice(0, 10);
}
