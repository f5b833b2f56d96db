import { CodedError } from '../../../shared/contract/errors.ts';
import { SecondWindow } from './open-services.ts';

/** Why the window could not start, as the screen says it: a message key, and what support wants to know. */
export interface StartProblem {
  key: string;
  detail: string;
  /** It may mend itself: tried again without anybody pressing a key. */
  again?: boolean;
}

/** What IndexedDB says when it can neither read nor write: nearly always a full disk. The journal has everything. */
const STORE_ERRORS =
  /^(Abort|Unknown|QuotaExceeded|Bulk|Modify|OpenFailed|DatabaseClosed|InvalidState|Timeout)Error$/;

/** @returns never anything personal: at this point the window has not seen a person */
export function startProblemOf(error: unknown): StartProblem {
  if (error instanceof SecondWindow) return { key: 'startFailure.secondWindow', detail: '' };
  if (isStoreProblem(error)) {
    const { name, message } = error as Error;
    return { key: 'startFailure.store', detail: `${name} ${message}`, again: true };
  }
  if (error instanceof CodedError)
    return { key: `error.${error.code}`, detail: `${error.code} ${error.message}` };
  return { key: 'startFailure.unexpected', detail: error instanceof Error ? error.message : String(error) };
}

const isStoreProblem = (error: unknown): boolean =>
  error instanceof CodedError
    ? error.code === 'STORE_FULL'
    : error instanceof Error && STORE_ERRORS.test(error.name);
