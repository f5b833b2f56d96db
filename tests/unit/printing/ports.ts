import type { ClockPort } from '../../../electron/core/ports/clock.ts';
import type { LogPort } from '../../../electron/core/ports/log.ts';

/** Real time, with timers that run `faster` times as fast. */
export const quickClock = (faster = 1): ClockPort => ({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms / faster);
    return () => clearTimeout(timer);
  },
});

export const silentLog: LogPort = { write: () => undefined };
