/**
 * A moment as it is printed. The whole of China has one time, so paper shows it whatever the machine's
 * settings are.
 * @param at ISO 8601 with offset
 * @returns `YYYY-MM-DD HH:mm`; the text itself when it is no time
 */
export function beijingTime(at: string): string {
  const time = Date.parse(at);
  if (Number.isNaN(time)) return at;
  return new Date(time + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
}
