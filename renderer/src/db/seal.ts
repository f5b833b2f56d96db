import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { CodedError } from '../../../shared/contract/errors.ts';
import { XCHACHA20_POLY1305, type Cipher, type Ciphers, type CipherName } from './ciphers.ts';

/** First byte of a sealed record: the layout below. */
const LAYOUT = 1;
const KEY_ID_BYTES = 4;
const HEADER = 2 + KEY_ID_BYTES;
const NAME_HASH_BYTES = 8;
const PERSON_HASH_BYTES = 16;
/** Prefixes of names repeat (one in fourteen people is called 王): so many of their hashes are remembered. */
const REMEMBERED = 20_000;

/**
 * Personal data at rest. A sealed record is `layout, cipher, key id (4 bytes), nonce, ciphertext and tag`, so that
 * ciphers and keys can change while older records stay readable. The place is authenticated with it: a record that was
 * put into another row does not open.
 */
export interface Seal {
  /** @param place table and key of the row, e.g. `logs/case/1` */
  seal(text: string, place: string): Uint8Array;
  /** @throws CodedError STORE_UNREADABLE when the bytes were changed or moved, or no key here sealed them */
  open(sealed: Uint8Array, place: string): string;
  sealBytes(bytes: Uint8Array, place: string): Uint8Array;
  openBytes(sealed: Uint8Array, place: string): Uint8Array;
  /** Keyed hash of a person's number, normalised: blanks removed, letters upper-case. Lower-case hex. */
  personHash(idNumber: string): string;
  /** The same as an index holds it: its first 16 bytes. */
  personKey(idNumber: string): Uint8Array;
  /** Keyed hash of the beginning of a name, 8 bytes; equal beginnings of another length have another hash. */
  nameKey(prefix: string): Uint8Array;
}

export interface SealOptions {
  /** 32 bytes, base64. */
  sealKey: string;
  /** 32 bytes, base64; another key than the seal's, so that an index leaks nothing about the content. */
  lookupKey: string;
  /** Seals new records; whatever the others were sealed with stays readable. */
  cipher?: CipherName;
  /** Loaded beforehand by `loadCiphers`; by default there is only XChaCha20-Poly1305. */
  ciphers?: Ciphers;
  /** Earlier seal keys, base64: records under them are opened and get the present key when they are next written. */
  formerSealKeys?: readonly string[];
}

interface Key {
  id: Uint8Array;
  raw: Uint8Array;
}

/** The synchronous ciphers matter: an IndexedDB transaction ends when it waits for anything but itself. */
export function createSeal({
  sealKey,
  lookupKey,
  cipher = 'xchacha20-poly1305',
  formerSealKeys,
  ciphers = { 'xchacha20-poly1305': XCHACHA20_POLY1305 },
}: SealOptions): Seal {
  const keys = [sealKey, ...(formerSealKeys ?? [])].map(keyOf);
  const current = keys[0] as Key;
  const known = Object.values(ciphers);
  const writer = ciphers[cipher] ?? missing(cipher);
  const lookup = hmac.create(sha256, fromBase64(lookupKey));
  const decoder = new TextDecoder();
  const remembered = new Map<string, Uint8Array>();

  const keyed = (text: string): Uint8Array => lookup.clone().update(utf8ToBytes(text)).digest();
  const normal = (idNumber: string): string => idNumber.replace(/\s/g, '').toUpperCase();

  function sealBytes(bytes: Uint8Array, place: string): Uint8Array {
    const nonce = crypto.getRandomValues(new Uint8Array(writer.nonceBytes));
    const closed = writer.encrypt(current.raw, nonce, utf8ToBytes(place), bytes);
    const record = new Uint8Array(HEADER + nonce.length + closed.length);
    record.set([LAYOUT, writer.id]);
    record.set(current.id, 2);
    record.set(nonce, HEADER);
    record.set(closed, HEADER + nonce.length);
    return record;
  }

  function openBytes(sealed: Uint8Array, place: string): Uint8Array {
    const [layout, cipherId] = sealed;
    const reader = known.find(({ id }) => id === cipherId);
    const key = keys.find(({ id }) => id.every((byte, i) => byte === sealed[2 + i]));
    if (layout !== LAYOUT || !reader || !key)
      throw new CodedError('STORE_UNREADABLE', 'no key of this record');
    const from = HEADER + reader.nonceBytes;
    try {
      return reader.decrypt(
        key.raw,
        sealed.subarray(HEADER, from),
        utf8ToBytes(place),
        sealed.subarray(from),
      );
    } catch {
      throw new CodedError('STORE_UNREADABLE', 'record was changed or moved');
    }
  }

  return {
    sealBytes,
    openBytes,
    seal: (text, place) => sealBytes(utf8ToBytes(text), place),
    open: (sealed, place) => decoder.decode(openBytes(sealed, place)),
    personHash: (idNumber) => bytesToHex(keyed(normal(idNumber))),
    personKey: (idNumber) => keyed(normal(idNumber)).slice(0, PERSON_HASH_BYTES),
    nameKey(prefix) {
      const kept = remembered.get(prefix);
      if (kept) return kept;
      if (remembered.size >= REMEMBERED) remembered.clear();
      // A name never equals a number's text: its domain is in front.
      const made = keyed(`name\n${prefix}`).slice(0, NAME_HASH_BYTES);
      remembered.set(prefix, made);
      return made;
    },
  };
}

function missing(name: CipherName): Cipher {
  throw new CodedError('STORE_UNREADABLE', `cipher ${name} was not loaded`);
}

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

function keyOf(base64: string): Key {
  const raw = fromBase64(base64);
  return { raw, id: sha256(raw).slice(0, KEY_ID_BYTES) };
}
