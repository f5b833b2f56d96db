import type { Json } from '../../../shared/sync/canonical-json.ts';

/** One event as a person looks at it: the body whole, because who shows it masks and names what is in it. */
export interface EventView {
  hash: string;
  type: string;
  /** Wall clock of its device, ISO 8601. */
  at: string;
  user: string;
  station: string;
  dev: string;
  body: { [key: string]: Json };
}

/** Which of two events counts: the one in force since the server's order, or the one that came after it. */
export type Choice = 'first' | 'second';

/** Two things that cannot both be true, with all a person needs to decide between them. */
export interface ConflictView {
  /** Hash of `mine`; the same on every device. */
  id: string;
  agg: string;
  /** What collides, e.g. `called-twice`: the end of a message key. */
  kind: string;
  state: 'open' | 'decided';
  decision?: { choice: Choice; by: string; at: string; note: string };
  /** The event that failed its precondition: choice `second`. */
  mine: EventView;
  /**
   * The event it collides with: choice `first`, which counts until somebody decides. null when what `mine` needs never
   * happened; `first` then means that `mine` does not count.
   */
  theirs: EventView | null;
  /** What the author of `mine` had seen last of the same thing; null when nothing. */
  seen: EventView | null;
}

/** What the store can prove about itself, for the sync page. */
export interface Evidence {
  journalHead: { inc: string; seq: number; hash: string };
  /** The newest own event in the store. */
  storeHead: { inc: string; seq: number };
  /** Hall cursor up to which the store was checked against the server's stream hash. */
  cursor: number;
  /** Rolling hash of the hall's events 1..cursor; lower-case hex. */
  streamHash: string;
  /** When that was last checked, milliseconds since 1970; null when never. */
  verifiedAt: number | null;
  epoch: string;
  unsent: number;
  /** ISO 8601; '' when nothing waits. */
  oldestUnsentAt: string;
  conflictsOpen: number;
  /** Older history still being fetched; null when all is here. */
  backfill: { left: number } | null;
  storage: {
    backend: 'leveldb' | 'sqlite' | 'unknown';
    /** Whether the browser promised not to evict the store. */
    persisted: boolean;
    usedBytes: number;
    quotaBytes: number;
  };
  events: number;
  cases: number;
}

/** A command the server refused before it happened. */
export interface RefusedCommand {
  /** ISO 8601 */
  at: string;
  type: string;
  agg: string;
  reason: string;
  /** Station or device that stands against it; '' when unknown. */
  by: string;
}
