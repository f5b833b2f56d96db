import type { App } from 'electron';
import { within } from '../core/boot/within.ts';
import type { ClockPort } from '../core/ports/clock.ts';

/** The core promises to end within 5 s; nobody waits longer than this for it, milliseconds. */
const LIMIT_MS = 5_000;

/**
 * Ends things in order: windows first (Electron does), then `stop`, then the process. Quitting is held back once
 * until `stop` has ended or its time is up; a second wish to quit meanwhile changes nothing.
 * @returns the same from code: for signals and the end of the session
 */
export function orderQuit(
  app: Pick<App, 'on' | 'quit'>,
  stop: () => Promise<void>,
  clock: Pick<ClockPort, 'after'>,
): () => void {
  let state: 'running' | 'stopping' | 'stopped' = 'running';
  app.on('window-all-closed', () => app.quit());
  app.on('will-quit', (event) => {
    if (state === 'stopped') return;
    event.preventDefault();
    if (state === 'stopping') return;
    state = 'stopping';
    void within(clock, stop(), LIMIT_MS).then(() => {
      state = 'stopped';
      app.quit();
    });
  });
  return () => app.quit();
}
