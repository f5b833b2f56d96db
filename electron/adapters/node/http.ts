import { CodedError } from '../../../shared/contract/errors.ts';
import type { HttpPort, HttpRequest, HttpResponse, HttpStreamRequest } from '../../core/ports/http.ts';

/** Longest answer taken, bytes: ten times a full page of `pull`; more is not our server. */
const ANSWER_LIMIT = 16 * 1024 * 1024;

/**
 * HTTP by Node's own fetch. Redirects are not followed: our server never sends one, so it is a captive portal
 * speaking, and the caller should see that. Whatever keeps a complete answer from arriving is CENTRAL_UNREACHABLE.
 */
export function createFetchHttp(): HttpPort {
  return { request, stream };
}

async function request({
  method,
  url,
  headers,
  body,
  timeoutMs,
  signal,
}: HttpRequest): Promise<HttpResponse> {
  const limit = AbortSignal.timeout(Math.ceil(timeoutMs));
  try {
    const response = await fetch(url, {
      method,
      headers,
      redirect: 'manual',
      signal: signal ? AbortSignal.any([limit, signal]) : limit,
      ...(body === undefined ? {} : { body: body as NonNullable<RequestInit['body']> }),
    });
    const contentType = response.headers.get('content-type') ?? '';
    const bytes = await readBytes(response);
    const plain = { status: response.status, contentType, headers: Object.fromEntries(response.headers) };
    return contentType.startsWith('application/octet-stream')
      ? { ...plain, body: '', bytes }
      : { ...plain, body: new TextDecoder().decode(bytes) };
  } catch (error) {
    throw new CodedError('CENTRAL_UNREACHABLE', reason(error), { cause: error });
  }
}

async function readBytes(response: Response): Promise<Uint8Array> {
  if (!response.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  // The reader is locked to this loop; leaving it by an exception cancels the stream and frees the socket.
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > ANSWER_LIMIT) throw new Error('answer too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

async function stream({
  url,
  headers,
  openMs,
  idleMs,
  signal,
  onOpen,
  onText,
}: HttpStreamRequest): Promise<void> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  signal.addEventListener('abort', end);
  let timer = setTimeout(end, openMs);
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(end, idleMs);
  };
  let opened = false;
  try {
    signal.throwIfAborted();
    const response = await fetch(url, { headers, redirect: 'manual', signal: ending.signal });
    opened = true;
    const { status } = response;
    const contentType = response.headers.get('content-type') ?? '';
    alive();
    if (!onOpen({ status, contentType, headers: Object.fromEntries(response.headers) })) return;
    const decoder = new TextDecoder();
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      alive();
      onText(decoder.decode(chunk, { stream: true }));
    }
  } catch (error) {
    if (!opened) throw new CodedError('CENTRAL_UNREACHABLE', reason(error), { cause: error });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    ending.abort();
  }
}

/** A word for the log; never the address, which may carry a code. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  const cause = error.cause as { code?: unknown } | undefined;
  if (typeof cause?.code === 'string') return cause.code;
  return error.name === 'TypeError' ? 'connection failed' : error.name;
}
