import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { deviceId } from '../../../shared/sync/device-id.ts';
import type { SecretsPort } from '../ports/secrets.ts';

/** The key that is this device. Its private half never leaves the core. */
export interface DeviceKey {
  /** Device id, derived from the public key. */
  dev: string;
  /** Raw public key, 32 bytes, base64. */
  publicKey: string;
  /** @returns Ed25519 signature over the UTF-8 text, base64 */
  sign(text: string): string;
}

const NAME = 'device-key';

/** Reads the device's Ed25519 key from the secrets, or makes it at the very first start. */
export async function openDeviceKey(secrets: SecretsPort): Promise<DeviceKey> {
  const kept = await secrets.read(NAME);
  const privateKey = kept
    ? createPrivateKey({ key: Buffer.from(kept), format: 'der', type: 'pkcs8' })
    : generateKeyPairSync('ed25519').privateKey;
  if (!kept) await secrets.write(NAME, new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' })));
  // RFC 8410: the last 32 bytes of an Ed25519 SubjectPublicKeyInfo are the raw key.
  const raw = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  return {
    dev: deviceId(raw),
    publicKey: raw.toString('base64'),
    sign: (text) => sign(null, Buffer.from(text, 'utf8'), privateKey).toString('base64'),
  };
}
