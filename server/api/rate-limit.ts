/** A bucket of tokens for each key: `burst` at once, `perSecond` on average. */
export interface RateLimit {
  /** Takes one token, if there is one. @returns 0 when the call may go on, else whole seconds to wait */
  take(key: string): number;
  /** Gives back a token that turned out not to be due. */
  giveBack(key: string): void;
}

/** Keys remembered at most; the one unused longest is forgotten first, its bucket is full again anyway. */
const MOST_KEYS = 10_000;

/** @param now milliseconds, monotonic or wall: only differences count */
export function createRateLimit(
  limits: { burst: number; perSecond: number },
  now: () => number = () => performance.now(),
): RateLimit {
  const buckets = new Map<string, { tokens: number; at: number }>();
  function tokensOf(key: string, at: number): number {
    const bucket = buckets.get(key);
    if (!bucket) return limits.burst;
    return Math.min(limits.burst, bucket.tokens + ((at - bucket.at) / 1000) * limits.perSecond);
  }
  function keep(key: string, tokens: number, at: number): void {
    // Set anew, so that the map's order is the order of last use.
    buckets.delete(key);
    buckets.set(key, { tokens, at });
    const oldest = buckets.keys().next().value;
    if (buckets.size > MOST_KEYS && oldest !== undefined) buckets.delete(oldest);
  }
  return {
    take(key) {
      const at = now();
      const tokens = tokensOf(key, at);
      const wait = tokens >= 1 ? 0 : Math.max(1, Math.ceil((1 - tokens) / limits.perSecond));
      keep(key, wait === 0 ? tokens - 1 : tokens, at);
      return wait;
    },
    giveBack(key) {
      const at = now();
      keep(key, Math.min(limits.burst, tokensOf(key, at) + 1), at);
    },
  };
}
