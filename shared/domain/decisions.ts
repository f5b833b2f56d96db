import type { Decision } from './conflict.ts';
import { record, type FoldEvent } from './fold-event.ts';

/** What counts of all that was decided on one conflict. */
export interface Settlement {
  decision: Decision;
  /** Hash of the deciding event from which the choice has held without a break. */
  from: string;
}

/** @returns the conflict a `conflict.decided` speaks of and what it says, null when it cannot be read */
export function readDecision(event: FoldEvent): { conflict: string; decision: Decision } | null {
  const body = record(event.body);
  const choice = body?.['choice'];
  const conflict = body?.['conflict'];
  if (typeof conflict !== 'string' || (choice !== 'first' && choice !== 'second')) return null;
  const note = typeof body?.['note'] === 'string' ? body['note'] : '';
  return { conflict, decision: { choice, by: event.user, at: event.at, note } };
}

/**
 * The last decision on each conflict counts, as if those before it had not been: so a decision can be undone. It names
 * the event that lost; should a restored server order the two the other way round, a person is asked anew.
 */
export function settlements(log: readonly FoldEvent[]): Map<string, Settlement> {
  const settled = new Map<string, Settlement>();
  for (const event of log) {
    if (event.type !== 'conflict.decided') continue;
    const read = readDecision(event);
    if (!read) continue;
    const before = settled.get(read.conflict);
    const goesOn = before?.decision.choice === read.decision.choice;
    settled.set(read.conflict, { decision: read.decision, from: goesOn ? before.from : event.hash });
  }
  return settled;
}
