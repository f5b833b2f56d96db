import type { Action } from './clerk.ts';
import { HALL, type Hall } from './hall.ts';
import type { Machine } from './machine.ts';
import type { ModelEvent } from './model-server.ts';
import { canonicalJson, type Json } from '../../../shared/sync/canonical-json.ts';
import type { HeldEvent } from '../../../shared/sync/held-event.ts';
import { claimOf } from '../../../shared/sync/number-claims.ts';
import { pictureOf, type AggregatePicture } from '../../../shared/sync/picture.ts';
import { nextStreamHash, STREAM_HASH_OF_NOTHING } from '../../../shared/sync/hash.ts';

/** Everything that must hold a minute after everything works again. */
export function checkAtTheEnd(hall: Hall): void {
  const { events } = hall.house.model.hall(HALL);
  checkStream(hall, events);
  checkActions(hall, events);
  const truth = pictures(events);
  checkNumbers(hall, events, truth);
  checkConflicts(hall, events, truth);
  const texts = new Map([...truth].map(([agg, picture]) => [agg, textOf(picture)]));
  for (const machine of hall.machines) checkMachine(hall, machine, events, texts);
}

/** S1, S3, S4, C4: the server's own log is one. */
function checkStream(hall: Hall, events: readonly ModelEvent[]): void {
  let streamHash = STREAM_HASH_OF_NOTHING;
  const heads = new Map<string, { seq: number; hash: string }>();
  events.forEach(({ kept, cursor, streamHash: said }, i) => {
    streamHash = nextStreamHash(streamHash, kept.hash);
    if (cursor !== i + 1) hall.fail('S1', `cursor ${cursor} in place ${i + 1}`);
    if (streamHash !== said) hall.fail('S4', `stream hash at ${cursor}`);
    const { dev, inc, seq, prev } = kept.event;
    const head = heads.get(`${dev}/${inc}`) ?? { seq: 0, hash: '' };
    if (seq !== head.seq + 1 || prev !== head.hash)
      hall.fail('S3', `${inc.slice(0, 4)}/${seq} after ${head.seq}`);
    heads.set(`${dev}/${inc}`, { seq, hash: kept.hash });
  });
}

/** O1: every action shown as saved is on the server exactly once, and no action is there in part or twice. */
function checkActions(hall: Hall, events: readonly ModelEvent[]): void {
  const byCmd = new Map<string, ModelEvent[]>();
  for (const event of events) {
    const list = byCmd.get(event.kept.event.cmd) ?? [];
    list.push(event);
    byCmd.set(event.kept.event.cmd, list);
  }
  for (const action of hall.actions) {
    const there = (byCmd.get(action.cmd) ?? []).map(({ kept }) => meaning(kept.event));
    const meant = action.drafts.map(meaning);
    if (there.length === 0) {
      if (action.saved && action.excuse === '') hall.fail('O1 lost', describe(action));
    } else if (there.length > meant.length) hall.fail('O1 twice', describe(action));
    else if (there.length < meant.length) hall.fail('O1 in part', describe(action));
    else if (there.join('\n') !== meant.join('\n')) hall.fail('O1 changed', describe(action));
  }
}

const meaning = ({ type, agg, body }: { type: string; agg: string; body: { [key: string]: Json } }): string =>
  canonicalJson({ type, agg, body });
const describe = ({ cmd, drafts }: Action): string => `${cmd} (${drafts.map(({ type }) => type).join(', ')})`;

/**
 * P2: no number is given out twice, except where a disk was copied, put back or lost in every place; and where it is,
 * everybody is shown a conflict.
 */
function checkNumbers(
  hall: Hall,
  events: readonly ModelEvent[],
  truth: ReadonlyMap<string, AggregatePicture>,
): void {
  const given = new Map<string, ModelEvent>();
  for (const event of events) {
    const { type, body, cmd, agg } = event.kept.event;
    const no = type === 'ticket.taken' ? body['no'] : type === 'case.accepted' ? body['caseNo'] : undefined;
    if (typeof no !== 'string') continue;
    const before = given.get(no)?.kept;
    given.set(no, event);
    if (!before || before.event.cmd === cmd) continue;
    if (!hall.copied) hall.fail('P2', `${no} by ${before.event.cmd} and ${cmd}`);
    const listed = truth.get(agg)?.conflicts.some(({ mine }) => mine === event.kept.hash);
    if (!listed) hall.fail('O4 silent', `${no} given twice, by ${before.event.cmd} and ${cmd}`);
  }
}

