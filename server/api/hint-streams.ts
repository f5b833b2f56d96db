import type { ServerResponse } from 'node:http';
import { HINT_PULSE_SECONDS } from '../../shared/sync/messages.ts';
import type { News } from './news.ts';
import { OUR_HEADERS } from './refuse.ts';

/** News of a busy hall are told at most this often, milliseconds: each costs a write for every window. */
const TOGETHER_MS = 25;
/** A stream ends after so long, so that a device which was shut out does not listen for ever; milliseconds, plus up to as much again. */
const LIFE_MS = 10 * 60_000;
/** What a connection may leave unread before it is let go, bytes. */
const UNREAD_LIMIT = 16_384;

/** Windows that listen, by hall. Nothing is kept for each but the connection itself: there may be thousands. */
export interface HintStreams {
  /** Answers with a stream; its first word is the hall's head. */
  open(hall: string, raw: ServerResponse): Promise<void>;
  close(): void;
}

export function createHintStreams(
  epoch: string,
  news: News,
  headOf: (hall: string) => Promise<number>,
): HintStreams {
  const halls = new Map<string, Map<ServerResponse, number>>();
  /** Halls told a moment ago, with what came since. */
  const resting = new Map<string, number>();

  const word = (head: number): string => `data: {"epoch":"${epoch}","head":${head}}\n\n`;
  function say(hall: string, text: string): void {
    for (const raw of halls.get(hall)?.keys() ?? []) {
      // It sleeps, or its line does. Whoever is there comes again.
      if (raw.writableLength > UNREAD_LIMIT) raw.destroy();
      else raw.write(text);
    }
  }

  function tell(hall: string, head: number): void {
    if (!halls.has(hall)) return;
    if (resting.has(hall)) {
      resting.set(hall, Math.max(head, resting.get(hall) ?? 0));
      return;
    }
    resting.set(hall, 0);
    say(hall, word(head));
    setTimeout(() => {
      const later = resting.get(hall) ?? 0;
      resting.delete(hall);
      if (later > head) tell(hall, later);
    }, TOGETHER_MS).unref();
  }

  const look = (hall: string): Promise<void> =>
    headOf(hall).then(
      (head) => tell(hall, head),
      // The next news or the window's own asking makes up for it.
      () => undefined,
    );
  const deaf = news.listen((hall, head) => {
    if (head !== null) tell(hall, head);
    else for (const each of halls.keys()) void look(each);
  });

  const pulse = setInterval(() => {
    const now = performance.now();
    for (const [hall, open] of halls) {
      for (const [raw, until] of open) if (now > until) raw.end();
      say(hall, ':\n\n');
    }
  }, HINT_PULSE_SECONDS * 1000);
  pulse.unref();

  return {
    async open(hall, raw) {
      raw.writeHead(200, {
        ...OUR_HEADERS,
        'cache-control': 'no-store, no-transform',
        'content-type': 'text/event-stream; charset=utf-8',
        // Proxies of the nginx kind would gather it up otherwise.
        'x-accel-buffering': 'no',
      });
      const open = halls.get(hall) ?? new Map<ServerResponse, number>();
      halls.set(hall, open);
      open.set(raw, performance.now() + LIFE_MS * (1 + Math.random()));
      raw.on('close', () => {
        open.delete(raw);
        if (open.size === 0 && halls.get(hall) === open) halls.delete(hall);
      });
      raw.on('error', () => undefined);
      // Entered before looking, so that news between the two is not missed.
      const head = await headOf(hall).catch(() => 0);
      if (!raw.destroyed) raw.write(word(head));
    },
    close() {
      deaf();
      clearInterval(pulse);
      for (const open of halls.values()) for (const raw of open.keys()) raw.end();
    },
  };
}
