import { createPublicKey, verify, type KeyObject } from 'node:crypto';

/** SubjectPublicKeyInfo of Ed25519 before the 32 raw bytes (RFC 8410 §4). */
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');
/** Keys read once and kept: reading one costs as much as checking with it. */
const MOST_KEYS = 5_000;

/** @returns whether `signature` (base64) is that of `publicKey` (raw, base64) over the UTF-8 text; false also for what is no key */
export type SignatureCheck = (publicKey: string, text: string, signature: string) => boolean;

export function createSignatureCheck(): SignatureCheck {
  const keys = new Map<string, KeyObject>();
  function keyOf(publicKey: string): KeyObject {
    const known = keys.get(publicKey);
    if (known) return known;
    const der = Buffer.concat([ED25519_SPKI, Buffer.from(publicKey, 'base64')]);
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    if (keys.size >= MOST_KEYS) keys.clear();
    keys.set(publicKey, key);
    return key;
  }
  return (publicKey, text, signature) => {
    try {
      return verify(null, Buffer.from(text), keyOf(publicKey), Buffer.from(signature, 'base64'));
    } catch {
      return false;
    }
  };
}
