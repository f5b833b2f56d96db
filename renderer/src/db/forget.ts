import { STREAM_HASH_OF_NOTHING } from '../../../shared/sync/hash.ts';
import { placeOf, type HeldEvent } from '../../../shared/sync/held-event.ts';
import { checkpointsUpTo } from './checkpoints.ts';
import { openLog, runsOf, type Here } from './gather.ts';
import {
  readBackfill,
  readCheckpoints,
  readOwn,
  readStream,
  writeBackfill,
  writeCheckpoints,
  writeOwn,
  writeStream,
  type OwnPosition,
} from './positions.ts';
import { rewriteLogs } from './rewrite.ts';
import { change, type HallStore, type HallTables, type RunRow } from './schema.ts';

/** Things rewritten in one transaction. */
const BATCH = 500;
const DOUBTFUL = 'doubtful';
const REORDERING = 'reordering';

interface Place {
  agg: string;
  inc: string;
  seq: number;
}

interface Doubtful {
  places: Place[];
  own: OwnPosition[];
}

interface Ground {
  store: HallStore;
  here: Here;
}

/**
 * A new incarnation began: after a loss or a fork the journal makes its unsent events again under a new name. Notes
 * which own events of the store may be replaced by that; none is given up before the journal has been read again, see
 * {@link settleDoubtful}. The own positions begin anew, so the journal is read from its beginning, also after a crash.
 */
export async function forgetPending({ store, here }: Ground): Promise<void> {
  await change(store, async (tables) => {
    const own = await readOwn(tables);
    const runs = await ownRuns(tables, here.dev, own);
    const places: Place[] = [];
    const aggs = [...new Set(runs.filter(({ top }) => top === undefined).flatMap((run) => run.aggs))];
    for (const row of await tables.logs.bulkGet(aggs)) {
      for (const { event, cursor } of row ? openLog(here.seal, row) : [])
        if (event.dev === here.dev && cursor === undefined)
          places.push({ agg: event.agg, inc: event.inc, seq: event.seq });
    }
    const doubtful: Doubtful = { places, own };
    await tables.meta.put({ key: DOUBTFUL, value: doubtful });
    await writeOwn(tables, []);
  });
}

/**
 * After the journal was read again: what it made again under a new name replaces its older self. What the journal no
 * longer knows stays here and counts as unsent, because this may be the only place that has it.
 */
export async function settleDoubtful({ store, here }: Ground): Promise<void> {
  const doubtful = (await store.meta.get(DOUBTFUL))?.value as Doubtful | undefined;
  if (!doubtful) return;
  await change(store, async (tables) => {
    const own = await readOwn(tables);
    const stillThere = ({ inc, seq }: Place): boolean =>
      own.some((entry) => entry.inc === inc && entry.applied >= seq);
    const lost = doubtful.places.filter((place) => !stillThere(place));
    const aggs = [...new Set(lost.map(({ agg }) => agg))];
    const places = new Set(lost.map(({ inc, seq }) => placeOf({ dev: here.dev, inc, seq })));
    const kept = new Map<string, number>();
    for (const row of await tables.logs.bulkGet(aggs)) {
      const log = row ? openLog(here.seal, row) : [];
      const again = new Set(log.filter(({ event }) => !places.has(placeOf(event))).map(deed));
      for (const held of log.filter(({ event }) => places.has(placeOf(event)))) {
        const { inc, seq } = held.event;
        if (again.has(deed(held))) continue;
        places.delete(placeOf(held.event));
        kept.set(inc, Math.max(kept.get(inc) ?? 0, seq));
      }
    }
    const older = doubtful.own.filter(({ inc }) => kept.has(inc) && own.every((entry) => entry.inc !== inc));
    const next = [
      ...older.map((entry) => ({ ...entry, applied: kept.get(entry.inc) ?? entry.applied })),
      ...own.map((entry) => {
        const before = doubtful.own.find(({ inc }) => inc === entry.inc)?.acknowledged ?? 0;
        return { ...entry, acknowledged: Math.max(entry.acknowledged, Math.min(before, entry.applied)) };
      }),
    ];
    await writeOwn(tables, next);
    await rewriteLogs(tables, here, aggs, (held) => (places.has(placeOf(held.event)) ? null : held));
    await tables.meta.delete(DOUBTFUL);
  });
}

