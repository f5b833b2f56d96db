import type { CaseState } from '../../../shared/domain/case/case.ts';
import type { TicketState } from '../../../shared/domain/ticket/ticket.ts';
import type { HallEvent } from '../../../shared/sync/event.ts';
import { byPlace, placeOf, type HeldEvent } from '../../../shared/sync/held-event.ts';
import { numberGiven } from '../../../shared/sync/numbers-given.ts';
import { pictureOf, type AggregatePicture } from '../../../shared/sync/picture.ts';
import { planArrivals, type Arrival, type Changes, type Known } from '../../../shared/sync/plan.ts';
import { readOwn, writeOwn, type OwnPosition } from './positions.ts';
import type { EventRow, HallStore, StoredCase } from './schema.ts';
import type { Seal } from './seal.ts';

/** What one pass needs to know of this device. */
export interface Here {
  dev: string;
  seal: Seal;
}

/**
 * Puts events into the store and folds again the few aggregates they touch: read in bulk, planned, written in bulk.
 * Runs inside the caller's transaction. Applying anything twice changes nothing (C8).
 */
export async function applyArrivals(store: HallStore, here: Here, arrivals: Arrival[]): Promise<void> {
  const known = await gather(store, here, arrivals);
  await commit(store, here, planArrivals({ dev: here.dev, arrivals, known }));
}

async function gather(store: HallStore, here: Here, arrivals: readonly Arrival[]): Promise<Known> {
  const events = arrivals.map(({ kept }) => kept.event);
  const places = events.map(({ dev, inc, seq }): [string, string, number] => [dev, inc, seq]);
  const keys = events.flatMap((event) => numberGiven(event)?.key ?? []);
  const held = new Map<string, HeldEvent>();
  const logs = new Map<string, HeldEvent[]>();
  for (const row of await store.events.bulkGet(places)) if (row) held.set(placeOf(row), opened(here, row));
  const aggs = [...new Set(events.map(({ agg }) => agg))];
  for (const row of await store.events.where('agg').anyOf(aggs).toArray()) {
    const log = logs.get(row.agg) ?? [];
    log.push(held.get(placeOf(row)) ?? opened(here, row));
    logs.set(row.agg, log);
  }
  const used = keys.length === 0 ? [] : await store.counters.bulkGet([...new Set(keys)]);
  const counters = new Map(used.flatMap((row) => (row ? [[row.key, row.used]] : [])));
  return { own: await readOwn(store), held, logs, counters };
}

/** Skips empty writes: awaiting what asks nothing of IndexedDB loses the transaction. */
async function commit(store: HallStore, here: Here, changes: Changes): Promise<void> {
  const { events, counters, own, pictures } = changes;
  if (events.length > 0) await store.events.bulkPut(events.map((held) => closed(here, held)));
  if (counters.length > 0) await store.counters.bulkPut(counters);
  const { tickets, cases } = rowsOf(here, pictures);
  if (tickets.length > 0) await store.tickets.bulkPut(tickets);
  if (cases.length > 0) await store.cases.bulkPut(cases);
  await writeOwn(store, own);
}

/** Folds aggregates again from what is stored of them. @param aggs at least one */
export async function refold(
  store: HallStore,
  here: Here,
  own: OwnPosition[],
  aggs: readonly string[],
): Promise<void> {
  const incarnations = own.map(({ inc }) => inc);
  const pictures: AggregatePicture[] = [];
  for (const agg of aggs) {
    const rows = await store.events.where('agg').equals(agg).toArray();
    const log = rows.map((row) => opened(here, row));
    const picture = pictureOf(agg, log, incarnations);
    if (picture) pictures.push(picture);
  }
  const { tickets, cases } = rowsOf(here, pictures);
  if (tickets.length > 0) await store.tickets.bulkPut(tickets);
  if (cases.length > 0) await store.cases.bulkPut(cases);
}

function rowsOf(
  here: Here,
  pictures: readonly AggregatePicture[],
): { tickets: TicketState[]; cases: StoredCase[] } {
  return {
    tickets: pictures.flatMap(({ ticket }) => ticket ?? []),
    cases: pictures.flatMap((picture) => caseRow(here, picture) ?? []),
  };
}

function caseRow({ dev, seal }: Here, { agg, case: state, made }: AggregatePicture): StoredCase | null {
  if (!state || !made) return null;
  const own = made.dev === dev;
  return {
    agg,
    person: state.applicant.idNumber === '' ? '' : seal.personHash(state.applicant.idNumber),
    day: state.acceptedAt.slice(0, 10),
    acceptedAt: state.acceptedAt,
    own: own ? 1 : 0,
    inc: own ? made.inc : '',
    seq: own ? made.seq : 0,
    slipOpen: hasSettledSlip(state) ? 0 : 1,
    sealed: seal.seal(state),
  };
}

const hasSettledSlip = (state: CaseState): boolean =>
  Object.entries(state.sheets).some(([key, word]) => key.includes(':slip:') && word !== 'uncertain');

/** Hash of the newest event of an aggregate, in the order in which they are folded; '' when there is none. */
export async function newestOf(store: HallStore, own: readonly OwnPosition[], agg: string): Promise<string> {
  const rows = await store.events.where('agg').equals(agg).toArray();
  return rows.sort(byPlace(own.map(({ inc }) => inc))).at(-1)?.hash ?? '';
}

function opened({ seal }: Here, { sealed, hash, cursor, sig }: EventRow): HeldEvent {
  const bytes = seal.open(sealed) as string;
  const held: HeldEvent = { event: JSON.parse(bytes) as HallEvent, bytes, hash };
  if (cursor !== undefined) held.cursor = cursor;
  if (sig !== undefined) held.sig = sig;
  return held;
}

function closed({ seal }: Here, { event, bytes, hash, cursor, sig }: HeldEvent): EventRow {
  const { dev, inc, seq, agg } = event;
  const row: EventRow = { dev, inc, seq, agg, hash, sealed: seal.seal(bytes) };
  if (cursor !== undefined) row.cursor = cursor;
  if (sig !== undefined) row.sig = sig;
  return row;
}
