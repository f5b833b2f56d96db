import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { managedNonce } from '@noble/ciphers/utils.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** Personal data at rest: sealed with XChaCha20-Poly1305, found again only by keyed hash. */
export interface Seal {
  seal(value: unknown): Uint8Array;
  /** @throws when the bytes were changed or another key sealed them */
  open(sealed: Uint8Array): unknown;
  /** Keyed hash of a person's number, normalised: blanks removed, letters upper-case. */
  personHash(idNumber: string): string;
}

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

/**
 * @param sealKey 32 bytes, base64
 * @param lookupKey 32 bytes, base64; another key than the seal's, so that an index leaks nothing about the content
 */
export function createSeal(sealKey: string, lookupKey: string): Seal {
  // The synchronous cipher matters: an IndexedDB transaction ends when it waits for anything but itself.
  const cipher = managedNonce(xchacha20poly1305)(fromBase64(sealKey));
  const lookup = fromBase64(lookupKey);
  const decoder = new TextDecoder();
  return {
    seal: (value) => cipher.encrypt(utf8ToBytes(JSON.stringify(value))),
    open: (sealed) => JSON.parse(decoder.decode(cipher.decrypt(sealed))) as unknown,
    personHash: (idNumber) =>
      bytesToHex(hmac(sha256, lookup, utf8ToBytes(idNumber.replace(/\s/g, '').toUpperCase()))),
  };
}
