import type { Boot } from './services.ts';
import type { Bridge } from '../bridge/bridge.ts';

const POLL_MS = 1000;
/** The shell may enrol by itself at the first start; that long the screen waits before it asks a person. */
const QUIET_MS = 1500;
const QUIET_POLL_MS = 100;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Gives a shell that enrols by itself a moment, so that the question does not flash up.
 * @returns the boot answer, enrolled or not
 */
export async function waitQuietly(bridge: Bridge, boot: Boot): Promise<Boot> {
  let answer = boot;
  const until = Date.now() + QUIET_MS;
  while (answer.device === null && Date.now() < until) {
    const line = await bridge.call('central.status', {});
    // No server named: nobody will enrol but the person in front of the screen.
    if (line.state === 'unset') return answer;
    await wait(QUIET_POLL_MS);
    answer = await bridge.call('app.boot', {});
  }
  return answer;
}

/**
 * Resolves as soon as the device is enrolled, by whomever: asked when the line says something, and every second.
 * @param signal ends the waiting; the promise then rejects with its reason
 */
export async function waitForEnrolment(bridge: Bridge, signal: AbortSignal): Promise<Boot> {
  let wake: () => void = () => undefined;
  const close = bridge.on('central.state', () => wake());
  try {
    for (;;) {
      signal.throwIfAborted();
      const answer = await bridge.call('app.boot', {}).catch(() => null);
      if (answer !== null && answer.device !== null) return answer;
      await Promise.race([wait(POLL_MS), new Promise<void>((resolve) => (wake = resolve))]);
    }
  } finally {
    close();
  }
}
