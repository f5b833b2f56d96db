import { sha256 } from '@noble/hashes/sha2.js';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * A device's id: the first 128 bits of the SHA-256 of its raw Ed25519 public key, as 26 characters of
 * Crockford base32. Derived, so a device cannot claim another's id without the key.
 * @param publicKey 32 bytes
 */
export function deviceId(publicKey: Uint8Array): string {
  let rest = sha256(publicKey)
    .subarray(0, 16)
    .reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let id = '';
  for (let i = 0; i < 26; i++) {
    id = (CROCKFORD[Number(rest & 31n)] as string) + id;
    rest >>= 5n;
  }
  return id;
}
