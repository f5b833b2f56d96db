import { createCipheriv, createDecipheriv, createHash, createPublicKey, verify } from 'node:crypto';
import { deviceId } from '../../../shared/sync/device-id.ts';
import type { ExportCrypto } from '../../../shared/sync/export-file.ts';

/** SubjectPublicKeyInfo of Ed25519 before the 32 raw bytes (RFC 8410 §4). */
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const TAG = 16;

/** What reading an export needs, from Node. */
export const exportCrypto: ExportCrypto = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  verify(publicKey, text, signature) {
    try {
      const der = Buffer.concat([ED25519_SPKI, Buffer.from(publicKey, 'base64')]);
      return verify(
        null,
        Buffer.from(text),
        createPublicKey({ key: der, format: 'der', type: 'spki' }),
        signature,
      );
    } catch {
      return false;
    }
  },
  open(key, nonce, associated, box) {
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, nonce);
      decipher.setAAD(associated);
      decipher.setAuthTag(box.subarray(-TAG));
      return Buffer.concat([decipher.update(box.subarray(0, -TAG)), decipher.final()]);
    } catch {
      return null;
    }
  },
  deviceOf(publicKey) {
    try {
      return deviceId(Buffer.from(publicKey, 'base64'));
    } catch {
      return '';
    }
  },
};

/** The writing side of {@link ExportCrypto.open}. */
export function sealChunk(
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  plain: Uint8Array,
): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(associated);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}
