import type { ClockPort } from '../../core/ports/clock.ts';

/** So many crashes within the window, and whatever crashes is left alone for the rest time. */
const CRASHES = 3;
const CRASH_WINDOW_MS = 60_000;
const REST_MS = 60_000;

/** Keeps a process that crashes again and again from keeping the machine busy. */
export interface CrashBreaker {
  /** @returns how many crashes the window has, this one counted, and whether the rest begins now */
  crashed(): { crashes: number; rests: boolean };
  /** Whether it is to be left alone now. */
  resting(): boolean;
}

/** Three crashes in a minute, and a minute's rest. */
export function createCrashBreaker(clock: Pick<ClockPort, 'monotonic'>): CrashBreaker {
  let times: number[] = [];
  let restUntil = -Infinity;
  return {
    crashed() {
      const now = clock.monotonic();
      times = [...times.filter((at) => now - at < CRASH_WINDOW_MS), now];
      const crashes = times.length;
      const rests = crashes >= CRASHES;
      if (rests) {
        times = [];
        restUntil = now + REST_MS;
      }
      return { crashes, rests };
    },
    resting: () => clock.monotonic() < restUntil,
  };
}
