import type { HallEvent } from './event.ts';

/** An event held, opened. */
export interface HeldEvent {
  event: HallEvent;
  bytes: string;
  hash: string;
  /** The server's number in the hall's order; absent until it has placed the event. */
  cursor?: number;
  /** Its device's signature over the head of which it was the last event, base64 (Ed25519). */
  sig?: string;
}

/** How far one incarnation of this device's own journal has come. */
export interface OwnPosition {
  inc: string;
  /** Highest own sequence applied here. */
  applied: number;
  /** Highest own sequence the server has acknowledged. */
  acknowledged: number;
}

/** One place in one device's journal; C4: it has one hash for ever. */
export const placeOf = ({ dev, inc, seq }: { dev: string; inc: string; seq: number }): string =>
  `${dev}/${inc}/${seq}`;

/** What tells where an event stands. */
export interface Placed {
  hash: string;
  dev: string;
  inc: string;
  seq: number;
  cursor?: number;
}

/** @returns what tells where a held event stands */
export function placed({ event, hash, cursor }: Pick<HeldEvent, 'event' | 'hash' | 'cursor'>): Placed {
  const { dev, inc, seq } = event;
  return cursor === undefined ? { hash, dev, inc, seq } : { hash, dev, inc, seq, cursor };
}

/**
 * Compares by the order in which events are folded: the server's first; then what has no place there (yet): others'
 * by device, then this device's own, oldest incarnation first.
 * @param own incarnations of this device, oldest first
 */
export const byPlace =
  (own: readonly string[]) =>
  (a: Placed, b: Placed): number => {
    if (a.cursor !== b.cursor) return (a.cursor ?? Infinity) - (b.cursor ?? Infinity);
    const age = own.indexOf(a.inc) - own.indexOf(b.inc);
    return age || compare(a.dev, b.dev) || compare(a.inc, b.inc) || a.seq - b.seq || compare(a.hash, b.hash);
  };

/** By code units: the same on every platform, whatever its language. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
