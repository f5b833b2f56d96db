import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { ClockPort } from '../core/ports/clock.ts';

/** Windows that may be let in over the life of the program; beyond it the oldest secret is forgotten. */
const MOST_SECRETS = 16;

/**
 * Who may speak to the core over loopback, where every local program can knock. A one-time secret travels in the
 * address the browser is started with; because a command line can be read by other users of the machine, it is
 * good for seconds and once. It is exchanged for a cookie that never leaves this browser profile.
 */
export interface Sessions {
  /** @param validMs how long the secret may wait to be redeemed */
  issue(validMs: number): string;
  /** @returns the value of a `Set-Cookie` header, or null when the secret is unknown, used or too old */
  redeem(secret: string): string | null;
  /** @param cookieHeader as the browser sent it */
  admits(cookieHeader: string | undefined): boolean;
}

/** @param port is part of the cookie's name, because cookies are shared by all ports of a host */
export function createSessions(clock: Pick<ClockPort, 'monotonic'>, port: number): Sessions {
  const cookieName = `zongchuang-${port}`;
  const secrets = new Map<string, number>();
  const cookies = new Set<string>();
  return {
    issue(validMs) {
      const secret = randomBytes(24).toString('base64url');
      secrets.set(secret, clock.monotonic() + validMs);
      const oldest = secrets.keys().next().value;
      if (secrets.size > MOST_SECRETS && oldest !== undefined) secrets.delete(oldest);
      return secret;
    },
    redeem(secret) {
      const until = secrets.get(secret);
      secrets.delete(secret);
      if (until === undefined || clock.monotonic() > until) return null;
      const cookie = randomBytes(32).toString('base64url');
      cookies.add(cookie);
      return `${cookieName}=${cookie}; Path=/; HttpOnly; SameSite=Strict`;
    },
    admits(cookieHeader) {
      const sent = (cookieHeader ?? '')
        .split(';')
        .map((pair) => pair.trim())
        .filter((pair) => pair.startsWith(`${cookieName}=`))
        .map((pair) => pair.slice(cookieName.length + 1));
      return sent.some((value) => [...cookies].some((cookie) => same(cookie, value)));
    },
  };
}

function same(one: string, other: string): boolean {
  const a = Buffer.from(one);
  const b = Buffer.from(other);
  return a.length === b.length && timingSafeEqual(a, b);
}
