import { BLOB_PART_BYTES, blobProgressSchema } from '../../../shared/contract/blob.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import { refusal } from '../../../shared/sync/messages.ts';
import type { SessionFetch } from '../central/session.ts';
import type { HttpResponse } from '../ports/http.ts';

export type Fetch = (call: SessionFetch) => Promise<HttpResponse>;

const ASK_LIMIT_MS = 8_000;
/** One part on a slow line, milliseconds. */
const PART_LIMIT_MS = 20_000;
/** The server's word moves the place; more often than this something is wrong. */
const MOST_TURNS = 8;

/**
 * Sends what the server has not yet of a blob, from where it says that it stands.
 * @param onProgress told how many bytes the server has
 * @throws CodedError BLOB_QUOTA, BLOB_REFUSED, or why the line did not carry it
 */
export async function sendBlob(
  fetch: Fetch,
  blob: { hash: string; bytes: Uint8Array; signal: AbortSignal },
  onProgress: (sent: number) => void,
): Promise<void> {
  const { hash, bytes, signal } = blob;
  const path = `/blobs/${hash}`;
  const head = await fetch({ method: 'HEAD', path, timeoutMs: ASK_LIMIT_MS, signal });
  if (head.status !== 200 && head.status !== 404) throw new CodedError('BLOB_REFUSED', `head ${head.status}`);
  let at = head.status === 200 ? Number(head.headers['upload-offset'] ?? 0) : 0;
  if (head.headers['upload-complete'] === '?1') {
    onProgress(bytes.length);
    return;
  }
  for (let turns = 0; turns < MOST_TURNS;) {
    if (!Number.isInteger(at) || at < 0 || at >= bytes.length) at = 0;
    const part = bytes.subarray(at, at + BLOB_PART_BYTES);
    const { status, body } = await fetch({
      method: 'PUT',
      path,
      headers: {
        'content-type': 'application/octet-stream',
        'content-range': `bytes ${at}-${at + part.length - 1}/${bytes.length}`,
      },
      body: part,
      timeoutMs: PART_LIMIT_MS,
      signal,
    });
    if (status === 200) {
      const { received, complete } = blobProgressSchema.parse(JSON.parse(body));
      onProgress(received);
      if (complete) return;
      if (received <= at) turns += 1;
      at = received;
      continue;
    }
    const { error, expected } = refusal.parse(JSON.parse(body));
    if (error === 'quota') throw new CodedError('BLOB_QUOTA', hash);
    if (error !== 'gap' && error !== 'differs') throw new CodedError('BLOB_REFUSED', error);
    at = expected ?? 0;
    turns += 1;
  }
  throw new CodedError('BLOB_REFUSED', 'does not come to rest');
}
