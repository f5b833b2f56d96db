import { inject, type InjectionKey, type ShallowRef } from 'vue';
import type { Clerk } from '../../../shared/contract/app.ts';
import type { Bitmap } from '../../../shared/contract/print.ts';
import type { CaseState } from '../../../shared/domain/case/case.ts';
import type { TestPage } from '../../../shared/domain/slip/test-page-blocks.ts';
import type { TicketState } from '../../../shared/domain/ticket/ticket.ts';
import type { Item } from '../../../shared/domain/item/item.ts';
import type { WorkCalendar } from '../../../shared/domain/calendar/calendar.ts';
import type { Output } from '../../../shared/contract/index.ts';
import type { SyncStatus } from '../../../shared/sync/engine.ts';
import type { Bridge } from '../bridge/bridge.ts';
import type { HallDb } from '../db/hall-db.ts';

export type Boot = Output<'app.boot'>;

/** Draws what is printed: content from shared/domain/slip, dots from the printing room. `key` is the sheet's. */
export interface Papers {
  slip(state: CaseState, key: string, dots: number): Promise<Bitmap>;
  /** @param waitingBefore people who will be called before */
  ticket(ticket: TicketState, waitingBefore: number, key: string, dots: number): Promise<Bitmap>;
  testPage(page: TestPage, key: string): Promise<Bitmap>;
}

/** The law as data: what may be applied for, and which days are worked. */
export interface Catalogue {
  items: readonly Item[];
  calendar: WorkCalendar;
  /** Items left out because of a fault in their data. */
  faulty: number;
}

/** What the stores stand on; made once by the boot list, before any store exists. */
export interface Services {
  bridge: Bridge;
  db: HallDb;
  papers: Papers;
  catalogue: Catalogue;
  /** Boot answer of an enrolled device. */
  boot: Boot & { device: NonNullable<Boot['device']> };
  /** Who works here now; every event carries this id. */
  clerk: ShallowRef<Clerk>;
  /** The sync's own word about itself, changed in place as it goes on. */
  syncStatus: ShallowRef<SyncStatus>;
  /** Asks for a sync round now. */
  nudgeSync: () => void;
}

export const SERVICES: InjectionKey<Services> = Symbol('services');

/** For stores only; components ask stores. */
export function useServices(): Services {
  const services = inject(SERVICES);
  if (!services) throw new Error('services were not provided');
  return services;
}
