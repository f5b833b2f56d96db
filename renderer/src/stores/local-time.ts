/** Wall-clock texts in the machine's own time zone, which is the hall's. */

const two = (n: number): string => String(n).padStart(2, '0');

/** @returns `YYYY-MM-DD` */
export function localDay(ms: number): string {
  const at = new Date(ms);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** @returns `HH:MM` */
export function localTime(ms: number): string {
  const at = new Date(ms);
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** @returns `HH:MM`, with the day before it when it was not today, for a time since which much can have happened */
export function timeOrDay(ms: number, today: string): string {
  const day = localDay(ms);
  return day === today ? localTime(ms) : `${day.slice(5)} ${localTime(ms)}`;
}

/** @returns `MM:SS`, or `H:MM:SS` from an hour on; never negative, because clocks are set back */
export function elapsedText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}
