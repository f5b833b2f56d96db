import { record } from '../domain/fold-event.ts';
import type { Clash } from '../domain/fold-log.ts';
import { byPlace, type HeldEvent, type Placed } from './held-event.ts';

/** A number one event gave out. Unique by construction (P2), unless a range was used twice: a cloned or restored PC. */
export interface NumberClaim extends Placed {
  /** `case:<number>` or `ticket:<day>:<number>`. */
  key: string;
  agg: string;
}

/** @returns the number an event gives out, null when it gives none */
export function claimOf(held: Pick<HeldEvent, 'event' | 'hash' | 'cursor'>): NumberClaim | null {
  const { type, agg, dev, inc, seq } = held.event;
  const body = record(held.event.body) ?? {};
  const { caseNo, no, day } = body;
  const at = { agg, hash: held.hash, dev, inc, seq };
  const placed = held.cursor === undefined ? at : { ...at, cursor: held.cursor };
  if (type === 'case.accepted' && typeof caseNo === 'string') return { key: `case:${caseNo}`, ...placed };
  if (type === 'ticket.taken' && typeof no === 'string' && typeof day === 'string')
    return { key: `ticket:${day}:${no}`, ...placed };
  return null;
}

/**
 * Whether the number an event gave out had been given out before, under another aggregate.
 * @param claims all that are known of this number, in any order
 * @param own incarnations of this device, oldest first
 */
export function numberTwice(
  claim: NumberClaim,
  claims: readonly NumberClaim[],
  own: readonly string[],
): Clash | null {
  const before = byPlace(own);
  const first = claims.filter(({ key, agg }) => key === claim.key && agg !== claim.agg).sort(before)[0];
  return first && before(first, claim) < 0 ? { conflict: 'number-twice', theirs: first.hash } : null;
}
