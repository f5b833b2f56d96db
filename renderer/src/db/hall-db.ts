import type { Draft } from '../../../shared/contract/journal.ts';
import type { CaseState } from '../../../shared/domain/case/case.ts';
import type { Intake } from '../../../shared/domain/case/intake.ts';
import type { EventBodies, EventType } from '../../../shared/domain/events.ts';
import type { Choice, ConflictView, Evidence, RefusedCommand } from './sync-views.ts';
import type { TicketState } from '../../../shared/domain/ticket/ticket.ts';

/** One event to be saved: the store adds what the author had seen, the clerk and the versions. */
export type NewEvent = { [T in EventType]: { type: T; agg: string; body: EventBodies[T] } }[EventType];

/** How far one thing has travelled: here, on the server, or in the server's order and back. */
export type Travel = 'saved' | 'sent';

/** What the status light needs, honest at any moment. */
export interface SyncLight {
  /** Own events the server has not acknowledged. */
  unsent: number;
  /** When the oldest of them was made, ISO 8601; '' when there is none. */
  oldestUnsentAt: string;
  /** Hall cursor this window has pulled. */
  cursor: number;
}

/** Some cases, newest first, and where the next page begins. */
export interface CasesPage {
  rows: CaseRow[];
  /** Hand it in as `after`; null when this was the last page. */
  next: string | null;
}

/** A scan, a signature or a PDF as the store keeps it, named by the SHA-256 of its bytes. */
export interface StoredBlob {
  hash: string;
  size: number;
}

/** A case with how far it has travelled. */
export interface CaseRow {
  state: CaseState;
  travel: Travel;
}

/**
 * The window's store: a fast, rebuildable picture of the journal and the server's stream. The only way to
 * make something happen is `save`; everything else is looking.
 */
export interface HallDb {
  /**
   * The save path (sync.md): journal first, then one strict transaction here. When it resolves the events
   * are on the medium and paper may be printed. A second call with the same `cmd` saves nothing twice.
   * Rejects with the journal's CodedError; nothing has happened then.
   */
  save(cmd: string, events: NewEvent[]): Promise<void>;

  /** Next number of a day's series, e.g. ('ticket', '2026-11-21') → 17. Rebuilt from own events, never reused. */
  nextNumber(series: 'ticket' | 'case', day: string): Promise<number>;

  ticketsOfDay(day: string): Promise<TicketState[]>;
  case(agg: string): Promise<CaseRow | undefined>;
  /** Newest first. */
  recentCases(limit: number): Promise<CaseRow[]>;
  /** Earlier cases of a person, newest first, found by keyed hash. Records `person.viewed`. */
  casesOfPerson(idNumber: string, reason: string): Promise<CaseRow[]>;
  /**
   * Cases of people whose name begins with `prefix`, newest first, found by keyed hash. Characters count, also rare ones
   * (生僻字); blanks and the kind of middle dot do not. Records `person.viewed` under the search's own keyed hash.
   */
  findByName(prefix: string, reason: string, limit?: number): Promise<CaseRow[]>;
  /** All cases, newest first, by key: page 1,000 costs what page 1 costs. `after` comes from the page before. */
  casesPage(from: { after?: string; limit: number }): Promise<CasesPage>;
  /** Records that a person's number was shown in full, before it is. */
  traceNumberShown(idNumber: string): Promise<void>;
  /** Own cases of this device, accepted since `day`, that have no settled slip yet: what must still be printed. */
  casesWithoutSlip(day: string): Promise<CaseRow[]>;

  readDraft(): Promise<Intake | undefined>;
  writeDraft(intake: Intake | null): Promise<void>;

  /** Open ones first, newest first. */
  conflicts(): Promise<ConflictView[]>;
  /** Saves `conflict.decided`: 'first' = theirs stands, 'second' = mine counts from now on. Deciding again overrides. */
  decide(conflictId: string, choice: Choice, note: string): Promise<void>;
  /** What an event about `agg` made now would say its author had seen; for asking the server before it is made. */
  seenOf(agg: string): Promise<Draft['seen']>;
  /** What the store can prove about itself. */
  evidence(): Promise<Evidence>;
  /** Commands the server refused before they happened, newest first; the last hundred. */
  refused(): Promise<RefusedCommand[]>;
  noteRefused(command: RefusedCommand): Promise<void>;

  /** Keeps bytes sealed, in pieces; the same bytes twice are kept once. @param kind e.g. 'scan', 'signature', 'pdf' */
  putBlob(bytes: Uint8Array, kind: string): Promise<StoredBlob>;
  /** @throws CodedError STORE_UNREADABLE when the pieces are not what the name says */
  blob(hash: string): Promise<Uint8Array | undefined>;

  light(): Promise<SyncLight>;
  /** Called after every committed change, own or pulled; the returned function ends it. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}

/** Draft as the journal takes it; here so that the save path and the tests build it in one place. */
export type JournalDraft = Draft;
