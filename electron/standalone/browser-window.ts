import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { within } from '../core/boot/within.ts';
import type { ClockPort } from '../core/ports/clock.ts';
import type { LogPort } from '../core/ports/log.ts';
import { browserFlags } from './browser-flags.ts';
import { openDevtoolsPipe } from './devtools-pipe.ts';

/** An exit sooner than this, with an error, is a crash at start, milliseconds. */
const QUICK_MS = 10_000;
/** How long a browser may take to write itself out before it is told again and then killed, milliseconds. */
const CLOSE_LIMIT_MS = 2_000;
const KILL_LIMIT_MS = 700;
/** A crash is waited out this long, because Ctrl+C reaches the browser at the same moment as us, milliseconds. */
const BEFORE_REOPENING_MS = 400;

/** `closed`: the person closed it. `delegated`: another browser process took the address over. */
export type WindowEnd = 'closed' | 'crashed' | 'delegated';

export interface BrowserWindow {
  ended: Promise<WindowEnd>;
  show(): void;
  /** Ends the browser; resolves when its process is gone. */
  close(): Promise<void>;
}

export interface BrowserWindowOptions {
  browser: string;
  userData: string;
  root: boolean;
  /** A fresh invitation for each opening. */
  invite: () => string;
  clock: ClockPort;
  log: LogPort;
}

interface Gone {
  code: number | null;
  afterMs: number;
  /** What the pipe told; a browser whose policy forbids debugging tells nothing. */
  sawPage: boolean;
  lastPageClosed: boolean;
  pageCrashed: boolean;
}

interface Running {
  child: ChildProcess;
  show(): void;
  closeBrowser(): void;
  gone: Promise<Gone>;
}

/** Opens the browser as the window, and again when it crashes, unless it crashes twice in quick succession. */
export function openBrowserWindow(options: BrowserWindowOptions): BrowserWindow {
  const { clock, log } = options;
  let running = launch(options);
  let closing = false;

  async function follow(): Promise<WindowEnd> {
    for (let reopened = false; ; reopened = true) {
      const end = await running.gone;
      if (closing) return 'closed';
      const how = judge(end);
      if (how !== 'crashed') return how;
      log.write('error', 'window', 'the browser ended unexpectedly', {
        code: end.code,
        afterMs: end.afterMs,
      });
      if (reopened && end.afterMs < QUICK_MS) return 'crashed';
      await new Promise<void>((resolve) => void clock.after(BEFORE_REOPENING_MS, resolve));
      // `closing` may have changed while this waited, which the compiler cannot see.
      if (closing as boolean) return 'closed';
      running = launch(options);
    }
  }

  return {
    ended: follow(),
    show: () => running.show(),
    async close() {
      closing = true;
      const { child, gone } = running;
      running.closeBrowser();
      if (await within(clock, gone, CLOSE_LIMIT_MS)) return;
      child.kill('SIGTERM');
      if (await within(clock, gone, KILL_LIMIT_MS)) return;
      child.kill('SIGKILL');
      await within(clock, gone, KILL_LIMIT_MS);
    },
  };
}

function judge({ code, afterMs, sawPage, lastPageClosed, pageCrashed }: Gone): WindowEnd {
  if (pageCrashed) return 'crashed';
  if (lastPageClosed) return 'closed';
  if (code !== 0) return 'crashed';
  return sawPage || afterMs > QUICK_MS ? 'closed' : 'delegated';
}

function launch({ browser, userData, root, invite, clock, log }: BrowserWindowOptions): Running {
  const began = clock.monotonic();
  const child = spawn(browser, browserFlags({ address: invite(), userData, root }), {
    // Ctrl+C in the terminal is ours to handle: the browser is ended in order.
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const seen = { sawPage: false, lastPageClosed: false, pageCrashed: false };
  const gone = new Promise<Gone>((resolve) => {
    const end = (code: number | null): void => resolve({ code, afterMs: clock.monotonic() - began, ...seen });
    child.once('exit', end);
    child.once('error', (error) => {
      log.write('error', 'window', 'the browser cannot be started', { error });
      end(null);
    });
  });
  const pipe = openDevtoolsPipe(child.stdio[3] as Writable, child.stdio[4] as Readable, {
    onPage() {
      seen.sawPage = true;
    },
    onLastPageClosed() {
      seen.lastPageClosed = true;
      pipe.closeBrowser();
    },
    onPageCrashed() {
      seen.pageCrashed = true;
      pipe.closeBrowser();
    },
  });
  return { child, gone, show: () => pipe.show(), closeBrowser: () => pipe.closeBrowser() };
}
