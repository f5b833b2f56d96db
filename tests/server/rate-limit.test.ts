import { describe, expect, it } from 'vitest';
import { createRateLimit } from '../../server/api/rate-limit.ts';

describe('the rate limit', () => {
  it('lets a burst pass, then as many as the time gives, and says how long to wait', () => {
    let now = 0;
    const limit = createRateLimit({ burst: 3, perSecond: 0.5 }, () => now);
    expect([1, 2, 3, 4].map(() => limit.take('a'))).toEqual([0, 0, 0, 2]);
    now = 1_000;
    expect(limit.take('a')).toBe(1);
    now = 2_000;
    expect(limit.take('a')).toBe(0);
    expect(limit.take('a')).toBe(2);
  });

  it('keeps one caller’s share from another', () => {
    const limit = createRateLimit({ burst: 1, perSecond: 1 }, () => 0);
    expect([limit.take('a'), limit.take('a'), limit.take('b')]).toEqual([0, 1, 0]);
  });

  it('gives back what was not due, and never more than the burst', () => {
    const limit = createRateLimit({ burst: 1, perSecond: 1 }, () => 0);
    limit.take('a');
    limit.giveBack('a');
    limit.giveBack('a');
    expect([limit.take('a'), limit.take('a')]).toEqual([0, 1]);
  });

  it('does not grow with the number of callers', () => {
    let now = 0;
    const limit = createRateLimit({ burst: 1, perSecond: 1 }, () => now);
    limit.take('first');
    for (let i = 0; i < 20_000; i++) limit.take(String(i));
    // Forgotten, and so let in again.
    expect(limit.take('first')).toBe(0);
    now = 0;
  });
});
