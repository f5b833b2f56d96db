import { BrowserWindow } from 'electron';
import { CodedError } from '../../shared/contract/errors.ts';
import { within } from '../core/boot/within.ts';
import type { ClockPort } from '../core/ports/clock.ts';
import { WINDOW_ADDRESS } from './window-address.ts';
import { printWindowOptions, type WindowFiles } from './window-options.ts';

/** Loading and laying out one paper, milliseconds. */
const LIMIT_MS = 10_000;
/** The hidden window is given back to a 4 GB machine when nothing was printed for this long, milliseconds. */
const IDLE_MS = 60_000;

export interface PrintWindow {
  /**
   * One A4 paper as PDF, in turn.
   * @param route hash route of the paper's page, e.g. `#/paper/notice`
   * @throws CodedError PRINT_SPOOL_FAILED when the page does not come or is not laid out in time
   */
  toPdf(route: string): Promise<Uint8Array>;
  close(): void;
}

/** A hidden window that lays out papers, one after the other, and is kept for a while. */
export function createPrintWindow(files: WindowFiles, clock: ClockPort): PrintWindow {
  let window: BrowserWindow | null = null;
  let cancelIdle: () => void = () => undefined;
  let turn: Promise<unknown> = Promise.resolve();

  function close(): void {
    cancelIdle();
    if (window?.isDestroyed() === false) window.destroy();
    window = null;
  }

  async function layOut(route: string): Promise<Uint8Array> {
    cancelIdle();
    if (window === null || window.isDestroyed()) window = new BrowserWindow(printWindowOptions(files));
    const at = window;
    const work = at
      .loadURL(WINDOW_ADDRESS + route)
      .then(() => at.webContents.printToPDF({ preferCSSPageSize: true, printBackground: true }))
      .then(
        (bytes) => new Uint8Array(bytes),
        () => null,
      );
    const pdf = (await within(clock, work, LIMIT_MS)) ? await work : null;
    if (pdf === null) {
      // Its state is unknown; the next paper gets a new one.
      close();
      throw new CodedError('PRINT_SPOOL_FAILED', 'the paper was not laid out in time');
    }
    cancelIdle = clock.after(IDLE_MS, close);
    return pdf;
  }

  return {
    toPdf(route) {
      const mine = turn.then(() => layOut(route));
      turn = mine.catch(() => undefined);
      return mine;
    },
    close,
  };
}
