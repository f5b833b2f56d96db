import { HINT_PARK_SECONDS, HINT_PULSE_SECONDS, hintAnswer } from '../../../shared/sync/messages.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { Session } from './session.ts';

/** The server parks the request; a machine in between may add a little, milliseconds. */
const LIMIT_MS = (HINT_PARK_SECONDS + 10) * 1000;
/** Pause after an answer that told nothing new, so that a server which does not park is not asked in a tight loop. */
const PAUSE_MS = 1000;
/** Pause while something in between cuts parked requests although the server is there. */
const CUT_PAUSE_MS = 5000;

/** How long a stream may take to say its first word: a proxy that gathers it up would keep it for ever, milliseconds. */
const FIRST_WORD_MS = 5_000;
/** Nothing for so long: the stream is dead, although nobody said so, milliseconds. */
const IDLE_MS = HINT_PULSE_SECONDS * 3_000;
/** After a stream that did not work, requests are parked for so long before it is tried again, milliseconds. */
const STREAM_REST_MS = 10 * 60_000;
/** Between two streams, so that a server which ends them at once is not asked in a tight loop, milliseconds. */
const STREAM_PAUSE_MS = 500;

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
  let streamFrom = -Infinity;
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

  function news(answer: { head: number; epoch: string }): boolean {
    const fresh = answer.head > known || answer.epoch !== epoch;
    ({ epoch } = answer);
    if (!fresh) return false;
    known = answer.head;
    ports.onHint(answer.head);
    return true;
  }

  /**
   * Follows the hall by server-sent events, the cheapest way to hear at once.
   * @returns 'lived' when it worked and is over, 'unsupported' when something in between does not let it through
   */
  async function follow(): Promise<'lived' | 'unsupported' | 'failed'> {
    const first = new AbortController();
    const cancel = clock.after(FIRST_WORD_MS, () => first.abort());
    const heard = { word: false };
    let rest = '';
    const went = await session.listen({
      path: `/hints/stream?since=${known}`,
      openMs: FIRST_WORD_MS,
      idleMs: IDLE_MS,
      signal: AbortSignal.any([control.signal, first.signal]),
      onText: (text) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const answer = line.startsWith('data: ') ? wordOf(line.slice(6)) : null;
          if (!answer) continue;
          heard.word = true;
          cancel();
          news(answer);
        }
      },
    });
    cancel();
    return went === 'lived' && !heard.word ? 'unsupported' : went;
  }

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
      const fresh = news(answer.value);
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

  const isOver = (): boolean => control.signal.aborted;
  async function loop(): Promise<void> {
    while (!isOver() && session.isOpen()) {
      if (clock.monotonic() >= streamFrom) {
        const went = await follow();
        if (went === 'unsupported') streamFrom = clock.monotonic() + STREAM_REST_MS;
        if (went === 'lived') await pause(STREAM_PAUSE_MS);
        if (isOver()) return;
        // A dead stream says little of the line; the parked request below finds out.
      }
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

function wordOf(text: string): { epoch: string; head: number } | null {
  try {
    const read = hintAnswer.safeParse(JSON.parse(text));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
