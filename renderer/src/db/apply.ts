import type { CaseState } from '../../../shared/domain/case/case.ts';
import { parseCaseNo, parseTicketNo } from '../../../shared/domain/case/numbers.ts';
import { foldCase } from '../../../shared/domain/case/reducer.ts';
import { foldTicket } from '../../../shared/domain/ticket/reducer.ts';
import type { HallEvent, KeptEvent } from '../../../shared/sync/event.ts';
import { ownEntry, readOwn, writeOwn, type OwnPosition } from './positions.ts';
import type { EventRow, HallStore } from './schema.ts';
import type { Seal } from './seal.ts';

/** An event on its way into the store, with the server's number once it has one. */
export interface Arrival {
  kept: KeptEvent;
  cursor?: number;
}

/** What one pass needs to know of this device. */
export interface Here {
  dev: string;
  seal: Seal;
}

/**
 * Puts events into the store and folds again the few aggregates they touch. Runs inside the caller's
 * transaction. Applying anything twice changes nothing (C8).
 */
export async function applyArrivals(store: HallStore, here: Here, arrivals: Arrival[]): Promise<void> {
  const own = await readOwn(store);
  const touched = new Set<string>();
  for (const { kept, cursor } of arrivals) {
    const { dev, inc, seq, agg } = kept.event;
    const old = await store.events.get([dev, inc, seq]);
    const place = cursor ?? old?.cursor;
    await store.events.put({
      dev,
      inc,
      seq,
      agg,
      hash: kept.hash,
      ...(place === undefined ? {} : { cursor: place }),
      // A cloned PC may hold another event in this place; the server's word counts then.
      sealed: old?.hash === kept.hash ? old.sealed : here.seal.seal(kept.bytes),
    });
    touched.add(agg);
    if (dev === here.dev) {
      const entry = ownEntry(own, inc);
      entry.applied = Math.max(entry.applied, seq);
      // What comes back from the server has been acknowledged, whatever became of the answer.
      if (cursor !== undefined) entry.acknowledged = Math.max(entry.acknowledged, seq);
      await countUp(store, kept.event);
    }
  }
  await writeOwn(store, own);
  for (const agg of touched) await refold(store, here, own, agg);
}

/** Folds one aggregate from its events: the server's order first, then what is still ours alone. */
export async function refold(store: HallStore, here: Here, own: OwnPosition[], agg: string): Promise<void> {
  const kind = agg.slice(0, agg.indexOf('/'));
  if (kind !== 'case' && kind !== 'ticket') return;
  const rows = inOrder(await store.events.where('agg').equals(agg).toArray(), own);
  const events = rows.map((row) => ({
    ...(JSON.parse(here.seal.open(row.sealed) as string) as HallEvent),
    hash: row.hash,
  }));
  if (kind === 'ticket') {
    const ticket = foldTicket(events);
    if (ticket) await store.tickets.put(ticket);
    return;
  }
  const state = foldCase(events);
  if (!state) return;
  const first = events.find((event) => event.type === 'case.accepted');
  await store.cases.put({
    agg,
    person: state.applicant.idNumber === '' ? '' : here.seal.personHash(state.applicant.idNumber),
    day: state.acceptedAt.slice(0, 10),
    acceptedAt: state.acceptedAt,
    own: first?.dev === here.dev ? 1 : 0,
    inc: first?.dev === here.dev ? first.inc : '',
    seq: first?.dev === here.dev ? first.seq : 0,
    slipOpen: hasSettledSlip(state) ? 0 : 1,
    sealed: here.seal.seal(state),
  });
}

const hasSettledSlip = (state: CaseState): boolean =>
  Object.entries(state.sheets).some(([key, word]) => key.includes(':slip:') && word !== 'uncertain');

/** An aggregate's events as they are folded: the server's order first, then what is still this device's alone. */
export function inOrder(rows: EventRow[], own: OwnPosition[]): EventRow[] {
  const age = (row: EventRow): number => own.findIndex((entry) => entry.inc === row.inc);
  return rows.sort((a, b) => {
    if (a.cursor !== undefined && b.cursor !== undefined) return a.cursor - b.cursor;
    if (a.cursor !== undefined) return -1;
    if (b.cursor !== undefined) return 1;
    return age(a) - age(b) || a.seq - b.seq;
  });
}

/** Numbers this device has given, read back from its own events, so that a lost store never gives one twice. */
async function countUp(store: HallStore, event: HallEvent): Promise<void> {
  const given = numberGiven(event);
  if (!given) return;
  const row = await store.counters.get(given.key);
  if ((row?.used ?? 0) < given.n) await store.counters.put({ key: given.key, used: given.n });
}

function numberGiven(event: HallEvent): { key: string; n: number } | null {
  const { body } = event;
  if (event.type === 'ticket.taken' && typeof body['day'] === 'string' && typeof body['no'] === 'string') {
    const no = parseTicketNo(body['no']);
    return no && { key: `ticket:${body['day']}`, n: no.n };
  }
  if (event.type === 'case.accepted' && typeof body['caseNo'] === 'string') {
    // By the day in the number: the event's own time may lie in another day, where this PC's zone is not the hall's.
    const no = parseCaseNo(body['caseNo']);
    return no && { key: `case:${no.day}`, n: no.n };
  }
  return null;
}
