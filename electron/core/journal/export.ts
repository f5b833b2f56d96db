import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { EventBytes } from '../../../shared/contract/journal.ts';
import {
  chunkData,
  chunkNonce,
  EXPORT_MAGIC,
  EXPORT_PURPOSE,
  exportText,
  type ExportedEvent,
  type ExportHeader,
} from '../../../shared/sync/export-file.ts';
import type { HallEvent } from '../../../shared/sync/event.ts';
import { headText } from '../../../shared/sync/messages.ts';
import { fileStamp } from '../settings/durable-file.ts';
import { exportCrypto, sealChunk } from './export-crypto.ts';
import { writeFully, type JournalFiles } from './files.ts';
import type { Journal } from './journal.ts';
import { sealKeyFor } from './sealed-key.ts';

const CHUNK_EVENTS = 500;

export interface Exporter {
  dev: string;
  hall: string;
  station: string;
  /** Raw Ed25519 key, base64. */
  publicKey: string;
  sign: (text: string) => string;
  /** The journal's key: by it the device opens its own exports. */
  key: Uint8Array;
  /** Raw X25519 key of the hall's server; null before it was learnt. */
  serverKey: string | null;
  recoveryKey: string | null;
  now: number;
}

/**
 * Writes own events into one new file in `folder`; the file has its name only when it is whole.
 * @param all also what the server has acknowledged
 * @throws CodedError JOURNAL_EXPORT_NO_KEY, JOURNAL_EXPORT_EMPTY, JOURNAL_EXPORT_FAILED
 */
export async function exportJournal(
  journal: Pick<Journal, 'pending' | 'read'>,
  files: JournalFiles,
  of: Exporter & { folder: string; all: boolean },
): Promise<{ file: string; events: number; bytes: number }> {
  if (of.serverKey === null && of.recoveryKey === null)
    throw new CodedError('JOURNAL_EXPORT_NO_KEY', 'no server key yet');
  const counted = await count(source(journal, of.all));
  if (counted.events === 0) throw new CodedError('JOURNAL_EXPORT_EMPTY', 'nothing to export');
  const name = `zongchuang-${of.hall}-${of.dev.slice(0, 8)}-${fileStamp(of.now)}.zcx`;
  const part = `${of.folder}/${name}.part`;
  try {
    const bytes = await write(files, part, source(journal, of.all), counted, of);
    await files.rename(part, `${of.folder}/${name}`);
    await files.syncFolder(of.folder);
    return { file: `${of.folder}/${name}`, events: counted.events, bytes };
  } catch (error) {
    await files.remove(part).catch(() => undefined);
    throw new CodedError('JOURNAL_EXPORT_FAILED', String(error), { cause: error });
  }
}

/** Chunks of what is to be exported; two walks give the same as long as nothing is sent or saved in between. */
async function* source(
  journal: Pick<Journal, 'pending' | 'read'>,
  all: boolean,
): AsyncGenerator<EventBytes[]> {
  if (!all) {
    yield* journal.pending(CHUNK_EVENTS);
    return;
  }
  let from: { inc: string | null; after: number } = { inc: null, after: 0 };
  for (;;) {
    const page = await journal.read({ ...from, limit: CHUNK_EVENTS });
    if (page.events.length > 0) yield page.events;
    const last = page.events.at(-1);
    if (!page.more || !last) return;
    const { inc, seq } = JSON.parse(last.bytes) as { inc: string; seq: number };
    from = { inc, after: seq };
  }
}

async function count(chunks: AsyncGenerator<EventBytes[]>): Promise<{ events: number; chunks: number }> {
  const sum = { events: 0, chunks: 0 };
  for await (const chunk of chunks) {
    sum.events += chunk.length;
    sum.chunks++;
  }
  return sum;
}

async function write(
  files: JournalFiles,
  path: string,
  chunks: AsyncGenerator<EventBytes[]>,
  counted: { events: number; chunks: number },
  of: Exporter,
): Promise<number> {
  const fileKey = randomBytes(32);
  const header: ExportHeader = {
    v: 1,
    hall: of.hall,
    dev: of.dev,
    publicKey: of.publicKey,
    station: of.station,
    at: new Date(of.now).toISOString(),
    ...counted,
    keys: keysFor(fileKey, of),
  };
  await files.remove(path);
  const file = await files.open(path, 'create');
  const hash = createHash('sha256');
  let at = 0;
  const put = async (bytes: Uint8Array): Promise<void> => {
    await writeFully(file, bytes, at);
    hash.update(bytes);
    at += bytes.length;
  };
  try {
    const text = Buffer.from(JSON.stringify(header));
    const head = Buffer.concat([Buffer.from(EXPORT_MAGIC), u32(text.length), text]);
    const headHash = exportCrypto.sha256(head);
    await put(head);
    let [no, events] = [0, 0];
    for await (const chunk of chunks) {
      const plain = Buffer.from(JSON.stringify(withHead(chunk, of)));
      const box = sealChunk(fileKey, chunkNonce(no), chunkData(headHash, no), plain);
      await put(Buffer.concat([u32(box.length), box]));
      no++;
      events += chunk.length;
    }
    if (no !== counted.chunks || events !== counted.events)
      throw new Error('the journal changed while it was being exported');
    await put(u32(0));
    const { hall, dev } = of;
    const signature = of.sign(exportText({ hall, dev, sha256: hash.digest('hex') }));
    const bytes = Buffer.from(signature, 'base64');
    await writeFully(file, bytes, at);
    await file.datasync();
    return at + bytes.length;
  } finally {
    await file.close();
  }
}

/** The last event signed, as at a push: by it the server knows the chain up to there for this device's. */
function withHead(chunk: EventBytes[], of: Exporter): ExportedEvent[] {
  return chunk.map((event, i) => {
    if (i < chunk.length - 1) return event;
    const { hall, dev, inc, seq } = JSON.parse(event.bytes) as HallEvent;
    return { ...event, sig: of.sign(headText({ hall, dev, inc, seq, hash: event.hash })) };
  });
}

function keysFor(fileKey: Uint8Array, of: Exporter): ExportHeader['keys'] {
  const keys: ExportHeader['keys'] = [
    { for: 'device', to: '', ephemeral: '', box: sealOwn(of.key, fileKey).toString('base64') },
  ];
  for (const [who, to] of [
    ['server', of.serverKey],
    ['recovery', of.recoveryKey],
  ] as const)
    if (to !== null) keys.push({ for: who, to, ...sealKeyFor(to, fileKey, EXPORT_PURPOSE) });
  return keys;
}

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** The device's own way in: a key that follows from the journal's, and a random nonce before the box. */
const ownKey = (journalKey: Uint8Array): Buffer =>
  Buffer.from(hkdfSync('sha256', journalKey, Buffer.alloc(0), `zongchuang-${EXPORT_PURPOSE}-own`, 32));

function sealOwn(journalKey: Uint8Array, secret: Uint8Array): Buffer {
  const nonce = randomBytes(12);
  return Buffer.concat([nonce, sealChunk(ownKey(journalKey), nonce, Buffer.alloc(0), secret)]);
}

/** @returns the file's key when this device made the file, null otherwise */
export function openOwn(journalKey: Uint8Array, header: ExportHeader): Uint8Array | null {
  const own = header.keys.find((key) => key.for === 'device');
  if (!own) return null;
  const box = Buffer.from(own.box, 'base64');
  return exportCrypto.open(ownKey(journalKey), box.subarray(0, 12), Buffer.alloc(0), box.subarray(12));
}
