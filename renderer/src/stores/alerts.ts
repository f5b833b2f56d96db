import type { Output } from '../../../shared/contract/index.ts';
import type { Evidence } from '../db/sync-views.ts';
import type { Tone } from './strip.ts';

/** One thing a person should see to: a word for the bar (`alertShort.<name>`), a sentence for the page (`alert.<name>`). */
export interface Alert {
  name:
    | 'diskFull'
    | 'diskShort'
    | 'missing'
    | 'stuck'
    | 'clockSlow'
    | 'clockFast'
    | 'conflicts'
    | 'copies'
    | 'copiesOld'
    | 'backfill';
  tone: Tone;
  params: Record<string, string | number>;
}

/** Below this a full disk is near: a day's scans and the reserve file do not fit any more. */
export const SHORT_DISK_BYTES = 500 * 1024 * 1024;
/** The times on slips and the deadlines hang on the clock; a difference beyond this is told. */
export const CLOCK_LIMIT_MS = 2 * 60_000;
/** Copies are made daily; after two days without one something is wrong. */
export const COPY_LIMIT_MS = 2 * 24 * 3_600_000;

/** @returns what is not as it should be, most pressing first; empty when all is well or nothing is known yet */
export function alertsOf(state: {
  journal: Output<'journal.status'> | null;
  evidence: Evidence | null;
  /** Server's clock minus ours, milliseconds; null while unknown. */
  skewMs: number | null;
  conflictsOpen: number;
  now: number;
}): Alert[] {
  const { journal, evidence, skewMs } = state;
  const found: (Alert | false | null)[] = [
    journal && journal.reserve === 'released' && { name: 'diskFull', tone: 'bad', params: {} },
    journal &&
      journal.reserve !== 'released' &&
      journal.freeBytes < SHORT_DISK_BYTES && {
        name: 'diskShort',
        tone: 'bad',
        params: { n: Math.floor(journal.freeBytes / 1_048_576) },
      },
    journal &&
      journal.missing.length > 0 && {
        name: 'missing',
        tone: 'bad',
        params: { n: journal.missing.reduce((sum, { from, to }) => sum + to - from + 1, 0) },
      },
    journal && journal.stuck > 0 && { name: 'stuck', tone: 'bad', params: { n: journal.stuck } },
    skewMs !== null &&
      Math.abs(skewMs) > CLOCK_LIMIT_MS && {
        // Server's minus ours: a server ahead means that this PC is slow.
        name: skewMs > 0 ? 'clockSlow' : 'clockFast',
        tone: 'warn',
        params: { n: Math.round(Math.abs(skewMs) / 60_000) },
      },
    state.conflictsOpen > 0 && { name: 'conflicts', tone: 'warn', params: { n: state.conflictsOpen } },
    journal && journal.copies.error !== null && { name: 'copies', tone: 'warn', params: {} },
    journal &&
      journal.copies.error === null &&
      journal.copies.lastAt !== null &&
      state.now - journal.copies.lastAt > COPY_LIMIT_MS && {
        name: 'copiesOld',
        tone: 'warn',
        params: { n: Math.floor((state.now - journal.copies.lastAt) / 86_400_000) },
      },
    evidence?.backfill ? { name: 'backfill', tone: 'info', params: { n: evidence.backfill.left } } : null,
  ];
  return found.filter((alert): alert is Alert => Boolean(alert));
}
