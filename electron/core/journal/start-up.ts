import type { Author } from '../../../shared/sync/event.ts';
import { hashText } from '../../../shared/sync/hash.ts';
import type { ChainEnd } from './authoring.ts';
import type { NewIncarnation, Place } from './book.ts';
import type { RecordPlace } from './ledger.ts';
import type { Loaded } from './load.ts';

/** Either the incarnation that goes on, or why a new one must begin; neither before enrolment. */
export interface GoOn {
  author: Author | null;
  end: ChainEnd;
  begin: NewIncarnation | null;
}

const NOTHING: ChainEnd = { seq: 0, hash: '' };

/**
 * Decides at start whether the newest incarnation may count on. It may not when anything of it is missing: sequences
 * the server or the window may have seen would be used again for other events (sync.md "What decides it").
 * @param remembered how far the journal had come according to the note kept beside it, which may be late but never early
 */
export async function whereToGoOn(at: {
  loaded: Loaded;
  place: Place | null;
  remembered: { inc: string; seq: number } | null;
  eventsAt: (place: RecordPlace) => Promise<string[]>;
}): Promise<GoOn> {
  const { loaded, place, remembered, eventsAt } = at;
  const { newest, ledger } = loaded;
  const begin = (reason: NewIncarnation): GoOn => ({ author: null, end: NOTHING, begin: reason });
  if (!place) return { author: null, end: NOTHING, begin: null };
  if (remembered && remembered.seq > (ledger.branch(remembered.inc)?.last ?? 0)) {
    // An older incarnation that had lost its end was reported then; a newer one has taken over.
    if (!newest || newest.inc === remembered.inc || !ledger.branch(remembered.inc)) return begin('shortened');
  }
  if (loaded.newestDamaged) return begin('damaged');
  if (newest?.dev !== place.dev || newest.hall !== place.hall) return begin('enrolled');
  const branch = ledger.branch(newest.inc);
  if (!branch || branch.strandedFrom < Infinity) return begin('fork');
  const author: Author = { ...place, inc: newest.inc };
  const last = branch.records.at(-1);
  if (!last) return { author, end: { seq: newest.firstSeq - 1, hash: newest.prev }, begin: null };
  const texts = await eventsAt(last).catch(() => []);
  const text = texts.at(-1);
  if (text === undefined) return begin('damaged');
  return { author, end: { seq: branch.last, hash: hashText(text) }, begin: null };
}