/** O4: each conflict can be shown with both versions, and a number called at two windows at once is always one. */
function checkConflicts(
  hall: Hall,
  events: readonly ModelEvent[],
  truth: ReadonlyMap<string, AggregatePicture>,
): void {
  const held = new Set(events.map(({ kept }) => kept.hash));
  for (const { agg, conflicts } of truth.values())
    for (const { mine, theirs } of conflicts)
      if (!held.has(mine) || (theirs !== '' && !held.has(theirs)))
        hall.fail('O4 versions', `${agg}: a version is on no server`);
  // Read off the log without any of the product's rules: called here, and the next word on it is a call from elsewhere.
  const last = new Map<string, ModelEvent>();
  const at = new Map(events.map(({ kept, cursor }) => [kept.hash, cursor]));
  for (const event of events) {
    const { agg, type, body, seen } = event.kept.event;
    if (!agg.startsWith('ticket/')) continue;
    const before = last.get(agg);
    last.set(agg, event);
    const isCall = before?.kept.event.type === 'ticket.called' && type === 'ticket.called';
    const seenAt = at.get(seen.last) ?? 0;
    // Who had seen something later than that call answered to it; after a fail-over the order may say otherwise.
    if (!isCall || before.kept.event.body['station'] === body['station'] || seenAt >= before.cursor) continue;
    const picture = truth.get(agg);
    // Where a person has decided or one conflict stands on another, which of them is named is the planner's affair.
    if (picture?.conflicts.length === 0) hall.fail('O4 silent', `${agg} called at two windows`);
  }
}

/** What a fresh fold of the server's log shows. */
export function pictures(events: readonly ModelEvent[]): Map<string, AggregatePicture> {
  const held = events.map(({ kept, cursor }): HeldEvent => ({ ...kept, cursor }));
  const claims = held.flatMap((each) => claimOf(each) ?? []);
  const logs = new Map<string, HeldEvent[]>();
  for (const each of held) {
    const log = logs.get(each.event.agg) ?? [];
    log.push(each);
    logs.set(each.event.agg, log);
  }
  const shown = new Map<string, AggregatePicture>();
  for (const [agg, log] of logs) {
    const picture = pictureOf(agg, log, [], claims);
    if (picture) shown.set(agg, picture);
  }
  return shown;
}

const textOf = (picture: AggregatePicture): string =>
  canonicalJson(JSON.parse(JSON.stringify(picture)) as Json);

/** O2, O3 and the honest light of one PC. */
function checkMachine(
  hall: Hall,
  machine: Machine,
  events: readonly ModelEvent[],
  truth: Map<string, string>,
): void {
  const fail = (what: string, text: string): void => hall.fail(what, `${machine.name}: ${text}`);
  const core = machine.core();
  const window = machine.window();
  if (!core || !window) {
    fail('O3 dead', `core ${core !== null}, window ${window !== null}`);
    return;
  }
  if (machine.unsent() > 0) fail('O3 wedged', `${machine.unsent()} unsent`);
  const { phase, error } = window.engine.status();
  if (phase === 'offline' || phase === 'refused') fail('O3 wedged', `engine is ${phase}, ${error}`);
  const shown = machine.shown();
  const waiting = shown.own.reduce((sum, { applied, acknowledged }) => sum + applied - acknowledged, 0);
  if (waiting !== 0) fail('O3 light', `${waiting} shown as unsent`);
  if (shown.stream.cursor !== events.length) fail('O2 behind', `${shown.stream.cursor} of ${events.length}`);
  else if (shown.stream.streamHash !== (events.at(-1)?.streamHash ?? STREAM_HASH_OF_NOTHING))
    fail('O2 stream', 'another stream hash');
  const there = new Map(events.map(({ kept, cursor }) => [kept.hash, cursor]));
  for (const row of shown.events.values()) {
    const cursor = there.get(row.hash);
    if (cursor === undefined) fail('O2 pending', `${row.event.cmd} ${row.event.type} is only here`);
    else if (cursor !== row.cursor) fail('O2 order', `${row.event.cmd} at ${row.cursor}, really ${cursor}`);
  }
  if (shown.events.size !== events.length) fail('O2 events', `${shown.events.size} of ${events.length}`);
  const mine = new Map([...shown.pictures].map(([agg, picture]) => [agg, textOf(picture)]));
  for (const agg of new Set([...truth.keys(), ...mine.keys()]))
    if (truth.get(agg) !== mine.get(agg)) fail('O2 state', agg);
}
