import { placeOf, type HeldEvent } from '../../../shared/sync/held-event.ts';
import { claimOf, type NumberClaim } from '../../../shared/sync/number-claims.ts';
import { numberGiven } from '../../../shared/sync/numbers-given.ts';
import type { Arrival, Known } from '../../../shared/sync/plan.ts';
import { readLog } from './log-text.ts';
import { readOwn } from './positions.ts';
import type { HallTables, HeadRow, LogRow, RunRow } from './schema.ts';
import type { Seal } from './seal.ts';

/** What one pass needs to know of this device. */
export interface Here {
  dev: string;
  seal: Seal;
  /**
   * Everything a store that was empty when it was opened has taken since: what is not in it need not be looked for, which
   * saves a new PC a third of a million reads. null for a store that had something already.
   */
  taken: Set<string> | null;
}

/** What the store holds of the things a batch touches, read in bulk before anything is planned. */
export interface Gathered {
  known: Known & {
    held: Map<string, HeldEvent>;
    logs: Map<string, HeldEvent[]>;
    counters: Map<string, number>;
    claims: NumberClaim[];
  };
  /** The rows as they are, by their aggregate. */
  rows: Map<string, LogRow>;
  heads: Map<string, HeadRow>;
}

/** Events a row of a thing nobody folds may hold before they are moved to a row of their own, see `commit.ts`. */
export const ROW_EVENTS = 64;

export const openLog = (seal: Seal, row: LogRow): HeldEvent[] =>
  readLog(seal.open(row.sealed, `logs/${row.agg}`));

/** Reads what `planArrivals` has to know about these arrivals, with a handful of requests for the whole batch. */
export async function gather(store: HallTables, here: Here, arrivals: readonly Arrival[]): Promise<Gathered> {
  const aggs = new Set(arrivals.map(({ kept }) => kept.event.agg));
  const spans = spansOf(arrivals);
  const [own, rows, heads] = await Promise.all([
    readOwn(store),
    store.logs.bulkGet([...aggs].filter((agg) => here.taken?.has(agg) ?? true)),
    store.heads.bulkGet(spans.map(({ dev, inc }) => [dev, inc] as [string, string])),
  ]);
  const gathered: Gathered = {
    known: { own, held: new Map(), logs: new Map(), counters: new Map(), claims: [] },
    rows: new Map(),
    heads: new Map(),
  };
  for (const head of heads) if (head) gathered.heads.set(`${head.dev}/${head.inc}`, head);
  rows.forEach((row) => row && take(here, gathered, row));
  await takeHeldElsewhere(store, here, gathered, arrivals, spans);
  const fresh = arrivals.map(({ kept }) => kept);
  await Promise.all([
    takeRivals(store, here, gathered, fresh),
    takeCounters(store, here, gathered, arrivals),
  ]);
  return gathered;
}

function take(here: Here, { known, rows }: Gathered, row: LogRow): void {
  const log = openLog(here.seal, row);
  rows.set(row.agg, row);
  const agg = row.agg.split('#', 1)[0] as string;
  known.logs.set(agg, [...log, ...(known.logs.get(agg) ?? [])]);
  for (const held of log) known.held.set(placeOf(held.event), held);
}

/**
 * A place that is taken by something the rows read so far do not show: an event of another thing (a cloned PC), or an
 * older one that was moved out of its thing's row. Only what lies below a known head can be that.
 */