/** What an event says, whoever's incarnation says it. */
const deed = ({ event }: HeldEvent): string =>
  `${event.dev}\n${event.cmd}\n${event.type}\n${JSON.stringify(event.body)}`;

async function ownRuns(store: HallTables, dev: string, own: readonly OwnPosition[]): Promise<RunRow[]> {
  const runs = await Promise.all(
    own.map(({ inc, applied }) => runsOf(store, dev, inc, 0, Math.max(applied, 1))),
  );
  return runs.flat();
}

/**
 * The server's order is no longer the one we knew: everything up to cursor `after` is common, what came later loses its
 * place and keeps its content (sync.md: a reset renames). The position moves first and says what is still to be done, so
 * that a crash in between goes on from there, see {@link goOnReordering}.
 */
export async function forgetOrder(ground: Ground, epoch: string, after: number): Promise<void> {
  const { store, here } = ground;
  await change(store, async (tables) => {
    const { cursor } = await readStream(tables);
    const points = checkpointsUpTo(await readCheckpoints(tables), Math.min(after, cursor));
    const common = points[0] ?? { cursor: 0, streamHash: STREAM_HASH_OF_NOTHING };
    const backfill = await readBackfill(tables);
    // Nothing common is held: the tables is as new, and begins where the engine says.
    if (common.cursor === 0) await writeBackfill(tables, null);
    else if (backfill && common.cursor < backfill.before - 1)
      await writeBackfill(tables, { before: common.cursor + 1, streamHash: common.streamHash });
    await writeStream(tables, { epoch, ...common });
    await writeCheckpoints(tables, points);
    const own = await readOwn(tables);
    for (const entry of own) {
      const runs = await runsOf(tables, here.dev, entry.inc, 0, Math.max(entry.applied, 1));
      const placed = runs.filter(({ top }) => top !== undefined && top <= common.cursor);
      entry.acknowledged = Math.min(entry.applied, Math.max(0, ...placed.map(({ to }) => to)));
    }
    await writeOwn(tables, own);
    await tables.meta.put({ key: REORDERING, value: common.cursor });
  });
  await goOnReordering(ground);
}

/** Takes the places after the common one away, a batch at a time; does nothing when none is due. */
export async function goOnReordering({ store, here }: Ground): Promise<void> {
  const after = (await store.meta.get(REORDERING))?.value as number | undefined;
  if (after === undefined) return;
  for (;;) {
    const runs = await store.runs.where('top').above(after).limit(BATCH).toArray();
    if (runs.length === 0) break;
    const batch: RunRow[] = [];
    const aggs = new Set<string>();
    for (const run of runs) {
      if (aggs.size > BATCH) break;
      batch.push(run);
      run.aggs.forEach((agg) => aggs.add(agg));
    }
    await change(store, async (tables) => {
      const placed = new Set<string>();
      await rewriteLogs(tables, here, [...aggs], (held) => {
        if (held.cursor !== undefined && held.cursor <= after) placed.add(placeOf(held.event));
        if (held.cursor === undefined || held.cursor <= after) return held;
        const { event, bytes, hash, sig } = held;
        return sig === undefined ? { event, bytes, hash } : { event, bytes, hash, sig };
      });
      await tables.runs.bulkPut(batch.flatMap((run) => split(run, placed, after)));
    });
  }
  await store.meta.delete(REORDERING);
}

/** A run that straddles the common place becomes two: what keeps its place, and what lost it. */
function split({ dev, inc, seqs, aggs }: RunRow, placed: ReadonlySet<string>, after: number): RunRow[] {
  const part = (isPlaced: boolean): RunRow[] => {
    const kept = seqs.flatMap((seq, i) =>
      placed.has(placeOf({ dev, inc, seq })) === isPlaced ? [{ seq, agg: aggs[i] as string }] : [],
    );
    if (kept.length === 0) return [];
    const numbers = kept.map(({ seq }) => seq);
    return [
      {
        dev,
        inc,
        from: Math.min(...numbers),
        to: Math.max(...numbers),
        ...(isPlaced ? { top: after } : {}),
        seqs: numbers,
        aggs: kept.map(({ agg }) => agg),
      },
    ];
  };
  return [...part(true), ...part(false)];
}
