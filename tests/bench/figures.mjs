// Medians, because these machines are noisy; p95, because clerks remember the bad one.

/** @param {number[]} values @param {number} share 0…1 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)];
  const high = sorted[Math.ceil(at)];
  return low + (high - low) * (at - Math.floor(at));
}

/** @returns median, p95 and count of a list of milliseconds, rounded to 0.1 ms */
export function figures(values) {
  const round = (value) => Math.round(value * 10) / 10;
  return { median: round(quantile(values, 0.5)), p95: round(quantile(values, 0.95)), runs: values.length };
}
