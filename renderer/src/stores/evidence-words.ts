const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** @returns bytes as a person reads them: `812 B`, `1.5 MB`, `38 GB` */
export function bytesText(bytes: number): string {
  let n = Math.max(0, bytes);
  let unit = 0;
  while (n >= 1024 && unit < UNITS.length - 1) {
    n /= 1024;
    unit += 1;
  }
  return `${n >= 100 || Number.isInteger(n) ? Math.round(n) : n.toFixed(1)} ${UNITS[unit] ?? 'B'}`;
}

/** @returns the first and last eight digits of a hash, enough to compare over the telephone; short ones whole */
export const shortHash = (hash: string): string =>
  hash.length <= 20 ? hash : `${hash.slice(0, 8)}…${hash.slice(-8)}`;

/** A length of time in the largest unit that says something; never negative, because clocks are set back. */
export function agoWords(ms: number): { unit: 'minutes' | 'hours' | 'days'; n: number } {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 120) return { unit: 'minutes', n: minutes };
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? { unit: 'hours', n: hours } : { unit: 'days', n: Math.floor(hours / 24) };
}
