import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';

export type CipherName = 'xchacha20-poly1305' | 'sm4-gcm';

/** One authenticated cipher, synchronous. `decrypt` throws when anything was changed. */
export interface Cipher {
  /** Second byte of a sealed record; never given to another cipher. */
  id: number;
  nonceBytes: number;
  /** @param key 32 bytes @returns ciphertext followed by the 16-byte tag */
  encrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array): Uint8Array;
  decrypt(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, closed: Uint8Array): Uint8Array;
}

export type Ciphers = Partial<Record<CipherName, Cipher>>;

export const XCHACHA20_POLY1305: Cipher = {
  id: 1,
  nonceBytes: 24,
  encrypt: (key, nonce, aad, plain) => xchacha20poly1305(key, nonce, aad).encrypt(plain),
  decrypt: (key, nonce, aad, closed) => xchacha20poly1305(key, nonce, aad).decrypt(closed),
};

/** The ciphers asked for, and always the default. SM4's library is fetched only where it is used. */
export async function loadCiphers(names: readonly CipherName[]): Promise<Ciphers> {
  const ciphers: Ciphers = { 'xchacha20-poly1305': XCHACHA20_POLY1305 };
  if (names.includes('sm4-gcm')) ciphers['sm4-gcm'] = (await import('./sm4-cipher.ts')).sm4Cipher();
  return ciphers;
}
