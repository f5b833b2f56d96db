import type { Protocol } from 'electron';
import { readWindowFile, windowHeaders } from '../adapters/node/window-files.ts';
import { isWindowAddress, WINDOW_SCHEME } from './window-address.ts';

/** Must run before the app is ready. `standard` gives the pages an origin, and with it IndexedDB. */
export function registerWindowScheme(protocol: Pick<Protocol, 'registerSchemesAsPrivileged'>): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: WINDOW_SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
  ]);
}

/** Serves the built window, and nothing but it, at `app://counter/`. */
export function serveWindow(protocol: Pick<Protocol, 'handle'>, files: string): void {
  protocol.handle(WINDOW_SCHEME, (request) => answerWindow(request, files));
}

/** @param files folder of the built window */
export async function answerWindow(
  request: Pick<Request, 'url' | 'method'>,
  files: string,
): Promise<Response> {
  const headers = windowHeaders();
  if (!isWindowAddress(request.url)) return new Response('Forbidden', { status: 403, headers });
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return new Response('Method not allowed', { status: 405, headers });
  }
  const served = await readWindowFile(files, rawPath(request.url));
  if (served === null) return new Response('Not found', { status: 404, headers });
  return new Response(request.method === 'HEAD' ? null : new Uint8Array(served.body), {
    headers: { ...headers, ...served.headers },
  });
}

/** The path as it was asked for. `new URL` would resolve `..` first and hide the attempt from the path check. */
function rawPath(address: string): string {
  return (
    address
      .slice(`${WINDOW_SCHEME}://`.length)
      .replace(/[?#].*$/s, '')
      .replace(/^[^/]*/, '') || '/'
  );
}
