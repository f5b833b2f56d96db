import { BrowserWindow } from 'electron';
import type { ClockPort } from '../core/ports/clock.ts';
import type { LogPort } from '../core/ports/log.ts';
import { WINDOW_ADDRESS } from './window-address.ts';
import { mainWindowOptions, type WindowFiles } from './window-options.ts';

/** A page that dies again sooner than this after it was loaded anew stays dead, milliseconds. */
const QUICK_MS = 10_000;

/** Opens the counter's window. A page whose process died is loaded again: its data is in the store and the journal. */
export function openMainWindow(files: WindowFiles, clock: ClockPort, log: LogPort): BrowserWindow {
  const window = new BrowserWindow(mainWindowOptions(files));
  let reloadedAt = -Infinity;
  window.once('ready-to-show', () => window.show());
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    log.write('error', 'window', 'the page ended unexpectedly', { reason, exitCode });
    if (reason === 'clean-exit' || clock.monotonic() - reloadedAt < QUICK_MS) return;
    reloadedAt = clock.monotonic();
    window.webContents.reload();
  });
  window.webContents.on('unresponsive', () => log.write('warning', 'window', 'the page does not answer'));
  window.webContents.on('did-fail-load', (_event, code, description) =>
    log.write('error', 'window', 'the page could not be loaded', { code, description }),
  );
  void window.loadURL(WINDOW_ADDRESS).catch(() => undefined);
  return window;
}

/** Brings the window to the front, also out of the task bar. */
export function showWindow(window: Pick<BrowserWindow, 'isMinimized' | 'restore' | 'show' | 'focus'>): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
