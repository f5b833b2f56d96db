import { Dexie, type Table } from 'dexie';
import type { TicketState } from '../../../shared/domain/ticket/ticket.ts';

/**
 * Everything known of one thing (a case, a ticket, a person looked at): its events, sealed together, and in clear only
 * what lists and look-ups need. What a window shows is folded from the events when it is read, so there is no second
 * copy that could grow old. One row instead of one per event and one per picture: half the writes, one seal.
 */
export interface LogRow {
  agg: string;
  /** The events as `log-text.ts` writes them. */
  sealed: Uint8Array;
  /** Cases: when accepted, see `find-keys.ts`. */
  when?: string;
  /** Cases: keyed hash of the number and time. */
  person?: string;
  /** Cases: keyed hashes of the beginnings of the name, each with the time. */
  names?: string[];
  /** Numbers its events gave out, `case:<number>` or `ticket:<day>:<number>`. */
  numbers?: string[];
  /** Own cases without a settled slip: local day of acceptance, `YYYY-MM-DD`. */
  slipDay?: string;
  /** Tickets: day of issue. */
  ticketDay?: string;
  /** Tickets hold nothing personal and are listed whole all the time. */
  ticket?: TicketState;
}

/** Which thing each event of a stretch of one device's sequence belongs to: one row per device and page. */
export interface RunRow {
  dev: string;
  inc: string;
  from: number;
  to: number;
  /** Highest cursor in it; absent while the server has not placed it. */
  top?: number;
  seqs: number[];
  aggs: string[];
}

/** Newest event held of a device's incarnation. */
export interface HeadRow {
  dev: string;
  inc: string;
  seq: number;
}

export interface ConflictRow {
  id: string;
  agg: string;
  state: 'open' | 'decided';
  sealed: Uint8Array;
}

export interface RefusedRow {
  id?: number;
  sealed: Uint8Array;
}

export interface MetaRow {
  key: string;
  value: unknown;
}

export interface CounterRow {
  /** `<series>:<day>` */
  key: string;
  /** Highest number this device has used. */
  used: number;
}

export interface DraftRow {
  key: string;
  sealed: Uint8Array;
}

/** A scan, a signature, a PDF: named by the SHA-256 of its plain bytes. */
export interface BlobRow {
  hash: string;
  kind: string;
  size: number;
  chunks: number;
  /** 'here' until the core has taken it for the server. */
  state: 'here' | 'handed-over';
  addedAt: string;
}

export interface ChunkRow {
  hash: string;
  n: number;
  sealed: Uint8Array;
}

export type Durability = 'strict' | 'relaxed';

export class HallStore extends Dexie {
  declare logs: Table<LogRow, string>;
  declare runs: Table<RunRow, [string, string, number]>;
  declare heads: Table<HeadRow, [string, string]>;
  declare conflicts: Table<ConflictRow, string>;
  declare refused: Table<RefusedRow, number>;
  declare counters: Table<CounterRow, string>;
  declare drafts: Table<DraftRow, string>;
  declare meta: Table<MetaRow, string>;
  declare blobs: Table<BlobRow, string>;
  declare chunks: Table<ChunkRow, [string, number]>;

  /**
   * @param durability 'strict': a transaction is complete only when the data is on the medium; Chromium's default loses
   * the last 10–13 s in a power cut. 'relaxed': for pages that can be pulled again. It belongs to the connection, so one
   * database has one of each.
   */
  constructor(name: string, durability: Durability = 'strict') {
    super(name, { chromeTransactionDurability: durability, cache: 'disabled' });
    // Version 1 was another database, see former-store.ts.
    this.version(2).stores({
      logs: 'agg, when, person, *names, *numbers, slipDay, ticketDay',
      runs: '[dev+inc+from], top',
      heads: '[dev+inc]',
      conflicts: 'id, agg',
      refused: '++id',
      counters: 'key',
      drafts: 'key',
      meta: 'key',
      blobs: 'hash, state',
      chunks: '[hash+n]',
    });
  }
}

/** The tables, of the whole database or within one transaction. */
export type HallTables = Pick<
  HallStore,
  'logs' | 'runs' | 'heads' | 'conflicts' | 'refused' | 'counters' | 'drafts' | 'meta' | 'blobs' | 'chunks'
>;

/** The tables one change of the log touches; a transaction names them beforehand. */
const LOG_TABLES = ['logs', 'runs', 'heads', 'conflicts', 'counters', 'meta'] as const;

/**
 * One transaction over everything a change of the log touches: all of it or nothing (C3). The tables handed in belong to
 * it by themselves; Dexie's own way of following a transaction loses it between nested async functions.
 */
export async function change<T>(store: HallStore, body: (tables: HallTables) => Promise<T>): Promise<T> {
  return store.transaction('rw', [...LOG_TABLES], (tx) => {
    return body({
      logs: tx.table<LogRow, string>('logs'),
      runs: tx.table<RunRow, [string, string, number]>('runs'),
      heads: tx.table<HeadRow, [string, string]>('heads'),
      conflicts: tx.table<ConflictRow, string>('conflicts'),
      counters: tx.table<CounterRow, string>('counters'),
      meta: tx.table<MetaRow, string>('meta'),
      // Not part of it: whoever asks for them inside a change is told so by Dexie.
      refused: store.refused,
      drafts: store.drafts,
      blobs: store.blobs,
      chunks: store.chunks,
    });
  });
}
