import { foldable, record, type FoldEvent } from '../fold-event.ts';
import { foldLog, type Clash, type Folded, type Rules } from '../fold-log.ts';
import { isAcceptedBody, readerParts } from './accepted-body.ts';
import type { CaseConflict, CaseState } from './case.ts';

/** A case with the events that made it what it is; sheets may stand in the log before the acceptance. */
interface Folding {
  agg: string;
  accepted: Omit<CaseState, 'sheets' | 'steps' | 'finished' | 'conflict' | 'status'> | null;
  acceptedHash: string;
  finished: NonNullable<CaseState['finished']> | null;
  finishedHash: string;
  steps: NonNullable<CaseState['steps']>;
  sheets: CaseState['sheets'];
}

const clash = (conflict: CaseConflict, theirs: string): Clash => ({ conflict, theirs });

/** A case's rules: accepted once, moved on while it is open, ended once. What came out of the printer is always true. */
export const CASE_RULES: Rules<Folding> = {
  blank: (agg) => ({
    agg,
    accepted: null,
    acceptedHash: '',
    finished: null,
    finishedHash: '',
    steps: [],
    sheets: {},
  }),
  exists: ({ accepted }) => accepted !== null,

  judge(folding, event) {
    const body = record(event.body);
    if (body === null) return 'unreadable';
    // A sheet belongs to the case its key names, whatever aggregate it was filed under.
    if (event.type === 'sheet.settled') return isSheetOf(folding.agg, body) ? 'applies' : 'unreadable';
    if (event.agg !== folding.agg) return 'unreadable';
    const { accepted, acceptedHash, finished, finishedHash } = folding;
    switch (event.type) {
      case 'case.accepted':
        if (!isAcceptedBody(body)) return 'unreadable';
        return accepted === null ? 'applies' : clash('accepted-twice', acceptedHash);
      case 'case.stepped':
        if (typeof body['step'] !== 'string' || typeof body['text'] !== 'string') return 'unreadable';
        if (accepted === null) return clash('stepped-before-accepted', '');
        return finished === null ? 'applies' : clash('stepped-after-end', finishedHash);
      case 'case.finished':
        if (!isEnding(body)) return 'unreadable';
        if (accepted === null) return clash('finished-before-accepted', '');
        if (finished === null) return 'applies';
        return finished.result === body['result'] ? 'repeats' : clash('finished-differently', finishedHash);
      default:
        return 'unreadable';
    }
  },

  evolve(folding, event) {
    const { hash, at, user: by } = event;
    const body = event.body as Record<string, string>;
    switch (event.type) {
      case 'case.accepted': {
        const { agg, station, dev } = event;
        const accepted = { ...readerParts(event.body), agg, acceptedAt: at, acceptedBy: by, station, dev };
        return { ...folding, accepted, acceptedHash: hash };
      }
      case 'case.stepped': {
        const { step = '', text = '' } = body;
        return { ...folding, steps: [...folding.steps, { step, text, at, by }] };
      }
      case 'case.finished': {
        const { text = '' } = body;
        const result = body['result'] as 'approved' | 'refused';
        return { ...folding, finished: { result, text, at, by }, finishedHash: hash };
      }
      default: {
        const { key = '' } = body;
        const state = body['state'] as CaseState['sheets'][string];
        return { ...folding, sheets: { ...folding.sheets, [key]: state } };
      }
    }
  },
};

/**
 * A case from its events, in the order given. Total and deterministic: it never throws, and events it cannot read are
 * counted in `ignored`.
 * @returns null while no event says that the case was accepted
 */
export function foldCase(log: readonly FoldEvent[]): CaseState | null {
  const { events, malformed } = foldable(log);
  const agg = events.find((event) => event.type.startsWith('case.'))?.agg ?? '';
  const folded = foldLog(CASE_RULES, agg, events);
  return caseOf(folded, events, folded.unread.length + malformed);
}

/** @param unread how many events of the log nobody could read */
export function caseOf(
  { state, conflicts }: Folded<Folding>,
  log: readonly FoldEvent[],
  unread: number,
): CaseState | null {
  const { accepted, finished, steps, sheets } = state;
  if (accepted === null) return null;
  const open = conflicts.find((conflict) => conflict.state === 'open');
  const mine = log.find(({ hash }) => hash === open?.mine);
  return {
    ...accepted,
    status: finished === null ? 'accepted' : 'finished',
    sheets,
    conflict: (open?.kind ?? '') as CaseState['conflict'],
    ...(mine ? { conflictWith: mine.dev } : {}),
    ...(steps.length > 0 ? { steps } : {}),
    ...(finished === null ? {} : { finished }),
    ...(unread > 0 ? { ignored: unread } : {}),
  };
}

function isEnding({ result, text }: Record<string, unknown>): boolean {
  return (result === 'approved' || result === 'refused') && typeof text === 'string';
}

function isSheetOf(agg: string, { key, state }: Record<string, unknown>): boolean {
  return typeof key === 'string' && key.startsWith(`${agg}:`) && isSheetState(state);
}

function isSheetState(value: unknown): value is CaseState['sheets'][string] {
  return value === 'printed' || value === 'handed-over' || value === 'uncertain' || value === 'resolved';
}
