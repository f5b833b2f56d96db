import { Dexie, type Table } from 'dexie';
import type { TicketState } from '../../../shared/domain/ticket/ticket.ts';

/** One event, its text sealed. `cursor` is absent until the server has given it a place in the hall's order. */
export interface EventRow {
  dev: string;
  inc: string;
  seq: number;
  agg: string;
  hash: string;
  cursor?: number;
  /** Its device's signature of the head it was, base64; few events have one. */
  sig?: string;
  sealed: Uint8Array;
}

/** One case: what lists and look-ups need in clear, everything personal sealed. */
export interface StoredCase {
  agg: string;
  person: string;
  /** Local day of acceptance, `YYYY-MM-DD`. */
  day: string;
  acceptedAt: string;
  /** 1 for cases of this device (IndexedDB cannot index booleans). */
  own: 0 | 1;
  /** Place of the acceptance in the own journal, to tell how far it has travelled; '' and 0 for other devices' cases. */
  inc: string;
  seq: number;
  /** 1 while no slip of this case is settled. */
  slipOpen: 0 | 1;
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

export class HallStore extends Dexie {
  declare events: Table<EventRow, [string, string, number]>;
  declare cases: Table<StoredCase, string>;
  declare tickets: Table<TicketState, string>;
  declare counters: Table<CounterRow, string>;
  declare drafts: Table<DraftRow, string>;
  declare meta: Table<MetaRow, string>;

  constructor(name: string) {
    // 'strict': complete only when the data is on the medium. The default loses the last 10–13 s in a power cut.
    super(name, { chromeTransactionDurability: 'strict' });
    this.version(1).stores({
      events: '[dev+inc+seq], agg, cursor',
      cases: 'agg, person, acceptedAt, [own+slipOpen+day]',
      tickets: 'agg, day',
      counters: 'key',
      drafts: 'key',
      meta: 'key',
    });
  }
}

/** The tables one change of the log touches; a transaction names them beforehand. */
export const everything = (store: HallStore): Table[] => [
  store.events,
  store.cases,
  store.tickets,
  store.counters,
  store.meta,
];
