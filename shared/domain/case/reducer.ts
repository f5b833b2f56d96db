import { foldable, record, type FoldEvent } from '../fold-event.ts';
import { isAcceptedBody } from './accepted-body.ts';
import type { CaseConflict, CaseState } from './case.ts';

type Ending = NonNullable<CaseState['finished']>;

/** What is known on the way; an end or a sheet may stand in the log before the acceptance. */
interface Folding {
  state: CaseState | null;
  finished: Ending | null;
  sheets: CaseState['sheets'];
  conflict: '' | CaseConflict;
  conflictWith: string;
}

/**
 * A case from its events, in the order given: the server's order first, then what is still this device's
 * alone. Total and deterministic: it never throws, events it cannot read are counted in `ignored`, events
 * that contradict leave the first fact standing and set `conflict`; only the first conflict is kept.
 * @returns null while no event says that the case was accepted
 */
export function foldCase(log: readonly FoldEvent[]): CaseState | null {
  const { events, malformed } = foldable(log);
  const agg = events.find((event) => event.type.startsWith('case.'))?.agg ?? '';
  const folding: Folding = { state: null, finished: null, sheets: {}, conflict: '', conflictWith: '' };
  let ignored = malformed;
  for (const event of events) {
    if (!apply(folding, agg, event)) ignored += 1;
  }
  if (folding.state === null) return null;
  return {
    ...folding.state,
    sheets: folding.sheets,
    conflict: folding.conflict,
    ...(folding.conflict === '' ? {} : { conflictWith: folding.conflictWith }),
    ...(folding.finished === null ? {} : { status: 'finished' as const, finished: folding.finished }),
    ...(ignored > 0 ? { ignored } : {}),
  };
}

function apply(folding: Folding, agg: string, event: FoldEvent): boolean {
  const body = record(event.body);
  if (event.typeV !== 1 || body === null) return false;
  if (event.type === 'sheet.settled') return settleSheet(folding, agg, body);
  if (event.agg !== agg) return false;
  if (event.type === 'case.accepted') return accept(folding, event);
  if (event.type === 'case.finished') return finish(folding, event, body);
  return false;
}

function accept(folding: Folding, event: FoldEvent): boolean {
  if (!isAcceptedBody(event.body)) return false;
  if (folding.state !== null) {
    contradict(folding, 'accepted-twice', event.dev);
    return true;
  }
  if (folding.finished !== null) contradict(folding, 'finished-before-accepted', event.dev);
  folding.state = {
    ...event.body,
    agg: event.agg,
    acceptedAt: event.at,
    acceptedBy: event.user,
    station: event.station,
    dev: event.dev,
    status: 'accepted',
    sheets: {},
    conflict: '',
  };
  return true;
}

function finish(folding: Folding, event: FoldEvent, body: Record<string, unknown>): boolean {
  const { result, text } = body;
  if ((result !== 'approved' && result !== 'refused') || typeof text !== 'string') return false;
  if (folding.finished === null) folding.finished = { result, text, at: event.at, by: event.user };
  else if (folding.finished.result !== result) contradict(folding, 'finished-differently', event.dev);
  return true;
}

/** A sheet belongs to the case its key names, whatever aggregate it was filed under. */
function settleSheet(folding: Folding, agg: string, body: Record<string, unknown>): boolean {
  const { key, state } = body;
  if (typeof key !== 'string' || !key.startsWith(`${agg}:`) || !isSheetState(state)) return false;
  folding.sheets = { ...folding.sheets, [key]: state };
  return true;
}

function contradict(folding: Folding, conflict: CaseConflict, dev: string): void {
  if (folding.conflict !== '') return;
  folding.conflict = conflict;
  folding.conflictWith = dev;
}

function isSheetState(value: unknown): value is CaseState['sheets'][string] {
  return value === 'printed' || value === 'handed-over' || value === 'uncertain' || value === 'resolved';
}
