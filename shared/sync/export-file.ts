import { z } from 'zod';
import { sealedEventSchema } from '../contract/journal.ts';

/**
 * An export of a device's own events for days without a line: written to a USB stick, loaded at the server, or handed
 * on by any device of the hall (sync.md "With no line for days").
 *
 *     10    'ZCEXPORT1\n'
 *     u32   length of the header (big endian, like every number here), header: JSON, clear, nothing about a person
 *     then, per chunk: u32 length, AES-256-GCM of the JSON of up to some hundred events, tag at the end; the nonce is the
 *           chunk's number, the associated data SHA-256 of everything up to the end of the header, then that number
 *     u32   0
 *     64    Ed25519 of the device over {@link exportText} of SHA-256 of everything before
 *
 * Who can read it: the file's key is made for this file alone and sealed for the hall's server (its X25519 key, learnt
 * over the session), for the hall's recovery key when there is one, and for the device itself. A key shared by all devices
 * of a hall was not chosen: one stolen PC would open every stick, and a device that hands a file on need not read it.
 */
export const EXPORT_MAGIC = 'ZCEXPORT1\n';
/** What the file's key is sealed for; part of the sealing itself. */
export const EXPORT_PURPOSE = 'export-1';
const SIGNATURE = 64;
const LONGEST_HEADER = 1_000_000;

export const exportHeaderSchema = z.object({
  v: z.literal(1),
  hall: z.string(),
  dev: z.string(),
  /** Raw Ed25519 key, base64; `dev` follows from it. */
  publicKey: z.string(),
  station: z.string(),
  at: z.string(),
  events: z.number().int().positive(),
  chunks: z.number().int().positive(),
  keys: z.array(
    z.object({
      for: z.enum(['server', 'recovery', 'device']),
      /** Raw X25519 key it is sealed for, base64; '' for the device's own. */
      to: z.string(),
      ephemeral: z.string(),
      box: z.string(),
    }),
  ),
});
export type ExportHeader = z.infer<typeof exportHeaderSchema>;

/** What a device signs: the whole file by its hash, and whose it is. */
export const exportText = (of: { hall: string; dev: string; sha256: string }): string =>
  `zongchuang-export-1\n${of.hall}\n${of.dev}\n${of.sha256}`;

/** What reading needs of the machine it runs on. */
export interface ExportCrypto {
  sha256(bytes: Uint8Array): Uint8Array;
  /** Ed25519. @param publicKey raw, base64 */
  verify(publicKey: string, text: string, signature: Uint8Array): boolean;
  /** AES-256-GCM, the last 16 bytes being the tag. @returns null when it does not open */
  open(key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, box: Uint8Array): Uint8Array | null;
  /** Device id that follows from a raw public key, base64. */
  deviceOf(publicKey: string): string;
}

/** The last event of each chunk carries the device's signature over its head (`headText`), so that the server may take it. */
const exportedEventSchema = sealedEventSchema.extend({ sig: z.string().optional() });
export type ExportedEvent = z.infer<typeof exportedEventSchema>;

export interface ReadExport {
  header: ExportHeader;
  /** SHA-256 up to the end of the header. */
  headHash: Uint8Array;
  boxes: Uint8Array[];
}

export type ExportFault = 'not-an-export' | 'cut-off' | 'changed';

/** Reads a file as far as anybody can: shape and signature. */
export function readExport(
  bytes: Uint8Array,
  crypto: ExportCrypto,
): { ok: true; read: ReadExport } | { ok: false; fault: ExportFault } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (from: number, to: number): string => new TextDecoder().decode(bytes.subarray(from, to));
  const start = EXPORT_MAGIC.length;
  if (bytes.length < start + 4 || text(0, start) !== EXPORT_MAGIC)
    return { ok: false, fault: 'not-an-export' };
  const headEnd = start + 4 + view.getUint32(start);
  if (headEnd - start > LONGEST_HEADER) return { ok: false, fault: 'changed' };
  if (headEnd > bytes.length) return { ok: false, fault: 'cut-off' };
  const header = parseHeader(text(start + 4, headEnd));
  if (!header) return { ok: false, fault: 'changed' };
  const boxes: Uint8Array[] = [];
  let at = headEnd;
  for (;;) {
    if (at + 4 > bytes.length) return { ok: false, fault: 'cut-off' };
    const length = view.getUint32(at);
    at += 4;
    if (length === 0) break;
    if (at + length > bytes.length) return { ok: false, fault: 'cut-off' };
    boxes.push(bytes.subarray(at, at + length));
    at += length;
  }
  if (at + SIGNATURE > bytes.length) return { ok: false, fault: 'cut-off' };
  const { hall, dev, publicKey } = header;
  const sha256 = hex(crypto.sha256(bytes.subarray(0, at)));
  const whole =
    at + SIGNATURE === bytes.length &&
    boxes.length === header.chunks &&
    crypto.deviceOf(publicKey) === dev &&
    crypto.verify(publicKey, exportText({ hall, dev, sha256 }), bytes.subarray(at));
  if (!whole) return { ok: false, fault: 'changed' };
  return { ok: true, read: { header, headHash: crypto.sha256(bytes.subarray(0, headEnd)), boxes } };
}

/** @returns the events in the order they were written; null when the key does not open them or they are not what was said */
export function openExport(read: ReadExport, key: Uint8Array, crypto: ExportCrypto): ExportedEvent[] | null {
  const events: ExportedEvent[] = [];
  for (const [no, box] of read.boxes.entries()) {
    const plain = crypto.open(key, chunkNonce(no), chunkData(read.headHash, no), box);
    if (!plain) return null;
    const parsed = parseEvents(new TextDecoder().decode(plain));
    if (!parsed) return null;
    events.push(...parsed);
  }
  return events.length === read.header.events ? events : null;
}

export function chunkNonce(no: number): Uint8Array {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(8, no);
  return nonce;
}

export function chunkData(headHash: Uint8Array, no: number): Uint8Array {
  const data = new Uint8Array(headHash.length + 4);
  data.set(headHash);
  new DataView(data.buffer).setUint32(headHash.length, no);
  return data;
}

const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

function parseHeader(text: string): ExportHeader | null {
  try {
    const read = exportHeaderSchema.safeParse(JSON.parse(text));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

function parseEvents(text: string): ExportedEvent[] | null {
  try {
    const read = z.array(exportedEventSchema).safeParse(JSON.parse(text));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
