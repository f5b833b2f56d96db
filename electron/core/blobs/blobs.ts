import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { MAX_BLOB_BYTES, type BlobState } from '../../../shared/contract/blob.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import { createTurns } from '../../../shared/sync/turns.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import type { SealedFile } from '../settings/sealed-file.ts';
import { openBlobFiles, type BlobFiles } from './blob-files.ts';
import { sendBlob, type Fetch } from './send-blob.ts';

/** Pauses while the server cannot be had, milliseconds; the last one repeats. */
const RETRY_MS = [1_000, 5_000, 15_000, 60_000] as const;
const GET_LIMIT_MS = 14_000;

/** Scans, signatures and PDFs: sealed here first, then sent until the server has all of them. */
export interface Blobs {
  /** @throws CodedError BLOB_TOO_LARGE, BLOB_NOT_SAVED, DEVICE_NOT_ENROLLED, WIRE_BAD_INPUT */
  put(base64: string): Promise<{ hash: string; size: number }>;
  status(hashes: readonly string[]): Promise<BlobState[]>;
  /** @throws CodedError BLOB_MISSING, DEVICE_NOT_ENROLLED, or why the line did not carry it */
  get(hash: string): Promise<{ base64: string }>;
  /** The server was reached: sends what waits. A new epoch means a restored server, which is asked for each again. */
  heard(epoch: string): void;
  close(): Promise<void>;
}

export function createBlobs(ports: {
  /** Holds one folder for each hall. */
  folder: string;
  /** 32 bytes. */
  key: Uint8Array;
  epochFile: SealedFile;
  hall: () => string | null;
  fetch: Fetch;
  clock: ClockPort;
  log: LogPort;
}): Blobs {
  const { clock, log } = ports;
  const opened = new Map<string, Promise<BlobFiles>>();
  const progress = new Map<string, number>();
  const errors = new Map<string, NonNullable<BlobState['error']>>();
  const turns = createTurns();
  const ending = new AbortController();
  const isEnding = (): boolean => ending.signal.aborted;
  let failures = 0;
  let running = false;
  let cancel: () => void = () => undefined;

  /** Of the hall this machine belongs to now: what another hall scanned is nobody's business there (P3). */
  async function files(): Promise<BlobFiles> {
    const hall = ports.hall();
    if (hall === null) throw new CodedError('DEVICE_NOT_ENROLLED', 'blobs');
    const there = opened.get(hall) ?? openBlobFiles(join(ports.folder, hall), ports.key);
    opened.set(hall, there);
    return there;
  }

  async function sendOne(at: BlobFiles, hash: string): Promise<void> {
    const bytes = await at.read(hash);
    if (bytes === null) {
      log.write('error', 'blobs', 'a blob does not open; it is kept and not sent', { hash });
      await at.mark(hash, 'damaged');
      return;
    }
    try {
      await sendBlob(ports.fetch, { hash, bytes, signal: ending.signal }, (sent) => progress.set(hash, sent));
    } catch (error) {
      const code = error instanceof CodedError ? error.code : 'BLOB_REFUSED';
      if (code !== 'BLOB_QUOTA' && code !== 'BLOB_REFUSED') throw error;
      errors.set(hash, code);
      log.write('warning', 'blobs', 'not taken by the server', { hash, code });
      return;
    }
    errors.delete(hash);
    await at.mark(hash, 'sent');
  }

  /** One round over everything that waits; whatever is left is tried again later, for ever. */
  async function sendAll(): Promise<void> {
    if (running || isEnding() || ports.hall() === null) return;
    running = true;
    cancel();
    let at: BlobFiles | null = null;
    try {
      at = await files();
      for (const hash of at.marked('new')) {
        if (isEnding()) break;
        await sendOne(at, hash);
      }
      failures = 0;
    } catch (error) {
      failures += 1;
      log.write('info', 'blobs', 'waiting for the server', { reason: String(error) });
    } finally {
      running = false;
    }
    if (isEnding() || !at || at.marked('new').length === 0) return;
    const refused = failures === 0;
    const pause = refused ? RETRY_MS.at(-1) : RETRY_MS[Math.min(failures, RETRY_MS.length) - 1];
    cancel = clock.after(pause ?? 60_000, () => void turns.take(sendAll));
  }
  const kick = (): void => void turns.take(sendAll);

  async function heard(epoch: string): Promise<void> {
    const known = z.object({ epoch: z.string() }).safeParse(await ports.epochFile.read());
    if (known.success && known.data.epoch === epoch) return;
    const at = await files();
    // It may have lost what it had: each is asked for again, and sent where it is missing.
    for (const hash of at.marked('sent')) await at.mark(hash, 'new');
    await ports.epochFile.write({ epoch });
  }

  return {
    async put(base64) {
      const bytes = Buffer.from(base64, 'base64');
      if (bytes.length === 0) throw new CodedError('WIRE_BAD_INPUT', 'blob.put: empty');
      if (bytes.length > MAX_BLOB_BYTES) throw new CodedError('BLOB_TOO_LARGE', String(bytes.length));
      const at = await files();
      let hash: string;
      try {
        hash = await at.save(bytes, 'new');
      } catch (error) {
        throw new CodedError('BLOB_NOT_SAVED', String((error as { code?: unknown }).code), { cause: error });
      }
      kick();
      return { hash, size: bytes.length };
    },
    async status(hashes) {
      const at = await files();
      return hashes.map((hash) => {
        const mark = at.markOf(hash);
        const size = at.sizeOf(hash);
        if (mark === undefined) return { hash, state: 'absent', size: 0, sent: 0, error: null };
        if (mark === 'sent') return { hash, state: 'sent', size, sent: size, error: null };
        return {
          hash,
          state: 'waiting',
          size,
          sent: progress.get(hash) ?? 0,
          error: errors.get(hash) ?? (mark === 'damaged' ? 'BLOB_REFUSED' : null),
        };
      });
    },
    async get(hash) {
      const at = await files();
      const here = await at.read(hash);
      if (here) return { base64: Buffer.from(here).toString('base64') };
      const path = `/blobs/${hash}`;
      const answer = await ports.fetch({
        method: 'GET',
        path,
        timeoutMs: GET_LIMIT_MS,
        signal: ending.signal,
      });
      if (answer.status === 404) throw new CodedError('BLOB_MISSING', hash);
      const { bytes } = answer;
      if (answer.status !== 200 || !bytes || createHash('sha256').update(bytes).digest('hex') !== hash)
        throw new CodedError('CENTRAL_BAD_ANSWER', 'blob differs from its name');
      // A disk that takes nothing does not keep anybody from looking.
      await at.save(bytes, 'sent').catch((error: unknown) => {
        log.write('warning', 'blobs', 'not kept here', { reason: String(error) });
      });
      return { base64: Buffer.from(bytes).toString('base64') };
    },
    heard(epoch) {
      void turns
        .take(() => heard(epoch))
        .catch((error: unknown) => log.write('warning', 'blobs', 'epoch not kept', { reason: String(error) }))
        .then(kick);
    },
    async close() {
      cancel();
      ending.abort();
      await turns.idle();
    },
  };
}
