/** Runs jobs one after the other, in the order they were asked for. */
export interface Turns {
  /** @returns what the job returns; a job that fails does not stop those behind it */
  take<T>(job: () => Promise<T>): Promise<T>;
  /** Resolves when nothing asked for until now is left. */
  idle(): Promise<void>;
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return {
    take(job) {
      const turn = last.then(job, job);
      last = turn.catch(() => undefined);
      return turn;
    },
    idle: async () => {
      await last;
    },
  };
}
