/** What a fold needs of an event; the envelope of the log has all of it. */
export interface FoldEvent {
  type: string;
  typeV: number;
  agg: string;
  at: string;
  dev: string;
  user: string;
  station: string;
  body: unknown;
  /** SHA-256 of the event's bytes: two events with one hash are one event. */
  hash: string;
  /** What its author had before the eyes: last event of the aggregate, and the hall cursor. */
  seen?: { last: string; cursor: number };
  /** The server's number; absent while it has none. */
  cursor?: number;
  inc?: string;
  cmd?: string;
}

/**
 * Prepares a log for folding. Folds are total: a server restored from a backup, a newer program or a broken
 * record must never stop a window from showing what is known.
 * @returns the events that have the shape of one, each hash once, in the order given; and how many had not
 */
export function foldable(events: readonly unknown[]): { events: FoldEvent[]; malformed: number } {
  const seen = new Set<string>();
  const kept: FoldEvent[] = [];
  let malformed = 0;
  for (const event of events) {
    if (!isFoldEvent(event)) malformed += 1;
    else if (!seen.has(event.hash)) {
      seen.add(event.hash);
      kept.push(event);
    }
  }
  return { events: kept, malformed };
}

/** @returns the value as a record of anything, or null when it is none */
export function record(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

function isFoldEvent(value: unknown): value is FoldEvent {
  const event = record(value);
  return (
    event !== null &&
    ['type', 'agg', 'at', 'dev', 'user', 'station', 'hash'].every((key) => typeof event[key] === 'string') &&
    typeof event['typeV'] === 'number' &&
    'body' in event
  );
}
