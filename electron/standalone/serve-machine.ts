import { join } from 'node:path';
import type { StartOptions } from '../adapters/node/start-options.ts';
import type { EnrolmentOffer, EnrolmentResult } from '../core/boot/first-enrolment.ts';
import { startCore } from '../core/boot/start-core.ts';
import { within } from '../core/boot/within.ts';
import type { Core } from '../core/core.ts';
import type { LoopbackServer } from './loopback-server.ts';
import { keepWindow } from './open-window.ts';
import type { MachineParts, Surroundings } from './surroundings.ts';
import { sentences } from './sentences.ts';

/** A server that has not answered for this long is mentioned, milliseconds. */
const SILENT_SERVER_MS = 6_000;
/** The page may finish what it is doing before the core stops, milliseconds. */
const WINDOW_FIRST_MS = 1_500;
/** The program as a whole ends within five seconds; the core gets what is left of them. */
const STOP_LIMIT_MS = 4_600;

/**
 * The running program: window and core, until somebody ends one of them. The page is served and the browser
 * started first; the core comes up while the browser loads, and the page's calls wait for it.
 * @param onShow registers what happens when another start asks for the window
 */
export async function serveMachine(
  server: LoopbackServer,
  options: StartOptions,
  parts: MachineParts,
  around: Surroundings,
  onShow: (run: () => void) => void,
): Promise<void> {
  const { clock, log } = parts;
  const { say } = around;
  const closed = new AbortController();
  const signal = AbortSignal.any([around.signal, closed.signal]);
  const machine = wire();
  machine.catch(() => closed.abort());
  const window = keepWindow({
    ...around,
    server,
    userData: join(parts.folders.window, 'browser'),
    wanted: options.window,
    clock,
    log,
    sockets: machine.then(({ sockets }) => sockets),
    onClosed: () => closed.abort(),
  });
  onShow(() => window.show());
  await aborted(signal);

  const stopBegan = clock.monotonic();
  const windowClosed = window.close();
  await within(clock, windowClosed, WINDOW_FIRST_MS);
  const { core, sockets } = await machine.finally(() => windowClosed);
  sockets.close();
  await Promise.all([
    within(clock, core.stop(), STOP_LIMIT_MS - (clock.monotonic() - stopBegan)),
    windowClosed,
    server.close(),
  ]);

  /** Only here is loaded what takes time: the contract's schemas, the sockets, the core. */
  async function wire() {
    // The browser process is on its way before this thread is busy with modules.
    await new Promise<void>((resolve) => setImmediate(resolve));
    const [{ createWireSockets }, core] = await Promise.all([
      import('./wire-sockets.ts'),
      around.createCore(parts),
    ]);
    const handlers = startCore({
      core,
      clock,
      log,
      signal,
      offer: offerOf(options, around.startServer),
      listener: {
        onStartFailed: (code) => say(sentences.startFailed(code)),
        onEnrolment: (result) => sayEnrolment(result),
        onWaiting: (server) => say(sentences.serverSilent(server)),
      },
    });
    const sockets = createWireSockets({ handlers, subscribe: (listener) => core.subscribe(listener) }, log);
    server.onUpgrade(sockets.take);
    // The server that was started beside this program speaks for itself.
    if (!around.startServer || options.server !== null) mentionSilence(core);
    return { core, sockets };
  }

  /** An enrolled device works without its server; the person at the terminal should still know. */
  function mentionSilence(core: Core): void {
    const cancel = clock.after(SILENT_SERVER_MS, () => {
      void core.handlers['central.status']({}).then(
        ({ state, server }) => {
          if (state === 'offline' && server !== null) say(sentences.serverSilent(server));
        },
        () => undefined,
      );
    });
    signal.addEventListener('abort', cancel, { once: true });
  }

  function sayEnrolment(result: EnrolmentResult): void {
    const sentence = sentences.enrolment(result);
    if (sentence !== null) say(sentence);
  }
}

async function offerOf(
  { server, code }: StartOptions,
  startServer: Surroundings['startServer'],
): Promise<EnrolmentOffer | null> {
  return server === null ? ((await startServer?.()) ?? null) : { server, code };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
