import type { ClockPort } from '../ports/clock.ts';

/** Waits `ms`, or less when the signal ends the wait; never rejects. @returns whether the whole time passed */
export function wait(clock: ClockPort, ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve(false);
      return;
    }
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve(!signal.aborted);
    };
    const cancel = clock.after(ms, done);
    signal.addEventListener('abort', done, { once: true });
  });
}

/**
 * Settles with the promise, or rejects with `expired()` after `ms` or when the signal ends the wait; the
 * promise itself goes on unheard.
 */
export function within<T>(
  clock: ClockPort,
  ms: number,
  promise: Promise<T>,
  expired: () => Error,
  signal?: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      cancel();
      signal?.removeEventListener('abort', giveUp);
    };
    const giveUp = (): void => {
      done();
      reject(expired());
    };
    const cancel = clock.after(ms, giveUp);
    signal?.addEventListener('abort', giveUp);
    promise.then(resolve, reject).finally(done);
    if (signal?.aborted) giveUp();
  });
}
