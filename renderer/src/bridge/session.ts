import { CodedError } from '../../../shared/contract/errors.ts';

/** The parts of the page this needs; tests bring their own. */
export interface PageAddress {
  location: Pick<Location, 'hash' | 'pathname' | 'search'>;
  history: Pick<History, 'replaceState'>;
  fetch(path: string, init: RequestInit): Promise<Pick<Response, 'ok'>>;
}

const EXCHANGE_LIMIT_MS = 5_000;

/**
 * Exchanges the one-time secret in the address (plain shell) for a session cookie, and takes it out of the address
 * and the history whatever the answer is. A reloaded page has its cookie already and no secret; route hashes begin
 * with `#/`.
 * @throws CodedError WIRE_CLOSED when the secret is used up or too old: the window has to be opened anew
 */
export async function openSession(page: PageAddress): Promise<void> {
  const { hash, pathname, search } = page.location;
  if (hash.length < 2 || hash.startsWith('#/')) return;
  page.history.replaceState(null, '', pathname + search);
  const answer = await page
    .fetch('/session', {
      method: 'POST',
      body: hash.slice(1),
      credentials: 'same-origin',
      signal: AbortSignal.timeout(EXCHANGE_LIMIT_MS),
    })
    .catch(() => null);
  if (answer?.ok !== true) throw new CodedError('WIRE_CLOSED', 'session refused');
}
