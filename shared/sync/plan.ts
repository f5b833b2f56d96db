import type { KeptEvent } from './event.ts';
import { placeOf, type HeldEvent, type OwnPosition } from './held-event.ts';
import { claimOf, type NumberClaim } from './number-claims.ts';
import { numberGiven } from './numbers-given.ts';
import { pictureOf, type AggregatePicture } from './picture.ts';

/** An event on its way into the store: from the own journal, or from the server with its number. */
export interface Arrival {
  kept: KeptEvent;
  cursor?: number;
  sig?: string;
}

/** What has to be read before planning, in bulk. Nothing in it is changed. */
export interface Known {
  /** Own incarnations, oldest first. */
  own: readonly OwnPosition[];
  /** What is held in the places of the arrivals, by {@link placeOf}. */
  held: ReadonlyMap<string, HeldEvent>;
  /** Whole logs of the arrivals' aggregates, and of those in `claims`. */
  logs: ReadonlyMap<string, readonly HeldEvent[]>;
  /** Highest serial used, by counter key; absent keys count as 0. */
  counters: ReadonlyMap<string, number>;
  /** Who gave out the numbers of these aggregates and arrivals; without it a number used twice is not seen. */
  claims?: readonly NumberClaim[];
}

/** What has to be written, in one transaction. Empty when everything was known. */
export interface Changes {
  /** To put, each in its place. */
  events: HeldEvent[];
  pictures: AggregatePicture[];
  /** All own positions as they are now. */
  own: OwnPosition[];
  counters: { key: string; used: number }[];
  claims: NumberClaim[];
  /** Lost their place to another event of the same device and number (fork): the journal makes its own again. */
  displaced: HeldEvent[];
}

/**
 * What a batch of arrivals changes. The caller reads `known` before and writes the changes after, both in bulk.
 * Planning the same arrivals again, on what the changes have made, changes nothing (C8).
 */
export function planArrivals({
  dev,
  arrivals,
  known,
}: {
  dev: string;
  arrivals: readonly Arrival[];
  known: Known;
}): Changes {
  const own = known.own.map((entry) => ({ ...entry }));
  const fresh = new Map<string, HeldEvent>();
  const displaced: HeldEvent[] = [];
  const counters = new Map<string, number>();

  for (const { kept, cursor, sig } of arrivals) {
    const place = placeOf(kept.event);
    const old = fresh.get(place) ?? known.held.get(place);
    const is = settle(old, kept, cursor, sig);
    if (is !== old) fresh.set(place, is);
    if (old && is.hash !== old.hash) displaced.push(old);
    if (is.hash !== kept.hash) displaced.push({ ...kept });
    else if (kept.event.dev === dev) {
      advance(own, kept, is.cursor !== undefined);
      const given = numberGiven(kept.event);
      const used = given ? (counters.get(given.key) ?? known.counters.get(given.key) ?? 0) : 0;
      if (given && used < given.n) counters.set(given.key, given.n);
    }
  }

  const events = [...fresh.values()];
  const claims = claimsAfter(known.claims ?? [], events);
  const touched = new Set(events.map(({ event }) => event.agg));
  const moved = new Set(claims.fresh.map(({ key }) => key));
  for (const { key, agg } of claims.all) if (moved.has(key) && known.logs.has(agg)) touched.add(agg);
  const incarnations = own.map(({ inc }) => inc);
  const added = new Map<string, HeldEvent[]>();
  for (const held of events) added.set(held.event.agg, [...(added.get(held.event.agg) ?? []), held]);
  const pictures = [...touched].flatMap((agg) => {
    const log = logAfter(known.logs.get(agg) ?? [], added.get(agg) ?? [], fresh);
    return pictureOf(agg, log, incarnations, claims.all) ?? [];
  });
  return {
    events,
    pictures,
    own,
    counters: [...counters].map(([key, used]) => ({ key, used })),
    claims: claims.fresh,
    displaced,
  };
}

/** What stands in a place after an arrival. A cloned PC may hold another event there: then the server's word counts. */
function settle(
  old: HeldEvent | undefined,
  { event, bytes, hash }: KeptEvent,
  cursor: number | undefined,
  sig: string | undefined,
): HeldEvent {
  if (old && old.hash !== hash && cursor === undefined && old.cursor !== undefined) return old;
  const same = old?.hash === hash ? old : undefined;
  const place = cursor ?? same?.cursor;
  const signed = sig ?? same?.sig;
  if (same && place === same.cursor && signed === same.sig) return same;
  return {
    event,
    bytes,
    hash,
    ...(place === undefined ? {} : { cursor: place }),
    ...(signed === undefined ? {} : { sig: signed }),
  };
}

function advance(own: OwnPosition[], { event: { inc, seq } }: KeptEvent, isPlaced: boolean): void {
  let entry = own.find((other) => other.inc === inc);
  if (!entry) own.push((entry = { inc, applied: 0, acknowledged: 0 }));
  entry.applied = Math.max(entry.applied, seq);
  // What has a place has been acknowledged, whatever became of the answer; also when the journal gives it once more.
  if (isPlaced) entry.acknowledged = Math.max(entry.acknowledged, seq);
}

function claimsAfter(
  known: readonly NumberClaim[],
  events: readonly HeldEvent[],
): { all: NumberClaim[]; fresh: NumberClaim[] } {
  const places = new Set(events.map(({ event }) => placeOf(event)));
  const fresh = events.flatMap((held) => claimOf(held) ?? []);
  return { all: [...known.filter((claim) => !places.has(placeOf(claim))), ...fresh], fresh };
}

function logAfter(
  log: readonly HeldEvent[],
  added: readonly HeldEvent[],
  fresh: ReadonlyMap<string, HeldEvent>,
): HeldEvent[] {
  return [...log.filter(({ event }) => !fresh.has(placeOf(event))), ...added];
}
