import {
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  verify,
} from 'node:crypto';
import { deviceId } from '../../shared/sync/device-id.ts';
import { EXPORT_PURPOSE, type ExportCrypto, type ExportHeader } from '../../shared/sync/export-file.ts';

/** SubjectPublicKeyInfo before the 32 raw bytes (RFC 8410 §4). */
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const X25519_SPKI = Buffer.from('302a300506032b656e032100', 'hex');
const TAG = 16;

const raw = (spki: Buffer): Buffer => spki.subarray(-32);

const openBox = (
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  box: Uint8Array,
): Buffer | null => {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce);
    decipher.setAAD(associated);
    decipher.setAuthTag(box.subarray(-TAG));
    return Buffer.concat([decipher.update(box.subarray(0, -TAG)), decipher.final()]);
  } catch {
    return null;
  }
};

/** What reading an export needs, from Node. */
export const exportCrypto: ExportCrypto = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  verify(publicKey, text, signature) {
    try {
      const key = Buffer.concat([ED25519_SPKI, Buffer.from(publicKey, 'base64')]);
      return verify(
        null,
        Buffer.from(text),
        createPublicKey({ key, format: 'der', type: 'spki' }),
        signature,
      );
    } catch {
      return false;
    }
  },
  open: openBox,
  deviceOf(publicKey) {
    try {
      return deviceId(Buffer.from(publicKey, 'base64'));
    } catch {
      return '';
    }
  },
};

const privateKeyOf = (exportKey: string) =>
  createPrivateKey({ key: Buffer.from(exportKey, 'base64'), format: 'der', type: 'pkcs8' });

/** @returns raw X25519 public key, base64: what devices seal their exports for */
export const publicExportKey = (exportKey: string): string =>
  raw(createPublicKey(privateKeyOf(exportKey)).export({ format: 'der', type: 'spki' })).toString('base64');

/**
 * The other end of electron/core/journal/sealed-key.ts: X25519, HKDF-SHA-256 over both public keys, AES-256-GCM.
 * @param privateKey PKCS#8 DER, base64
 * @returns the file's key; null when it was not sealed for this server
 */
export function openExportKey(privateKey: string, header: ExportHeader): Uint8Array | null {
  const own = publicExportKey(privateKey);
  const sealed = header.keys.find((key) => key.for === 'server' && key.to === own);
  if (!sealed) return null;
  try {
    const ephemeral = Buffer.from(sealed.ephemeral, 'base64');
    const theirs = createPublicKey({
      key: Buffer.concat([X25519_SPKI, ephemeral]),
      format: 'der',
      type: 'spki',
    });
    const shared = diffieHellman({ privateKey: privateKeyOf(privateKey), publicKey: theirs });
    const salt = Buffer.concat([ephemeral, Buffer.from(own, 'base64')]);
    const key = Buffer.from(hkdfSync('sha256', shared, salt, `zongchuang-${EXPORT_PURPOSE}`, 32));
    return openBox(key, Buffer.alloc(12), Buffer.alloc(0), Buffer.from(sealed.box, 'base64'));
  } catch {
    return null;
  }
}
