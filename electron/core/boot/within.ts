import type { ClockPort } from '../ports/clock.ts';

/**
 * Waits for the work but not longer than `ms`. The work itself goes on; its failure counts as its end.
 * @returns whether it ended within the time
 */
export async function within(
  clock: Pick<ClockPort, 'after'>,
  work: Promise<unknown>,
  ms: number,
): Promise<boolean> {
  let cancel: () => void = () => undefined;
  const tooLate = new Promise<false>((resolve) => {
    cancel = clock.after(ms, () => resolve(false));
  });
  const ended = work.then(
    () => true as const,
    () => true as const,
  );
  const inTime = await Promise.race([ended, tooLate]);
  cancel();
  return inTime;
}
