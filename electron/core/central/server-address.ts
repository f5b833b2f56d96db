import { CodedError } from '../../../shared/contract/errors.ts';

/**
 * What a person types as the server, made into the start of every URL: `10.1.2.3:8790` → `http://10.1.2.3:8790`.
 * @returns without a slash at the end; a path is kept, because a hall may serve it behind a proxy
 * @throws CodedError CENTRAL_BAD_ADDRESS
 */
export function serverAddress(typed: string): string {
  // Full-width letters and signs, as a Chinese input method leaves them.
  const text = typed.normalize('NFKC').replaceAll('。', '.').trim();
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  let url: URL;
  try {
    url = new URL(withScheme);
  } catch {
    throw new CodedError('CENTRAL_BAD_ADDRESS', 'not an address');
  }
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!['http:', 'https:'].includes(url.protocol) || url.hostname === '' || !plain) {
    throw new CodedError('CENTRAL_BAD_ADDRESS', 'only http:// or https://, host, port and path');
  }
  return `${url.protocol}//${url.host}${url.pathname}`.replace(/\/+$/, '');
}

/** @returns whether an address is this very machine: there compressing costs more than it saves */
export function isThisMachine(address: string): boolean {
  try {
    return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(address).hostname);
  } catch {
    return false;
  }
}
