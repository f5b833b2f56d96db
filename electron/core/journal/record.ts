import { createHash, randomBytes } from 'node:crypto';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';

/**
 * One record of a segment file:
 *
 *     u32   length of the sealed part (big endian, like every number here)
 *     32    SHA-256 of the sealed part
 *     ...   sealed part:
 *       4   'ZCR1', by which the next record is found again after damaged bytes
 *       u8  kind, 3 zero bytes
 *       u32 number of the record within its segment
 *       u16 events in it
 *       u48 sequence of the first of them
 *       16  first half of SHA-256(command id)
 *       24  nonce
 *       ... XChaCha20-Poly1305, the rest of the sealed part before the nonce and the segment number being the
 *           associated data: a record moved to another place does not open
 *
 * The clear part holds nothing about a person. It lets start-up index a segment without opening a single seal.
 */
export const RECORD_PREFIX = 36;
const CLEAR = 36;
const NONCE = 24;
const TAG = 16;
export const MARKER = new Uint8Array([0x5a, 0x43, 0x52, 0x31]);
/** Longest sealed part that is believed; a longer length field is damage. */
export const MAX_SEALED = 64 * 1024 * 1024;

/** `opening` says what a segment belongs to, `events` is one command, `stranding` closes a branch nobody can send. */
export type RecordKind = 'opening' | 'events' | 'stranding';
const KINDS: readonly RecordKind[] = ['opening', 'events', 'stranding'];

export interface RecordHead {
  kind: RecordKind;
  /** Number of the record within its segment, from 0. */
  index: number;
  count: number;
  firstSeq: number;
  /** {@link commandKey} of the command, 16 bytes as a one-byte string; zeros for other kinds. */
  cmd: string;
}

const NO_COMMAND = '\0'.repeat(16);

/** @returns what a command is known by in the index: 16 bytes as a one-byte string */
export const commandKey = (cmd: string): string =>
  createHash('sha256').update(cmd).digest().toString('latin1', 0, 16);

export const recordHead = (
  kind: RecordKind,
  index: number,
  of?: { count: number; firstSeq: number; cmd: string },
): RecordHead => ({
  kind,
  index,
  count: of?.count ?? 0,
  firstSeq: of?.firstSeq ?? 0,
  cmd: of ? commandKey(of.cmd) : NO_COMMAND,
});

function clearPart(head: RecordHead): Buffer {
  const clear = Buffer.alloc(CLEAR);
  clear.set(MARKER, 0);
  clear.writeUInt8(KINDS.indexOf(head.kind) + 1, 4);
  clear.writeUInt32BE(head.index, 8);
  clear.writeUInt16BE(head.count, 12);
  clear.writeUIntBE(head.firstSeq, 14, 6);
  clear.write(head.cmd, 20, 16, 'latin1');
  return clear;
}

function associated(segment: number, clear: Uint8Array): Buffer {
  const data = Buffer.alloc(8 + clear.length);
  data.write('ZCJ1', 0, 'latin1');
  data.writeUInt32BE(segment, 4);
  data.set(clear, 8);
  return data;
}

/** @returns the record as it goes to the file */
export function sealRecord(key: Uint8Array, segment: number, head: RecordHead, text: string): Buffer {
  const clear = clearPart(head);
  const nonce = randomBytes(NONCE);
  const box = xchacha20poly1305(key, nonce, associated(segment, clear)).encrypt(Buffer.from(text, 'utf8'));
  const sealed = Buffer.concat([clear, nonce, box]);
  const prefix = Buffer.alloc(RECORD_PREFIX);
  prefix.writeUInt32BE(sealed.length, 0);
  prefix.set(createHash('sha256').update(sealed).digest(), 4);
  return Buffer.concat([prefix, sealed]);
}

/**
 * @param sealed the sealed part, whose hash has been checked
 * @returns the text, or null when it was sealed with another key or for another place
 */
export function openSealed(key: Uint8Array, segment: number, sealed: Uint8Array): string | null {
  const clear = sealed.subarray(0, CLEAR);
  const nonce = sealed.subarray(CLEAR, CLEAR + NONCE);
  try {
    const plain = xchacha20poly1305(key, nonce, associated(segment, clear)).decrypt(
      sealed.subarray(CLEAR + NONCE),
    );
    return Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength).toString('utf8');
  } catch {
    return null;
  }
}

/** What stands at one place of a segment's bytes. */
export type Found =
  /** `end` is where the next record begins. */
  | { is: 'record'; head: RecordHead; sealed: Uint8Array; end: number }
  /** The file ends inside the record. */
  | { is: 'cut' }
  /** The length is there in full and the contents are not what was written. */
  | { is: 'damaged' };

/** Looks at the record that begins at `offset`. Opens no seal. */
export function findRecord(bytes: Uint8Array, offset: number): Found {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (offset + RECORD_PREFIX > view.length) return { is: 'cut' };
  const length = view.readUInt32BE(offset);
  if (length > MAX_SEALED || length < CLEAR + NONCE + TAG) return { is: 'damaged' };
  const start = offset + RECORD_PREFIX;
  const end = start + length;
  if (end > view.length) return { is: 'cut' };
  const sealed = view.subarray(start, end);
  const hash = createHash('sha256').update(sealed).digest();
  if (hash.compare(view, offset + 4, start) !== 0) return { is: 'damaged' };
  const kind = KINDS[sealed.readUInt8(4) - 1];
  if (!kind || sealed.compare(MARKER, 0, 4, 0, 4) !== 0) return { is: 'damaged' };
  const head: RecordHead = {
    kind,
    index: sealed.readUInt32BE(8),
    count: sealed.readUInt16BE(12),
    firstSeq: sealed.readUIntBE(14, 6),
    cmd: sealed.toString('latin1', 20, 36),
  };
  return { is: 'record', head, sealed, end };
}
