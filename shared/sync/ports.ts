import type {
  Checkpoint,
  DonatedEvent,
  PulledEvent,
  SnapshotPage,
  WantedRange,
} from '../contract/central.ts';

/** Where a device stands in its hall's stream. */
export interface StreamPosition {
  epoch: string;
  cursor: number;
  streamHash: string;
}

/** The newest event held of one incarnation of one device. */
export interface KnownHead {
  dev: string;
  inc: string;
  seq: number;
}

/** A page of the stream going forward; {@link SnapshotPage} is one going backward. */
export interface StreamPage {
  epoch: string;
  events: PulledEvent[];
  /** Rolling hash after the last event; at the cursor asked for when there is none. */
  streamHash: string;
}

/** What the engine needs of the store. Every method is one transaction. */
export interface SyncStore {
  position(): Promise<StreamPosition>;
  /** At most 32, newest first, at exponentially growing distances, beginning with the position itself. */
  checkpoints(): Promise<Checkpoint[]>;
  /** The server has these own events of the current incarnation, up to and including `seq`. */
  acknowledge(seq: number): Promise<void>;
  /**
   * Events, projections and cursor move together (C3).
   * @returns false when the store's own stream hash over these events differs from `streamHash`: nothing was applied then
   */
  applyPage(page: StreamPage): Promise<boolean>;
  /**
   * The server's order is the one we knew only up to and including cursor `after`: forget every later place, keep
   * every event, stand at `after` in the new epoch.
   */
  forgetOrder(epoch: string, after: number): Promise<void>;
  /** The journal began a new incarnation (fork or loss): read again from it what the server does not have. */
  relevel(): Promise<void>;
  /** The newest event held of every incarnation of every device. */
  heads(): Promise<KnownHead[]>;
  /** Held events of a run, ascending; it ends where one is missing. May give fewer than asked. */
  heldRange(range: WantedRange): Promise<DonatedEvent[]>;
  /**
   * An empty store takes its place at the head and fills backwards from there. Without effect on a store that holds
   * a place already.
   */
  beginAt(position: StreamPosition): Promise<void>;
  /** What is still missing: events up to `before` − 1, with the rolling hash there; null when nothing is. */
  backfill(): Promise<{ before: number; streamHash: string } | null>;
  /**
   * Puts a page before what is held; cursor and own positions stay.
   * @returns false when it does not end at the missing place or its hashes do not meet: nothing was applied then
   */
  applyBackfill(page: SnapshotPage): Promise<boolean>;
}

/** What the engine needs of the line; the core's `central.*` methods. */
export interface CentralPort {
  hello(at: { cursor: number; streamHash: string; checkpoints: Checkpoint[] }): Promise<{
    epoch: string;
    head: number;
    action: 'ok' | 'rewound' | 'fork' | 'retired' | 'upgrade' | 'cloned';
    acknowledgedSeq: number;
    /** The newest cursor of those said whose streamHash is the server's as well; 0 when none is. */
    common: number;
  }>;
  push(): Promise<{ acknowledgedSeq: number; left: number }>;
  pull(since: number, limit: number): Promise<StreamPage & { head: number }>;
  /** What the server lacks of what is held here. */
  want(heads: KnownHead[]): Promise<{ want: WantedRange[] }>;
  /** @returns the server's head of that incarnation afterwards; before `events` when it could not take them */
  donate(given: { dev: string; inc: string; events: DonatedEvent[] }): Promise<{ upTo: number }>;
  /** The page that ends at `before` − 1. */
  snapshot(before: number, limit: number): Promise<SnapshotPage>;
}
