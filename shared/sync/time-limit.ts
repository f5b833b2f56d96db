import { CodedError } from '../contract/errors.ts';

export interface EngineTime {
  now(): number;
  /** Runs once after `ms`; the returned function cancels. */
  after(ms: number, run: () => void): () => void;
}

/**
 * Ends the wait for something that may never answer. What was begun goes on by itself and its late answer is dropped,
 * so only what may happen twice is waited for like this (C8).
 * @param ms longest wait in milliseconds
 * @throws CodedError CENTRAL_UNREACHABLE when the time is over
 */
export function within<T>(time: EngineTime, ms: number, what: string, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = time.after(ms, () => {
      reject(new CodedError('CENTRAL_UNREACHABLE', `${what}: no answer within ${ms} ms`));
    });
    // A port that throws instead of rejecting must not leave the timer behind.
    Promise.resolve().then(work).then(resolve, reject).finally(cancel);
  });
}
