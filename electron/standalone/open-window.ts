import type { ClockPort } from '../core/ports/clock.ts';
import type { LogPort } from '../core/ports/log.ts';
import { openBrowserWindow, type BrowserWindow } from './browser-window.ts';
import { findBrowser } from './find-browser.ts';
import type { LoopbackServer } from './loopback-server.ts';
import { sentences } from './sentences.ts';
import type { WireSockets } from './wire-sockets.ts';

/** Validity of a secret the browser is started with at once, and of one a person has to copy, milliseconds. */
const BROWSER_SECRET_MS = 30_000;
const PERSON_SECRET_MS = 5 * 60_000;
/** A window in a browser process that is not ours is known by its socket alone: waits for the first, and for a reload. */
const FIRST_SOCKET_MS = 20_000;
const LAST_SOCKET_MS = 8_000;

export interface WindowKeeperOptions {
  server: LoopbackServer;
  userData: string;
  env: Record<string, string | undefined>;
  platform: NodeJS.Platform;
  /** true when running as root. */
  root: boolean;
  /** false: say the address, open nothing until another start asks for the window. */
  wanted: boolean;
  clock: ClockPort;
  log: LogPort;
  say: (line: string) => void;
  sockets: Promise<WireSockets>;
  /** The person closed the window. */
  onClosed(): void;
}

export interface WindowKeeper {
  show(): void;
  close(): Promise<void>;
}

/** Opens the window, or says where it can be opened and why it was not. */
export function keepWindow(options: WindowKeeperOptions): WindowKeeper {
  const { server, env, platform, wanted, clock, log, say } = options;
  let window: BrowserWindow | null = null;
  let closing = false;
  const sayAddress = (why?: string): void => {
    if (why !== undefined) say(why);
    say(sentences.ready(server.invite(PERSON_SECRET_MS)));
  };

  function open(): void {
    if (platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) {
      sayAddress(sentences.noDisplay);
      return;
    }
    const browser = findBrowser(env, platform);
    if (browser === null) {
      sayAddress(sentences.noBrowser);
      return;
    }
    const opened = openBrowserWindow({
      browser,
      userData: options.userData,
      root: options.root,
      invite: () => server.invite(BROWSER_SECRET_MS),
      clock,
      log,
    });
    window = opened;
    void opened.ended.then(async (end) => {
      window = null;
      if (closing) return;
      if (end === 'crashed') {
        sayAddress(sentences.windowCrashed);
        return;
      }
      if (end === 'delegated') await socketsEnd(await options.sockets, clock);
      if (wanted) options.onClosed();
    });
  }

  if (wanted) open();
  else sayAddress();
  return {
    show() {
      if (window) window.show();
      else open();
    },
    async close() {
      closing = true;
      await window?.close();
    },
  };
}

/** Resolves when no window has been connected for a while. */
function socketsEnd(sockets: WireSockets, clock: ClockPort): Promise<void> {
  return new Promise((resolve) => {
    let cancel = clock.after(FIRST_SOCKET_MS, () => finish());
    const end = sockets.onCount((count) => {
      cancel();
      if (count === 0) cancel = clock.after(LAST_SOCKET_MS, () => finish());
    });
    if (sockets.count() > 0) cancel();
    function finish(): void {
      end();
      resolve();
    }
  });
}
