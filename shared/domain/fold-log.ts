import { causalOrder } from './causal-order.ts';
import type { Conflict, StaleNote } from './conflict.ts';
import { readDecision, settlements } from './decisions.ts';
import { openDisputes } from './disputes.ts';
import type { FoldEvent } from './fold-event.ts';
import { deedsMadeAgain } from './made-again.ts';
import { unseenBy } from './stale.ts';
import { upcast } from './upcast.ts';

/** A precondition that failed. `theirs` is the hash of what stands in the way, '' when what is needed never happened. */
export interface Clash {
  conflict: string;
  theirs: string;
}

/** What an event means, judged against everything before it. `repeats`: true, and said already. */
export type Verdict = 'applies' | 'repeats' | 'unreadable' | Clash;

/** The meaning of one kind of aggregate, with deciding and applying apart (decide, evolve). All of it is pure. */
export interface Rules<S> {
  blank(agg: string): S;
  judge(state: S, event: FoldEvent): Verdict;
  /** Applies an event that was judged to apply, or that a person decided shall count. */
  evolve(state: S, event: FoldEvent): S;
  /** Whether the thing has begun to exist; before that nothing can be said to contradict. */
  exists(state: S): boolean;
}

export interface Folded<S> {
  state: S;
  conflicts: Conflict[];
  stale: StaleNote[];
  /** Hashes of events this version cannot read: kept, and shown as "needs update". */
  unread: string[];
  /** Hashes of events about something that is not here: a thing not begun, a conflict not known. */
  waiting: string[];
  /** Hashes of events whose effect counts, and of those that say again what was said. */
  counted: string[];
  repeated: string[];
}

/**
 * Folds the log of one aggregate. Every event is judged against the state that all before it have made, and applies,
 * repeats what was said, or is in conflict; then nothing of it is applied until a person decides. Total and
 * deterministic: equal logs give equal pictures everywhere (S7).
 * @param log in order: the server's first, then what is pending
 * @param elsewhere what an event that applies collides with outside of its aggregate: it counts, and is in conflict
 */
export function foldLog<S>(
  rules: Rules<S>,
  agg: string,
  log: readonly FoldEvent[],
  elsewhere: (event: FoldEvent) => Clash | null = () => null,
): Folded<S> {
  const ordered = causalOrder(log);
  const settled = settlements(ordered);
  const heard = new Set<string>();
  const counted: FoldEvent[] = [];
  const decisions: { hash: string; on: string }[] = [];
  const isMadeAgain = deedsMadeAgain();
  const lists = { conflicts: [], stale: [], unread: [], waiting: [], counted: [], repeated: [] };
  const folded: Folded<S> = { state: rules.blank(agg), ...lists };
  const disputes = openDisputes(rules, agg, {
    isSettled: (id) => heard.has(settled.get(id)?.from ?? ''),
    settlement: (id) => settled.get(id),
  });

  function apply(event: FoldEvent): void {
    folded.state = rules.evolve(folded.state, event);
    counted.push(event);
  }

  function note(event: FoldEvent): void {
    const unseen = unseenBy(event, counted);
    if (unseen.length > 0) folded.stale.push({ id: event.hash, agg, event: event.hash, unseen });
  }

  /** Where a person has decided so, the second counts from here, and with it what its device did on top. */
  function letCount(id: string): void {
    const { choice } = settled.get(id)?.decision ?? {};
    if (choice !== 'second' || !heard.has(settled.get(id)?.from ?? '')) return;
    disputes.letCount(id, (event) => rules.judge(folded.state, event) === 'applies', apply);
  }

  function take(event: FoldEvent, verdict: Verdict): void {
    if (verdict === 'unreadable') folded.unread.push(event.hash);
    else if (verdict === 'repeats') folded.repeated.push(event.hash);
    else if (verdict === 'applies') {
      note(event);
      apply(event);
      const clash = elsewhere(event);
      if (clash) disputes.list(event, clash);
    } else {
      disputes.contradict(event, verdict, folded.state);
      // The decision may stand before what it decides, where a restored server learnt of them the other way round.
      letCount(event.hash);
    }
  }

  function settle(event: FoldEvent): void {
    const id = readDecision(event)?.conflict;
    if (id === undefined) {
      folded.unread.push(event.hash);
      return;
    }
    note(event);
    counted.push(event);
    decisions.push({ hash: event.hash, on: id });
    if (settled.get(id)?.from === event.hash) letCount(id);
  }

  for (const raw of ordered) {
    heard.add(raw.hash);
    const event = upcast(raw);
    if (event === null) folded.unread.push(raw.hash);
    else if (event.type === 'conflict.decided') settle(event);
    else take(event, isMadeAgain(event) ? 'repeats' : rules.judge(folded.state, event));
  }
  const conflicts = disputes.all();
  const known = new Set(conflicts.map(({ id }) => id));
  // Nothing can contradict what has not begun: its beginning has still to come.
  if (rules.exists(folded.state)) folded.conflicts.push(...conflicts);
  else folded.waiting.push(...known);
  folded.waiting.push(...decisions.filter(({ on }) => !known.has(on)).map(({ hash }) => hash));
  folded.counted.push(...counted.map(({ hash }) => hash));
  return folded;
}
