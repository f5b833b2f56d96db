import { causalOrder } from './causal-order.ts';
import type { Conflict, StaleNote } from './conflict.ts';
import { readDecision, settlements } from './decisions.ts';
import type { FoldEvent } from './fold-event.ts';
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

/** An event of which nothing was applied, and the state as its own device has believed it since. */
interface Branch<S> {
  event: FoldEvent;
  conflict: Conflict;
  believed: S;
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
  const heard = new Map<string, FoldEvent>();
  const branches = new Map<string, Branch<S>>();
  const conflicts = new Map<string, Conflict>();
  const counted: FoldEvent[] = [];
  const decisions: FoldEvent[] = [];
  const isMadeAgain = deedsMadeAgain();
  const lists = { conflicts: [], stale: [], unread: [], waiting: [], counted: [], repeated: [] };
  const folded: Folded<S> = { state: rules.blank(agg), ...lists };

  const isSettled = (id: string): boolean => heard.has(settled.get(id)?.from ?? '');
  const secondCounts = (id: string): boolean =>
    isSettled(id) && settled.get(id)?.decision.choice === 'second';

  function apply(event: FoldEvent): void {
    folded.state = rules.evolve(folded.state, event);
    counted.push(event);
  }

  function note(event: FoldEvent): void {
    const unseen = unseenBy(event, counted);
    if (unseen.length > 0) folded.stale.push({ id: event.hash, agg, event: event.hash, unseen });
  }

  /** The undecided conflict an event builds on, where its device believed its own side. */
  function branchOf(event: FoldEvent): Branch<S> | null {
    const last = [...branches.values()].findLast((branch) => branch.event.dev === event.dev);
    if (!last || isSettled(last.conflict.follows ?? last.conflict.id)) return null;
    return rules.judge(last.believed, event) === 'applies' ? last : null;
  }

  function list(event: FoldEvent, clash: Clash, follows?: string): Conflict {
    const conflict: Conflict = {
      id: event.hash,
      agg,
      kind: clash.conflict,
      mine: event.hash,
      theirs: clash.theirs,
      base: event.seen?.last ?? '',
      ...(follows === undefined ? {} : { follows }),
      state: 'open',
    };
    conflicts.set(conflict.id, conflict);
    return conflict;
  }

  function contradict(event: FoldEvent, clash: Clash): void {
    const onTop = branchOf(event);
    const conflict = list(event, clash, onTop?.conflict.follows ?? onTop?.conflict.id);
    const believed = rules.evolve(onTop?.believed ?? folded.state, event);
    branches.set(event.hash, { event, conflict, believed });
    // The decision may stand before what it decides, where a restored server learnt of them the other way round.
    if (secondCounts(event.hash)) letCount(event.hash);
  }

  /** From here on the second counts, and with it what its device did on top. */
  function letCount(id: string): void {
    for (const { event, conflict } of branches.values()) {
      if (conflict.id === id) apply(event);
      if (conflict.follows !== id || settled.has(conflict.id)) continue;
      if (rules.judge(folded.state, event) === 'applies') apply(event);
      // By now something else stands in its way: that is a question of its own.
      else delete conflict.follows;
    }
  }

  function take(event: FoldEvent, verdict: Verdict): void {
    if (verdict === 'unreadable') folded.unread.push(event.hash);
    else if (verdict === 'applies') {
      note(event);
      apply(event);
      const clash = elsewhere(event);
      if (clash) list(event, clash);
    } else if (verdict === 'repeats') folded.repeated.push(event.hash);
    else contradict(event, verdict);
  }

  function settle(event: FoldEvent): void {
    const id = readDecision(event)?.conflict;
    if (id === undefined) folded.unread.push(event.hash);
    else {
      note(event);
      counted.push(event);
      decisions.push(event);
      if (branches.has(id) && secondCounts(id) && settled.get(id)?.from === event.hash) letCount(id);
    }
  }

  for (const raw of ordered) {
    heard.set(raw.hash, raw);
    const event = upcast(raw);
    if (event === null) folded.unread.push(raw.hash);
    else if (event.type === 'conflict.decided') settle(event);
    else take(event, isMadeAgain(event) ? 'repeats' : rules.judge(folded.state, event));
  }
  for (const conflict of conflicts.values()) {
    const settlement = settled.get(conflict.id) ?? settled.get(conflict.follows ?? '');
    if (settlement) Object.assign(conflict, { state: 'decided', decision: settlement.decision });
    // Nothing can contradict what has not begun: its beginning has still to come.
    if (rules.exists(folded.state)) folded.conflicts.push(conflict);
    else folded.waiting.push(conflict.mine);
  }
  folded.counted.push(...counted.map(({ hash }) => hash));
  folded.waiting.push(
    ...decisions
      .filter((event) => !conflicts.has(readDecision(event)?.conflict ?? ''))
      .map(({ hash }) => hash),
  );
  return folded;
}

/**
 * After a fork or a loss a device makes its unsent events again in a new incarnation. Where both arrived, the second
 * is no new deed.
 */
function deedsMadeAgain(): (event: FoldEvent) => boolean {
  const first = new Map<string, FoldEvent>();
  return (event) => {
    if (event.cmd === undefined || event.cmd === '') return false;
    const deed = `${event.dev}\n${event.cmd}\n${event.type}`;
    const known = first.get(deed);
    if (!known) first.set(deed, event);
    return (
      known !== undefined &&
      known.inc !== event.inc &&
      JSON.stringify(known.body) === JSON.stringify(event.body)
    );
  };
}