async function takeHeldElsewhere(
  store: HallTables,
  here: Here,
  gathered: Gathered,
  arrivals: readonly Arrival[],
  spans: readonly Span[],
): Promise<void> {
  const { known, rows, heads } = gathered;
  const below = spans.filter(({ dev, inc, lo }) => (heads.get(`${dev}/${inc}`)?.seq ?? 0) >= lo);
  if (below.length === 0) return;
  const runs = await Promise.all(below.map((span) => runsOf(store, span.dev, span.inc, span.lo, span.hi)));
  const aggAt = new Map<string, string>();
  for (const run of runs.flat())
    run.seqs.forEach((seq, i) => aggAt.set(placeOf({ ...run, seq }), run.aggs[i] as string));
  const missing = new Set<string>();
  for (const { kept } of arrivals) {
    const place = placeOf(kept.event);
    const agg = aggAt.get(place);
    if (agg !== undefined && !known.held.has(place)) missing.add(agg);
  }
  for (const agg of missing) {
    const further = await store.logs.where('agg').between(`${agg}#`, `${agg}#\uffff`).toArray();
    const first = rows.has(agg) ? undefined : await store.logs.get(agg);
    for (const row of first ? [...further, first] : further) take(here, gathered, row);
  }
}

/**
 * Who else gave out the numbers of this batch. Numbers of one day and series come in a row, so one request looks at the
 * stretch of each; it finds nothing, unless a range was used twice.
 */
export async function takeRivals(
  store: HallTables,
  here: Here,
  gathered: Gathered,
  fresh: readonly Pick<HeldEvent, 'event' | 'hash'>[],
): Promise<void> {
  const { known, rows } = gathered;
  const stretches = new Map<string, [lowest: string, highest: string]>();
  const claimed = new Set<string>();
  const note = (held: Pick<HeldEvent, 'event' | 'hash'>): void => {
    const key = claimOf(held)?.key;
    if (key === undefined || claimed.has(key)) return;
    claimed.add(key);
    // Keys of one length compare as their numbers do.
    const series = `${key.replace(/\d+$/, '')} ${key.length}`;
    const [lowest, highest] = stretches.get(series) ?? [key, key];
    stretches.set(series, [key < lowest ? key : lowest, key > highest ? key : highest]);
  };
  fresh.forEach(note);
  for (const log of known.logs.values()) log.forEach(note);
  const found = await Promise.all(
    [...stretches.values()].map(([from, to]) =>
      store.logs.where('numbers').between(from, to, true, true).toArray(),
    ),
  );
  for (const row of found.flat())
    if (!rows.has(row.agg) && row.numbers?.some((key) => claimed.has(key))) take(here, gathered, row);
  for (const log of known.logs.values()) known.claims.push(...log.flatMap((held) => claimOf(held) ?? []));
}

async function takeCounters(
  store: HallTables,
  here: Here,
  { known }: Gathered,
  arrivals: readonly Arrival[],
): Promise<void> {
  const keys = new Set<string>();
  for (const { kept } of arrivals) {
    const given = kept.event.dev === here.dev ? numberGiven(kept.event) : null;
    if (given) keys.add(given.key);
  }
  if (keys.size === 0) return;
  for (const row of await store.counters.bulkGet([...keys])) if (row) known.counters.set(row.key, row.used);
}

/** Runs that hold something of the sequence from `lo` to `hi`. A run never spans more than a page. */
export async function runsOf(
  store: HallTables,
  dev: string,
  inc: string,
  lo: number,
  hi: number,
): Promise<RunRow[]> {
  const runs = await store.runs
    .where('[dev+inc+from]')
    .between([dev, inc, lo - RUN_SPAN], [dev, inc, hi], true, true)
    .toArray();
  return runs.filter((run) => run.to >= lo);
}

/** Most sequence numbers one run may span. */
export const RUN_SPAN = 1000;

interface Span {
  dev: string;
  inc: string;
  lo: number;
  hi: number;
}

function spansOf(arrivals: readonly Arrival[]): Span[] {
  const spans = new Map<string, Span>();
  for (const { kept } of arrivals) {
    const { dev, inc, seq } = kept.event;
    const span = spans.get(`${dev}/${inc}`);
    if (!span) spans.set(`${dev}/${inc}`, { dev, inc, lo: seq, hi: seq });
    else {
      span.lo = Math.min(span.lo, seq);
      span.hi = Math.max(span.hi, seq);
    }
  }
  return [...spans.values()];
}
