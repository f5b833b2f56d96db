import { CASE_RULES, caseOf } from '../domain/case/reducer.ts';
import type { CaseState } from '../domain/case/case.ts';
import type { Conflict, StaleNote } from '../domain/conflict.ts';
import { foldable, type FoldEvent } from '../domain/fold-event.ts';
import { foldLog, type Clash, type Folded } from '../domain/fold-log.ts';
import { TICKET_RULES, ticketOf } from '../domain/ticket/reducer.ts';
import type { TicketState } from '../domain/ticket/ticket.ts';
import { byPlace, placed, type HeldEvent } from './held-event.ts';
import { claimOf, numberTwice, type NumberClaim } from './number-claims.ts';

/** One event by its place in its device's journal. */
export interface Made {
  dev: string;
  inc: string;
  seq: number;
  hash: string;
}

/** All that is known of one case or ticket. */
export interface AggregatePicture {
  agg: string;
  case?: CaseState;
  ticket?: TicketState;
  /** The acceptance or taking that counts; absent while nothing has begun. */
  made?: Made;
  conflicts: Conflict[];
  stale: StaleNote[];
  /** Hashes of events this version cannot read: kept, and shown as "needs update". */
  unread: string[];
  /** Hashes of events about something that is not here: a case not accepted, a conflict not known. */
  waiting: string[];
  /** Hashes of events whose effect counts, and of those that say again what was said: with the above, all there are. */
  counted: string[];
  repeated: string[];
}

/**
 * Folds one aggregate: the server's order first, then own pending, each re-decided by its precondition. Total and
 * deterministic.
 * @param log all that is held of the aggregate, in any order
 * @param own incarnations of this device, oldest first
 * @param claims who else gave out the numbers this aggregate has, as far as is known here
 * @returns null for aggregates that are not folded (sheets, persons, devices) and for an empty log
 */
export function pictureOf(
  agg: string,
  log: readonly HeldEvent[],
  own: readonly string[],
  claims: readonly NumberClaim[] = [],
): AggregatePicture | null {
  const kind = agg.slice(0, agg.indexOf('/'));
  if (log.length === 0 || (kind !== 'case' && kind !== 'ticket')) return null;
  const ordered = log.map((held) => ({ held, at: placed(held) }));
  const before = byPlace(own);
  ordered.sort((a, b) => before(a.at, b.at));
  const { events } = foldable(ordered.map(({ held }) => foldEventOf(held)));
  const mine = new Map(log.map((held) => [held.hash, claimOf(held)]));
  const elsewhere = ({ hash }: FoldEvent): Clash | null => {
    const claim = mine.get(hash);
    return claim ? numberTwice(claim, claims, own) : null;
  };
  if (kind === 'case') {
    const folded = foldLog(CASE_RULES, agg, events, elsewhere);
    const state = caseOf(folded, events, folded.unread.length);
    return {
      agg,
      ...(state ? { case: state, ...made(log, folded.state.acceptedHash) } : {}),
      ...listed(folded),
    };
  }
  const folded = foldLog(TICKET_RULES, agg, events, elsewhere);
  const state = ticketOf(folded, events, folded.unread.length);
  return { agg, ...(state ? { ticket: state, ...made(log, folded.state.taken) } : {}), ...listed(folded) };
}

function made(log: readonly HeldEvent[], hash: string): { made?: Made } {
  const event = log.find((held) => held.hash === hash)?.event;
  return event ? { made: { dev: event.dev, inc: event.inc, seq: event.seq, hash } } : {};
}

function listed(folded: Folded<unknown>): Omit<AggregatePicture, 'agg'> {
  const { conflicts, stale, unread, waiting, counted, repeated } = folded;
  return { conflicts, stale, unread, waiting, counted, repeated };
}

/** A held event as a fold sees it; nothing but the envelope's own parts. */
export function foldEventOf({
  event,
  hash,
  cursor,
}: Pick<HeldEvent, 'event' | 'hash' | 'cursor'>): FoldEvent {
  const { type, typeV, agg, at, dev, inc, cmd, user, station, seen, body } = event;
  const known = { type, typeV, agg, at, dev, inc, cmd, user, station, seen, body, hash };
  return cursor === undefined ? known : { ...known, cursor };
}
