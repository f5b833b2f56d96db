/** A bucket of tokens for each key: `burst` at once, `perSecond` on average. */
export interface RateLimit {
  /** @returns 0 when a call may go on, else seconds to wait. Takes nothing. */
  wait(key: string): number;
  /** Takes one token, if there is one. @returns as `wait` said before it */
  take(key: string): number;
}

const FORGET_AFTER = 10_000;

/** @param now milliseconds, monotonic or wall: only differences count */
export function createRateLimit(
  limits: { burst: number; perSecond: number },
  now: () => number = Date.now,
): RateLimit {
  const buckets = new Map<string, { tokens: number; at: number }>();
  const tokensOf = (key: string, at: number): number => {
    const bucket = buckets.get(key);
    if (!bucket) return limits.burst;
    return Math.min(limits.burst, bucket.tokens + ((at - bucket.at) / 1000) * limits.perSecond);
  };
  const secondsUntilOne = (tokens: number): number =>
    tokens >= 1 ? 0 : Math.ceil((1 - tokens) / limits.perSecond);
  return {
    wait: (key) => secondsUntilOne(tokensOf(key, now())),
    take(key) {
      const at = now();
      const tokens = tokensOf(key, at);
      // Set anew, so that the map's order is the order of last use and the oldest can be forgotten: it is full again.
      buckets.delete(key);
      buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at });
      const oldest = buckets.keys().next().value;
      if (buckets.size > FORGET_AFTER && oldest !== undefined) buckets.delete(oldest);
      return secondsUntilOne(tokens);
    },
  };
}
