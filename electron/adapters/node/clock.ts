import { performance } from 'node:perf_hooks';
import type { ClockPort } from '../../core/ports/clock.ts';

/** How far the fine clock may stray from the system's before it is set again, milliseconds. */
const DRIFT_MS = 5;
/** Node fires timers beyond 2^31-1 ms at once; such a wait is cut to the longest it can do. */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * The machine's time. `Date.now()` has whole milliseconds only, so the fraction comes from the monotonic
 * clock, anchored again whenever somebody (NTP, a person) moves the wall clock.
 */
export function createSystemClock(): ClockPort {
  let anchor = Date.now() - performance.now();
  return {
    now() {
      const wall = Date.now();
      const fine = anchor + performance.now();
      if (Math.abs(fine - wall) <= DRIFT_MS) return fine;
      anchor = wall - performance.now();
      return wall;
    },
    monotonic: () => performance.now(),
    after(ms, run) {
      const timer = setTimeout(run, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
      return () => clearTimeout(timer);
    },
  };
}
