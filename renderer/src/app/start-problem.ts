import { CodedError } from '../../../shared/contract/errors.ts';
import { SecondWindow } from './open-services.ts';

/** Why the window could not start, as the screen says it: a message key, and what support wants to know. */
export interface StartProblem {
  key: string;
  detail: string;
}

/** @returns never anything personal: at this point the window has not seen a person */
export function startProblemOf(error: unknown): StartProblem {
  if (error instanceof SecondWindow) return { key: 'startFailure.secondWindow', detail: '' };
  if (error instanceof CodedError)
    return { key: `error.${error.code}`, detail: `${error.code} ${error.message}` };
  return { key: 'startFailure.unexpected', detail: error instanceof Error ? error.message : String(error) };
}
