import { describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../electron/adapters/node/clock.ts';

describe('the system clock', () => {
  it('agrees with the wall clock and has a fraction', () => {
    const clock = createSystemClock();
    const times = Array.from({ length: 50 }, () => clock.now());
    expect(Math.abs(times[0]! - Date.now())).toBeLessThan(50);
    expect(times.some((time) => !Number.isInteger(time))).toBe(true);
  });

  it('follows a wall clock that is moved, while the monotonic one goes on', () => {
    const real = Date.now;
    const clock = createSystemClock();
    const before = clock.monotonic();
    try {
      Date.now = () => real() + 3_600_000;
      expect(clock.now() - real()).toBeGreaterThan(3_599_000);
      expect(clock.monotonic() - before).toBeLessThan(1_000);
    } finally {
      Date.now = real;
    }
  });

  it('runs once and can be cancelled, and does not fire a far wait at once', async () => {
    const clock = createSystemClock();
    const ran: string[] = [];
    clock.after(5, () => ran.push('soon'));
    clock.after(5, () => ran.push('cancelled'))();
    const cancelFar = clock.after(2 ** 40, () => ran.push('far'));
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(ran).toEqual(['soon']);
    cancelFar();
  });
});
