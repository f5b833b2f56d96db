import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** Channel of PostgreSQL's NOTIFY; the payload is `process head hall`. */
const CHANNEL = 'zongchuang_news';
const RECONNECT_MS = 1_000;
/** How often the listening connection is asked whether it still lives. */
const PULSE_MS = 10_000;

/** Tells parked requests that a hall has news, whichever server process took it. */
export interface News {
  /** Resolves with a head above `since`, or with null after `ms`, when `signal` ends it, or when the caller should look itself. */
  wait(hall: string, since: number, ms: number, signal: AbortSignal): Promise<number | null>;
  /**
   * Hears of every hall's new head, and of a null when a notice may have been lost and everybody should look.
   * @returns ends it
   */
  listen(hear: (hall: string, head: number | null) => void): () => void;
  /** A push was committed: wakes those parked here at once, those at other processes through the database. */
  tell(hall: string, head: number): void;
  close(): Promise<void>;
}

interface Parked {
  since: number;
  end(head: number | null): void;
}

/**
 * Listens on one connection of its own. A notice may be lost with it, so when it breaks everybody is sent to look;
 * a hint that never comes costs the parking time, never an event.
 */
export function listenForNews(databaseUrl: string): News {
  const self = randomUUID();
  const parked = new Map<string, Set<Parked>>();
  const listeners = new Set<(hall: string, head: number | null) => void>();
  const untold = new Map<string, number>();
  let closed = false;
  let telling = false;
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;

  function wake(hall: string, head: number): void {
    for (const hear of listeners) hear(hall, head);
    for (const one of [...(parked.get(hall) ?? [])]) if (head > one.since) one.end(head);
  }
  const sendAllToLook = (): void => {
    for (const hear of listeners) hear('', null);
    for (const set of [...parked.values()]) for (const one of [...set]) one.end(null);
  };

  async function connect(): Promise<void> {
    const next = new pg.Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      keepAlive: true,
    });
    let over = false;
    const again = (): void => {
      if (over) return;
      over = true;
      client = null;
      clearTimeout(timer);
      void next.end().catch(() => undefined);
      if (closed) return;
      sendAllToLook();
      timer = setTimeout(() => void connect(), RECONNECT_MS);
    };
    const pulse = (): void => {
      timer = setTimeout(() => {
        next.query('select 1').then(pulse, again);
      }, PULSE_MS);
    };
    next.on('error', again);
    next.on('end', again);
    next.on('notification', ({ payload = '' }) => {
      const [, from, head, hall = ''] = /^(\S+) (\d+) (.*)$/s.exec(payload) ?? [];
      if (from !== self) wake(hall, Number(head));
    });
    try {
      await next.connect();
      await next.query(`listen ${CHANNEL}`);
    } catch {
      again();
      return;
    }
    if (closed) {
      again();
      return;
    }
    client = next;
    pulse();
    void tellOthers();
  }
  void connect();

  /** One NOTIFY at a time, outside the push's transaction: inside, it would make all halls' commits wait for each other. */
  async function tellOthers(): Promise<void> {
    if (telling) return;
    telling = true;
    try {
      while (client && untold.size > 0) {
        const payloads = [...untold].map(([hall, head]) => `${self} ${head} ${hall}`);
        untold.clear();
        await client.query('select pg_notify($1, payload) from unnest($2::text[]) payload', [
          CHANNEL,
          payloads,
        ]);
      }
    } catch {
      // The connection broke; its own handler sees to that.
    } finally {
      telling = false;
    }
  }

  return {
    wait(hall, since, ms, signal) {
      if (closed || signal.aborted) return Promise.resolve(null);
      return new Promise((resolve) => {
        const set = parked.get(hall) ?? new Set();
        parked.set(hall, set);
        const giveUp = (): void => one.end(null);
        const limit = setTimeout(giveUp, ms);
        const one: Parked = {
          since,
          end(head) {
            clearTimeout(limit);
            signal.removeEventListener('abort', giveUp);
            set.delete(one);
            if (set.size === 0 && parked.get(hall) === set) parked.delete(hall);
            resolve(head);
          },
        };
        signal.addEventListener('abort', giveUp);
        set.add(one);
      });
    },
    listen(hear) {
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
    tell(hall, head) {
      wake(hall, head);
      untold.set(hall, head);
      void tellOthers();
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      sendAllToLook();
      await client?.end().catch(() => undefined);
    },
  };
}
