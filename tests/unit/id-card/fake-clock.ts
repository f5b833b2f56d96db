import type { ClockPort } from '../../../electron/core/ports/clock.ts';

/** A clock that stands still until it is told to go on, with all promises settled between two timers. */
export interface FakeClock extends ClockPort {
  advance(ms: number): Promise<void>;
  /** Goes on in steps until the condition holds; fails when it does not within `limitMs` of fake time. */
  until(condition: () => boolean, limitMs: number): Promise<void>;
  timers(): number;
}

export function createFakeClock(start = Date.parse('2026-03-02T09:00:00+08:00')): FakeClock {
  let elapsed = 0;
  let timers: { due: number; run: () => void }[] = [];

  const advance = async (ms: number): Promise<void> => {
    const end = elapsed + ms;
    await settled();
    for (;;) {
      const next = timers.reduce<(typeof timers)[number] | null>(
        (first, timer) => (first === null || timer.due < first.due ? timer : first),
        null,
      );
      if (!next || next.due > end) break;
      timers = timers.filter((timer) => timer !== next);
      elapsed = next.due;
      next.run();
      await settled();
    }
    elapsed = end;
  };

  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    after(ms, run) {
      const timer = { due: elapsed + Math.max(0, ms), run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance,
    async until(condition, limitMs) {
      const end = elapsed + limitMs;
      await settled();
      while (!condition()) {
        if (elapsed >= end) throw new Error(`not so within ${limitMs} ms`);
        await advance(Math.min(20, end - elapsed));
      }
    },
    timers: () => timers.length,
  };
}

/** Every promise that can go on has gone on. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
