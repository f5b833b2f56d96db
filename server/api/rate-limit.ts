/** A bucket of tokens for each key: `burst` at once, `perSecond` on average. */
export interface RateLimit {
  /** @returns 0 when the call may go on, else seconds to wait */
  take(key: string): number;
}

const FORGET_AFTER = 10_000;

/** @param now milliseconds, monotonic or wall: only differences count */
export function createRateLimit(
  limits: { burst: number; perSecond: number },
  now: () => number = Date.now,
): RateLimit {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take(key) {
      const at = now();
      const bucket = buckets.get(key) ?? { tokens: limits.burst, at };
      const tokens = Math.min(limits.burst, bucket.tokens + ((at - bucket.at) / 1000) * limits.perSecond);
      const left = tokens - 1;
      buckets.delete(key);
      buckets.set(key, { tokens: Math.max(left, tokens < 1 ? tokens : 0), at });
      // The least recently seen goes first: it has long been full again.
      const oldest = buckets.keys().next().value;
      if (buckets.size > FORGET_AFTER && oldest !== undefined) buckets.delete(oldest);
      return left >= 0 ? 0 : Math.ceil((1 - tokens) / limits.perSecond);
    },
  };
}
