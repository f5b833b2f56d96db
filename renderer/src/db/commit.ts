import type { CaseState } from '../../../shared/domain/case/case.ts';
import type { Conflict } from '../../../shared/domain/conflict.ts';
import { byPlace, placed, placeOf, type HeldEvent } from '../../../shared/sync/held-event.ts';
import { claimOf } from '../../../shared/sync/number-claims.ts';
import { pictureOf, type AggregatePicture } from '../../../shared/sync/picture.ts';
import type { Changes } from '../../../shared/sync/plan.ts';
import { caseKeys } from './find-keys.ts';
import { ROW_EVENTS, RUN_SPAN, type Gathered, type Here } from './gather.ts';
import { writeLog } from './log-text.ts';
import { readFigures, writeFigures, writeOwn, type Figures } from './positions.ts';
import type { HallTables, HeadRow, LogRow, RunRow } from './schema.ts';

/**
 * Writes what was planned, in bulk, inside the caller's transaction.
 * @param gone places that a thing's log shall no longer have. When given, nothing has arrived: what is held is only written
 * anew, and stays where it lies.
 */
export async function commit(
  store: HallTables,
  here: Here,
  gathered: Gathered,
  changes: Pick<Changes, 'events' | 'pictures' | 'own' | 'counters'>,
  gone?: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<void> {
  const { known, rows } = gathered;
  const logs = newLogs(known.logs, known.held, changes.events, gone);
  const pictures = new Map(changes.pictures.map((picture) => [picture.agg, picture]));
  const incarnations = changes.own.map(({ inc }) => inc);
  const figures = await readFigures(store);
  const puts: LogRow[] = [];
  const empty: string[] = [];
  for (const [agg, log] of logs) {
    // Not planned: what another event's arrival put out of its place, or a log that is only written anew.
    const picture = pictures.get(agg) ?? pictureOf(agg, log, incarnations, known.claims);
    if (picture) pictures.set(agg, picture);
    figures.events += log.length - (known.logs.get(agg)?.length ?? 0);
    figures.cases += Number(picture?.case !== undefined) - Number(rows.get(agg)?.when !== undefined);
    if (log.length === 0) empty.push(agg);
    else puts.push(...rowsOf(here, agg, inOrder(log, incarnations), picture));
  }
  for (const { agg } of puts) here.taken?.add(agg);
  await putConflicts(store, here, figures, pictures, [...logs.keys()]);
  // Asked for together: each wait of its own would cost a save one more way to the browser's process and back.
  await Promise.all([
    store.logs.bulkPut(puts),
    store.logs.bulkDelete(empty),
    gone ? undefined : putRuns(store, gathered.heads, changes.events),
    store.counters.bulkPut(changes.counters),
    writeFigures(store, figures),
    writeOwn(store, changes.own),
  ]);
}

/** The logs that change, whole. An event that takes another's place puts that one out of its thing's log. */
function newLogs(
  known: ReadonlyMap<string, readonly HeldEvent[]>,
  held: ReadonlyMap<string, HeldEvent>,
  events: readonly HeldEvent[],
  gone: ReadonlyMap<string, ReadonlySet<string>> = new Map(),
): Map<string, HeldEvent[]> {
  const logs = new Map<string, Map<string, HeldEvent>>();
  const logOf = (agg: string): Map<string, HeldEvent> => {
    const open =
      logs.get(agg) ?? new Map((known.get(agg) ?? []).map((event) => [placeOf(event.event), event]));
    logs.set(agg, open);
    return open;
  };
  for (const [agg, places] of gone) for (const place of places) logOf(agg).delete(place);
  for (const event of events) {
    const place = placeOf(event.event);
    const before = held.get(place);
    if (before && before.event.agg !== event.event.agg) logOf(before.event.agg).delete(place);
    logOf(event.event.agg).set(place, event);
  }
  return new Map([...logs].map(([agg, log]) => [agg, [...log.values()]]));
}

/** An aggregate's events as they are folded: the server's order first, then what is still this device's alone. */
export function inOrder(log: readonly HeldEvent[], own: readonly string[]): HeldEvent[] {
  const before = byPlace(own);
  return log
    .map((held) => ({ held, at: placed(held) }))
    .sort((a, b) => before(a.at, b.at))
    .map(({ held }) => held);
}

/**
 * A case or a ticket is folded whole and stays one row. What nobody folds (who looked at a person, what a device
 * noticed) only grows: its older events are moved to rows `<agg>#<first hash>`, so that adding one never seals thousands.
 */
function rowsOf(here: Here, agg: string, log: HeldEvent[], picture: AggregatePicture | null): LogRow[] {
  const row = (key: string, events: HeldEvent[]): LogRow => ({
    agg: key,
    sealed: here.seal.seal(writeLog(events), `logs/${key}`),
  });
  const numbers = [...new Set(log.flatMap((held) => claimOf(held)?.key ?? []))];
  if (picture?.case) return [{ ...row(agg, log), numbers, ...keysOfCase(here, picture.case, log) }];
  if (picture?.ticket)
    return [{ ...row(agg, log), numbers, ticketDay: picture.ticket.day, ticket: picture.ticket }];
  if (log.length <= ROW_EVENTS || /^(case|ticket)\//.test(agg)) return [row(agg, log)];
  const older = log.slice(0, -1);
  return [row(`${agg}#${older[0]?.hash ?? ''}`, older), row(agg, log.slice(-1))];
}

function keysOfCase(here: Here, state: CaseState, log: readonly HeldEvent[]): Partial<LogRow> {
  const { agg, acceptedAt } = state;
  const { idNumber, name } = state.applicant;
  const accepted = log.find(({ event }) => event.type === 'case.accepted');
  const slipOpen = accepted?.event.dev === here.dev && !hasSettledSlip(state);
  return {
    ...caseKeys(here.seal, { agg, acceptedAt, idNumber, name }),
    ...(slipOpen ? { slipDay: acceptedAt.slice(0, 10) } : {}),
  };
}

const hasSettledSlip = (state: CaseState): boolean =>
  Object.entries(state.sheets).some(([key, word]) => key.includes(':slip:') && word !== 'uncertain');

/** Where each event lies, and how far each device has come. */
async function putRuns(
  store: HallTables,
  heads: ReadonlyMap<string, HeadRow>,
  events: readonly HeldEvent[],
): Promise<void> {
  const runs = runsFrom(events);
  const moved: HeadRow[] = [];
  for (const run of runs) {
    const { dev, inc, from, to } = run;
    const known = heads.get(`${dev}/${inc}`);
    if (known && known.seq >= from) await swallow(store, run);
    if (!known || known.seq < to) moved.push({ dev, inc, seq: to });
  }
  await Promise.all([store.runs.bulkPut(runs), store.heads.bulkPut(moved)]);
}

function runsFrom(events: readonly HeldEvent[]): RunRow[] {
  const runs: RunRow[] = [];
  const open = new Map<string, RunRow>();
  for (const { event, cursor } of [...events].sort((a, b) => a.event.seq - b.event.seq)) {
    const { dev, inc, seq, agg } = event;
    const key = `${dev}/${inc}`;
    let run = open.get(key);
    if (!run || seq - run.from >= RUN_SPAN) {
      run = { dev, inc, from: seq, to: seq, seqs: [], aggs: [] };
      open.set(key, run);
      runs.push(run);
    }
    run.to = seq;
    run.seqs.push(seq);
    run.aggs.push(agg);
    if (cursor !== undefined) run.top = Math.max(run.top ?? 0, cursor);
  }
  return runs;
}

/** Takes into a run the smaller ones it covers: own saves that come back with their place in the hall's order. */
async function swallow(store: HallTables, run: RunRow): Promise<void> {
  const { dev, inc, from, to } = run;
  const within = await store.runs
    .where('[dev+inc+from]')
    .between([dev, inc, from], [dev, inc, to], true, true)
    .toArray();
  const covered = within.filter((other) => other.to <= to);
  const has = new Set(run.seqs);
  for (const other of covered) {
    other.seqs.forEach((seq, i) => {
      if (has.has(seq)) return;
      has.add(seq);
      run.seqs.push(seq);
      run.aggs.push(other.aggs[i] as string);
      if (other.top !== undefined) run.top = Math.max(run.top ?? 0, other.top);
    });
  }
  // One that begins at the same place but reaches farther would be overwritten: it is kept whole in this one.
  const longer = within.find((other) => other.from === from && other.to > to);
  longer?.seqs.forEach((seq, i) => {
    if (has.has(seq)) return;
    run.seqs.push(seq);
    run.aggs.push(longer.aggs[i] as string);
    run.to = Math.max(run.to, seq);
    if (longer.top !== undefined) run.top = Math.max(run.top ?? 0, longer.top);
  });
  await store.runs.bulkDelete(covered.map((other) => [dev, inc, other.from]));
}

async function putConflicts(
  store: HallTables,
  here: Here,
  figures: Figures,
  pictures: ReadonlyMap<string, AggregatePicture>,
  changed: readonly string[],
): Promise<void> {
  // A number used twice may put a conflict on a thing whose own log did not change.
  const aggs = [...new Set([...changed, ...pictures.keys()])];
  const now = aggs.flatMap((agg) => pictures.get(agg)?.conflicts ?? []);
  const before = figures.conflicts > 0 ? await store.conflicts.where('agg').anyOf(aggs).toArray() : [];
  if (now.length === 0 && before.length === 0) return;
  const kept = new Set(now.map(({ id }) => id));
  await store.conflicts.bulkDelete(before.map(({ id }) => id).filter((id) => !kept.has(id)));
  await store.conflicts.bulkPut(now.map((conflict) => conflictRow(here, conflict)));
  const open = (list: readonly { state: string }[]): number =>
    list.filter(({ state }) => state === 'open').length;
  figures.conflicts += now.length - before.length;
  figures.conflictsOpen += open(now) - open(before);
}

const conflictRow = ({ seal }: Here, conflict: Conflict) => ({
  id: conflict.id,
  agg: conflict.agg,
  state: conflict.state,
  // The note of a decision is a person's text.
  sealed: seal.seal(JSON.stringify(conflict), `conflicts/${conflict.id}`),
});
