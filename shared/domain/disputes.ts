import type { Conflict } from './conflict.ts';
import type { Settlement } from './decisions.ts';
import type { FoldEvent } from './fold-event.ts';
import type { Clash, Rules } from './fold-log.ts';

/** An event of which nothing was applied, and the state as its own device has believed it since. */
interface Branch<S> {
  event: FoldEvent;
  conflict: Conflict;
  believed: S;
}

/** The conflicts of one aggregate while it is folded. */
export interface Disputes<S> {
  /** An event that counts and collides with something outside of its aggregate. */
  list(event: FoldEvent, clash: Clash): void;
  /** An event of which nothing is applied. */
  contradict(event: FoldEvent, clash: Clash, state: S): void;
  /**
   * Applies what lost, and what its device did on top as far as it still fits; what does not is a question of its own.
   */
  letCount(id: string, fits: (event: FoldEvent) => boolean, apply: (event: FoldEvent) => void): void;
  /** In the order of their events, with what was decided on them. */
  all(): Conflict[];
}

/**
 * Keeps what contradicts apart. A window that called a number another had called goes on with it: what it does then
 * contradicts as well, although it is no new disagreement. So each device's side is kept as it believes it, and what
 * fits there follows the first conflict and is settled with it.
 * @param decided what persons have decided: at all, and as far as the fold has come
 */
export function openDisputes<S>(
  rules: Rules<S>,
  agg: string,
  decided: { settlement: (id: string) => Settlement | undefined; isSettled: (id: string) => boolean },
): Disputes<S> {
  const conflicts = new Map<string, Conflict>();
  const branches = new Map<string, Branch<S>>();

  function list(event: FoldEvent, { conflict: kind, theirs }: Clash, follows?: string): Conflict {
    const base = event.seen?.last ?? '';
    const conflict: Conflict = { id: event.hash, agg, kind, mine: event.hash, theirs, base, state: 'open' };
    if (follows !== undefined) conflict.follows = follows;
    conflicts.set(conflict.id, conflict);
    return conflict;
  }

  /** The undecided conflict an event builds on. */
  function branchUnder(event: FoldEvent): Branch<S> | null {
    const last = [...branches.values()].findLast((branch) => branch.event.dev === event.dev);
    if (!last || decided.isSettled(last.conflict.follows ?? last.conflict.id)) return null;
    return rules.judge(last.believed, event) === 'applies' ? last : null;
  }

  return {
    list: (event, clash) => void list(event, clash),
    contradict(event, clash, state) {
      const under = branchUnder(event);
      const conflict = list(event, clash, under?.conflict.follows ?? under?.conflict.id);
      const believed = rules.evolve(under?.believed ?? state, event);
      branches.set(event.hash, { event, conflict, believed });
    },
    letCount(id, fits, apply) {
      const root = branches.get(id);
      if (!root) return;
      apply(root.event);
      for (const { event, conflict } of branches.values()) {
        if (conflict.follows !== id || decided.settlement(conflict.id)) continue;
        if (fits(event)) apply(event);
        else delete conflict.follows;
      }
    },
    all() {
      for (const conflict of conflicts.values()) {
        const settlement = decided.settlement(conflict.id) ?? decided.settlement(conflict.follows ?? '');
        if (settlement) Object.assign(conflict, { state: 'decided', decision: settlement.decision });
      }
      return [...conflicts.values()];
    },
  };
}
