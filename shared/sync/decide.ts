import { CASE_RULES } from '../domain/case/reducer.ts';
import { isEventType, VERSIONS } from '../domain/events.ts';
import { foldable, type FoldEvent } from '../domain/fold-event.ts';
import { foldLog, type Rules, type Verdict } from '../domain/fold-log.ts';
import { TICKET_RULES } from '../domain/ticket/reducer.ts';
import { byPlace, placed, type HeldEvent } from './held-event.ts';
import { foldEventOf } from './picture.ts';

/** What somebody wants to make happen, before it has. */
export interface Wish {
  type: string;
  body: unknown;
  station: string;
  dev: string;
}

export type Answer =
  | { ok: true }
  /** `reason` is the kind of conflict it would be; `by` the station that stands in the way, '' when none does. */
  | { ok: false; reason: string; by: string };

/**
 * Whether a command may happen: judged by the same rules as the fact it would become, so that what is granted is no
 * conflict afterwards.
 * @param log all events of the aggregate, in any order
 */
export function decide(log: readonly HeldEvent[], wish: Wish): Answer {
  const kind = wish.type.slice(0, wish.type.indexOf('.'));
  const before = byPlace([]);
  const held = [...log].sort((a, b) => before(placed(a), placed(b)));
  const { events } = foldable(held.map(foldEventOf));
  const agg = events[0]?.agg ?? `${kind}/`;
  const { type, body, station, dev } = wish;
  const typeV = isEventType(type) ? VERSIONS[type] : 0;
  const event = { type, typeV, body, station, dev, agg, at: '', user: '', hash: 'wish' };
  const verdict =
    kind === 'ticket'
      ? judged(TICKET_RULES, events, event)
      : kind === 'case'
        ? judged(CASE_RULES, events, event)
        : 'applies';
  if (verdict === 'applies' || verdict === 'repeats') return { ok: true };
  if (verdict === 'unreadable') return { ok: false, reason: 'unreadable', by: '' };
  const holder = events.find(({ hash }) => hash === verdict.theirs);
  return { ok: false, reason: verdict.conflict, by: holder?.station ?? '' };
}

function judged<S>(rules: Rules<S>, log: readonly FoldEvent[], event: FoldEvent): Verdict {
  const { state } = foldLog(rules, event.agg, log);
  const verdict = rules.judge(state, event);
  // What it is about is not known here: its beginning may still be on its way from the device that asks.
  return typeof verdict === 'object' && !rules.exists(state) ? 'applies' : verdict;
}
