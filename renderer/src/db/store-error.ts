import { CodedError } from '../../../shared/contract/errors.ts';

/**
 * What IndexedDB throws, as a code the clerk's sentence exists for. By then the journal has the events: nothing is
 * lost, and the store catches up by itself when there is room again.
 * @throws always
 */
export function storeError(error: unknown): never {
  if (error instanceof CodedError) throw error;
  if (isFull(error)) throw new CodedError('STORE_FULL', 'no room for the picture');
  throw error;
}

/** Quota says so by name; a full disk says UnknownError with Chromium's own words. */
function isFull(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at && depth < 4; depth++) {
    const { name, message, inner } = at as { name?: unknown; message?: unknown; inner?: unknown };
    if (name === 'QuotaExceededError') return true;
    if (typeof message === 'string' && /NO_SPACE|no space|disk (is )?full/i.test(message)) return true;
    at = inner;
  }
  return false;
}
