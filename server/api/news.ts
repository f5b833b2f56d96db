import pg from 'pg';
import { NEWS_CHANNEL } from '../store/stream.ts';

/** Tells parked requests that a hall has news, whichever server process took it. */
export interface News {
  /** Resolves with true when the hall has news, false after `ms` or when `signal` ends the waiting. */
  wait(hall: string, ms: number, signal: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}

const RECONNECT_MS = 1000;

/** Listens on one connection of its own; when it breaks, everybody is woken and looks for themselves. */
export function listenForNews(databaseUrl: string): News {
  const parked = new Map<string, Set<(news: boolean) => void>>();
  let closed = false;
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;

  const wake = (hall: string): void => parked.get(hall)?.forEach((tell) => tell(true));

  async function connect(): Promise<void> {
    const next = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5000 });
    const again = (): void => {
      if (closed || client !== next) return;
      client = null;
      [...parked.keys()].forEach(wake);
      timer = setTimeout(() => void connect(), RECONNECT_MS);
    };
    client = next;
    next.on('error', again);
    next.on('end', again);
    next.on('notification', ({ payload }) => wake(payload ?? ''));
    try {
      await next.connect();
      await next.query(`listen ${NEWS_CHANNEL}`);
    } catch {
      again();
    }
  }
  void connect();

  return {
    wait(hall, ms, signal) {
      if (closed || signal.aborted) return Promise.resolve(false);
      return new Promise((resolve) => {
        const set = parked.get(hall) ?? new Set();
        parked.set(hall, set);
        const tell = (news: boolean): void => {
          clearTimeout(limit);
          signal.removeEventListener('abort', giveUp);
          set.delete(tell);
          if (set.size === 0) parked.delete(hall);
          resolve(news);
        };
        const giveUp = (): void => tell(false);
        const limit = setTimeout(giveUp, ms);
        signal.addEventListener('abort', giveUp);
        set.add(tell);
      });
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      for (const set of [...parked.values()]) for (const tell of [...set]) tell(false);
      await client?.end().catch(() => undefined);
    },
  };
}
