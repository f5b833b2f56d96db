import type { ClockPort } from '../../../electron/core/ports/clock.ts';
import type { LogPort } from '../../../electron/core/ports/log.ts';
import type { PrinterPort, PrintOutcome } from '../../../electron/core/ports/printer.ts';

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

/** A clock that stands still until it is moved. */
export function handClock(
  start = Date.UTC(2026, 6, 31, 2, 0),
): ClockPort & { move(ms: number): void; next(): number } {
  let at = start;
  const timers = new Set<{ due: number; run: () => void }>();
  return {
    now: () => at,
    monotonic: () => at,
    after(ms, run) {
      const timer = { due: at + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    /** Milliseconds until the next timer. */
    next: () => Math.min(...[...timers].map((timer) => timer.due - at)),
    move(ms) {
      const until = at + ms;
      for (;;) {
        const [next] = [...timers].filter((timer) => timer.due <= until).sort((a, b) => a.due - b.due);
        if (next === undefined) break;
        at = Math.max(at, next.due);
        timers.delete(next);
        next.run();
      }
      at = until;
    },
  };
}

/** A printer that does as it is told and remembers what it was sent. */
export function scriptedPrinter(): PrinterPort & {
  script: (PrintOutcome | Promise<PrintOutcome>)[];
  sent: { bytes: Uint8Array; jobName: string; bands: number }[];
} {
  const script: (PrintOutcome | Promise<PrintOutcome>)[] = [];
  const sent: { bytes: Uint8Array; jobName: string; bands: number }[] = [];
  return {
    name: 'scripted',
    virtual: false,
    script,
    sent,
    send(bands, jobName) {
      sent.push({ bytes: Uint8Array.from(Buffer.concat(bands)), jobName, bands: bands.length });
      return Promise.resolve(script.shift() ?? { outcome: 'printed' });
    },
    check: () => Promise.resolve({ state: 'ready', proves: 'printed' }),
    close: () => Promise.resolve(),
  };
}
