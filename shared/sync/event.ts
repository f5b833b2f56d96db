import type { Draft, EventBytes } from '../contract/journal.ts';
import { canonicalJson, isCanonical, type Json } from './canonical-json.ts';
import { hashText } from './hash.ts';

/** Version of the event envelope. */
export const EVENT_VERSION = 1;

/** Something that happened at one device. Never changed after it was made (sync.md "Words"). */
export interface HallEvent {
  v: number;
  hall: string;
  dev: string;
  /** Incarnation: 32 hex digits, new at enrolment and after any detected loss or fork. */
  inc: string;
  /** 1, 2, 3 … within the incarnation. */
  seq: number;
  /** Hash of the event before it in the incarnation, '' for the first. */
  prev: string;
  type: string;
  typeV: number;
  agg: string;
  seen: { last: string; cursor: number };
  /** The command that made it; all events of one command were written together. */
  cmd: string;
  user: string;
  station: string;
  /** Wall clock of the device, ISO 8601 with offset; for people only, never for order. */
  at: string;
  body: { [key: string]: Json };
}

/** An event with the bytes it is made of. */
export interface KeptEvent extends EventBytes {
  event: HallEvent;
}

export interface Author {
  hall: string;
  dev: string;
  inc: string;
  station: string;
}

/** Makes the next event of an incarnation from a draft. Pure: time and place come from the caller. */
export function makeEvent(
  draft: Draft,
  author: Author,
  place: { seq: number; prev: string; cmd: string; at: string },
): KeptEvent {
  const event: HallEvent = {
    v: EVENT_VERSION,
    hall: author.hall,
    dev: author.dev,
    inc: author.inc,
    seq: place.seq,
    prev: place.prev,
    type: draft.type,
    typeV: draft.typeV,
    agg: draft.agg,
    seen: draft.seen,
    cmd: place.cmd,
    user: draft.user,
    station: author.station,
    at: place.at,
    body: draft.body,
  };
  const bytes = canonicalJson(event as unknown as Json);
  return { bytes, hash: hashText(bytes), event };
}

export type EventFault = 'bad-json' | 'bad-shape' | 'not-canonical' | 'hash-differs';

/**
 * Reads an event back from its bytes and checks that they are what they claim to be.
 * @param hash when given, must be the SHA-256 of the bytes
 * @param digest makes that SHA-256; whoever has a faster one brings it
 */
export function readEvent(
  bytes: string,
  hash?: string,
  digest: (text: string) => string = hashText,
): { ok: true; kept: KeptEvent } | { ok: false; fault: EventFault } {
  const real = digest(bytes);
  if (hash !== undefined && hash !== real) return { ok: false, fault: 'hash-differs' };
  let value: unknown;
  try {
    value = JSON.parse(bytes);
  } catch {
    return { ok: false, fault: 'bad-json' };
  }
  if (!isHallEvent(value)) return { ok: false, fault: 'bad-shape' };
  if (!isCanonical(value as unknown as Json, bytes)) return { ok: false, fault: 'not-canonical' };
  return { ok: true, kept: { bytes, hash: real, event: value } };
}

function isHallEvent(value: unknown): value is HallEvent {
  if (typeof value !== 'object' || value === null) return false;
  const e = value as Record<string, unknown>;
  const seen = e['seen'] as Record<string, unknown> | null | undefined;
  const texts = ['hall', 'dev', 'inc', 'prev', 'type', 'agg', 'cmd', 'user', 'station', 'at'];
  return (
    typeof e['v'] === 'number' &&
    Number.isInteger(e['seq']) &&
    (e['seq'] as number) >= 1 &&
    Number.isInteger(e['typeV']) &&
    texts.every((key) => typeof e[key] === 'string') &&
    typeof seen === 'object' &&
    seen !== null &&
    typeof seen['last'] === 'string' &&
    Number.isInteger(seen['cursor']) &&
    typeof e['body'] === 'object' &&
    e['body'] !== null
  );
}
