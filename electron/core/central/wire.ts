import type { z } from 'zod';
import { CodedError } from '../../../shared/contract/errors.ts';
import { refusal, SERVER_HEADER, type Refusal } from '../../../shared/sync/messages.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { HttpPort, HttpRequest, HttpResponse } from '../ports/http.ts';

/** One exchange, whatever its body is. */
export interface RawCall {
  method: HttpRequest['method'];
  /** Server address and path, e.g. `http://10.1.2.3:8790/v1/push`. */
  url: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array | undefined;
  token?: string;
  /** The whole exchange, milliseconds. */
  timeoutMs: number;
  signal?: AbortSignal;
}

export interface WireCall<T> {
  method: 'GET' | 'POST';
  /** As in {@link RawCall}. */
  url: string;
  body?: unknown;
  /** The body as it is sent: JSON already, or gzip of it. In place of `body`. */
  sent?: string | Uint8Array;
  token?: string;
  schema: z.ZodType<T>;
  /** The whole exchange, milliseconds. */
  timeoutMs: number;
  signal?: AbortSignal;
}

/** The server's own word: what was asked for, or its refusal. */
export type WireAnswer<T> = { ok: true; value: T } | { ok: false; status: number; refusal: Refusal };

/** The server asks to be left alone for a while. */
export class BusyError extends CodedError {
  readonly retryAfterMs: number;
  /** false when a machine in between said so, not the server itself. */
  readonly fromServer: boolean;
  constructor(retryAfterMs: number, fromServer: boolean) {
    super('CENTRAL_BUSY', `retry after ${Math.ceil(retryAfterMs / 1000)} s`);
    this.retryAfterMs = retryAfterMs;
    this.fromServer = fromServer;
  }
}

/** Used when the server does not say how long, and the most that is believed, milliseconds. */
const RETRY_AFTER_MS = 5_000;
const LONGEST_RETRY_MS = 120_000;
/** A port that forgets its own limit is given up so much later, milliseconds. */
const GRACE_MS = 1_000;

/**
 * One exchange with the server, believed only when the answer carries our header. A captive portal's friendly page
 * and a proxy's error page are not answers.
 * @throws CodedError CENTRAL_UNREACHABLE, CENTRAL_NOT_OURS, {@link BusyError}
 */
export async function askServer(
  ports: { http: HttpPort; clock: ClockPort },
  call: RawCall,
): Promise<HttpResponse> {
  const response = await withLimit(
    ports.clock,
    call.timeoutMs + GRACE_MS,
    ports.http.request({
      method: call.method,
      url: call.url,
      headers: {
        // A proxy must not answer from its memory.
        'cache-control': 'no-cache',
        ...call.headers,
        ...(call.token === undefined ? {} : { authorization: `Bearer ${call.token}` }),
      },
      ...(call.body === undefined ? {} : { body: call.body }),
      timeoutMs: call.timeoutMs,
      ...(call.signal ? { signal: call.signal } : {}),
    }),
  );
  const { status } = response;
  const ours = response.headers[SERVER_HEADER] === '1';
  if (status === 429 || status === 503) throw new BusyError(retryAfter(response), ours);
  if (!ours && (status === 502 || status === 504))
    throw new CodedError('CENTRAL_UNREACHABLE', `gateway says ${status}`);
  if (!ours) throw new CodedError('CENTRAL_NOT_OURS', `status ${status} without our header`);
  return response;
}

/**
 * One exchange in JSON, believed only when everything about the answer is right: also a known status and the schema.
 * @throws CodedError as {@link askServer}, and CENTRAL_BAD_ANSWER
 */
export async function callServer<T>(
  ports: { http: HttpPort; clock: ClockPort },
  call: WireCall<T>,
): Promise<WireAnswer<T>> {
  const { schema, sent, ...rest } = call;
  const body = sent ?? (call.body === undefined ? undefined : JSON.stringify(call.body));
  const response = await askServer(ports, {
    ...rest,
    body,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
      ...(body instanceof Uint8Array ? { 'content-encoding': 'gzip' } : {}),
    },
  });
  const { status } = response;
  const value = jsonOf(response);
  if (status >= 200 && status < 300) {
    const read = schema.safeParse(value);
    if (read.success) return { ok: true, value: read.data };
    throw new CodedError(
      'CENTRAL_BAD_ANSWER',
      `answer differs at ${read.error.issues.map(({ path }) => path.join('.')).join(', ')}`,
    );
  }
  const read = refusal.safeParse(value);
  if (read.success) return { ok: false, status, refusal: read.data };
  throw new CodedError('CENTRAL_BAD_ANSWER', `status ${status} without a reason`);
}

function jsonOf(response: HttpResponse): unknown {
  if (!/^application\/json\b/i.test(response.contentType)) {
    throw new CodedError('CENTRAL_BAD_ANSWER', 'content type is not JSON');
  }
  try {
    return JSON.parse(response.body);
  } catch {
    // Also a body that was cut off on the way.
    throw new CodedError('CENTRAL_BAD_ANSWER', 'body is not JSON');
  }
}

/** RFC 9110 §10.2.3, the form in seconds; a date would have to trust two clocks. */
function retryAfter(response: HttpResponse): number {
  const seconds = Number(response.headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0
    ? Math.min(seconds * 1000, LONGEST_RETRY_MS)
    : RETRY_AFTER_MS;
}

async function withLimit<T>(clock: ClockPort, ms: number, work: Promise<T>): Promise<T> {
  let cancel: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(ms, () => reject(new CodedError('CENTRAL_UNREACHABLE', 'no answer in time')));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
