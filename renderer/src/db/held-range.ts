import type { DonatedEvent, WantedRange } from '../../../shared/contract/central.ts';
import { openLog, runsOf, type Here } from './gather.ts';
import type { HallStore, LogRow } from './schema.ts';

/** Held events of a stretch of one device's sequence, ascending; it ends where one is missing. */
export async function heldRange(
  store: HallStore,
  { seal }: Here,
  { dev, inc, from, to }: WantedRange,
): Promise<DonatedEvent[]> {
  const within = (seq: number): boolean => seq >= from && seq <= to;
  const runs = await runsOf(store, dev, inc, from, to);
  const aggs = new Set(runs.flatMap((run) => run.aggs.filter((_, i) => within(run.seqs[i] as number))));
  const rows = await store.logs.bulkGet([...aggs]);
  const found = new Map<number, DonatedEvent>();
  for (const row of [...rows, ...(await overflowOf(store, [...aggs]))]) {
    for (const { event, bytes, hash, sig } of row ? openLog(seal, row) : []) {
      if (event.dev === dev && event.inc === inc && within(event.seq))
        found.set(event.seq, sig === undefined ? { bytes, hash } : { bytes, hash, sig });
    }
  }
  const range: DonatedEvent[] = [];
  for (let event = found.get(from); event; event = found.get(from + range.length)) range.push(event);
  return range;
}

/** Rows into which the older events of things that only grow were moved. */
async function overflowOf(store: HallStore, aggs: readonly string[]): Promise<LogRow[]> {
  const growing = aggs.filter((agg) => !/^(case|ticket)\//.test(agg));
  const rows = await Promise.all(
    growing.map((agg) => store.logs.where('agg').between(`${agg}#`, `${agg}#\uffff`).toArray()),
  );
  return rows.flat();
}
