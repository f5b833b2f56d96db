import { HINT_PARK_SECONDS, hintAnswer } from '../../../shared/sync/messages.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { Session } from './session.ts';

/** The server parks the request; a machine in between may add a little, milliseconds. */
const LIMIT_MS = (HINT_PARK_SECONDS + 10) * 1000;
/** Pause after an answer that told nothing new, so that a server which does not park is not asked in a tight loop. */
const PAUSE_MS = 1000;
/** Pause while something in between cuts parked requests although the server is there. */
const CUT_PAUSE_MS = 5000;

/** Listens for "something is new in your hall". Losing a hint costs time, never an event: the window also asks by itself. */
export interface Hints {
  /** Begins to listen, or goes on; `head` is what is known already. */
  listen(head: number, epoch: string): void;
  /** The window has seen the hall up to here. */
  seen(head: number): void;
  /** Stops; resolves when no request is parked any more. */
  stop(): Promise<void>;
}

export function createHints(ports: {
  session: Session;
  clock: ClockPort;
  onHint: (head: number) => void;
}): Hints {
  const { session, clock } = ports;
  let known = 0;
  let epoch = '';
  let running: Promise<void> | null = null;
  let control = new AbortController();

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const { signal } = control;
      const end = (): void => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = clock.after(ms, end);
      signal.addEventListener('abort', end);
    });

  /** @returns how long to wait before the next request, or null when the line is down */
  async function ask(): Promise<number | null> {
    const askedAt = clock.monotonic();
    try {
      const answer = await session.call({
        method: 'GET',
        path: `/hints?since=${known}`,
        schema: hintAnswer,
        timeoutMs: LIMIT_MS,
        signal: control.signal,
      });
      if (!answer.ok) return null;
      const fresh = answer.value.head > known || answer.value.epoch !== epoch;
      ({ epoch } = answer.value);
      known = fresh ? answer.value.head : known;
      if (fresh) ports.onHint(answer.value.head);
      return fresh || clock.monotonic() - askedAt >= PAUSE_MS ? 0 : PAUSE_MS;
    } catch {
      if (control.signal.aborted) return null;
      const wait = session.waitMs();
      if (wait > 0) return wait;
    }
    // Is it the line, or only something that cuts long requests?
    try {
      await session.probe();
      return CUT_PAUSE_MS;
    } catch {
      return null;
    }
  }

  async function loop(): Promise<void> {
    while (!control.signal.aborted && session.isOpen()) {
      const wait = await ask();
      if (wait === null) return;
      if (wait > 0) await pause(wait);
    }
  }

  let stopped = false;
  function start(): void {
    if (running || stopped) return;
    control = new AbortController();
    running = loop().finally(() => {
      running = null;
    });
  }

  return {
    listen(head, ofEpoch) {
      known = head;
      epoch = ofEpoch;
      stopped = false;
      start();
    },
    seen(head) {
      known = Math.max(known, head);
      // The loop ends when the line is down; whoever gets through again wakes it.
      if (session.isOpen()) start();
    },
    async stop() {
      stopped = true;
      control.abort();
      await running;
    },
  };
}
