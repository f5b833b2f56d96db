import type { Sessions } from './sessions.ts';

/** What is known of a request before anything in it is believed. */
export interface Knock {
  peer: string | undefined;
  host: string | undefined;
  origin: string | undefined;
  cookie: string | undefined;
}

export type Refusal = 'peer' | 'host' | 'origin' | 'session';

/**
 * Judges who knocks. The peer must be this machine; the Host must be ours to the letter, or a foreign name made
 * to point here (DNS rebinding) would be our origin to the browser; calls must come from our own page.
 */
export interface Gatekeeper {
  /** For plain files: the page itself holds nothing secret. */
  file(knock: Knock): Refusal | null;
  /** For the exchange of the one-time secret. */
  exchange(knock: Knock): Refusal | null;
  /** For the WebSocket. */
  socket(knock: Knock): Refusal | null;
}

export function createGatekeeper(authority: string, sessions: Pick<Sessions, 'admits'>): Gatekeeper {
  const file = ({ peer, host }: Knock): Refusal | null =>
    !isLoopback(peer) ? 'peer' : host !== authority ? 'host' : null;
  const exchange = (knock: Knock): Refusal | null =>
    file(knock) ?? (knock.origin === `http://${authority}` ? null : 'origin');
  const socket = (knock: Knock): Refusal | null =>
    exchange(knock) ?? (sessions.admits(knock.cookie) ? null : 'session');
  return { file, exchange, socket };
}

const isLoopback = (peer: string | undefined): boolean =>
  peer !== undefined && /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$|^::1$/.test(peer);
