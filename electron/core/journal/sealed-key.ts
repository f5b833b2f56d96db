import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';

/** A secret that only the holder of an X25519 private key can open. Base64 throughout. */
export interface SealedKey {
  /** Raw X25519 public key made for this one sealing. */
  ephemeral: string;
  /** The secret under AES-256-GCM, its 16 bytes of tag at the end. */
  box: string;
}

/** SubjectPublicKeyInfo of X25519 before the 32 raw bytes (RFC 8410 §4). */
const X25519_SPKI = Buffer.from('302a300506032b656e032100', 'hex');
/** Each sealing has a key of its own, so that one nonce is enough. */
const NONCE = Buffer.alloc(12);

const publicKeyOf = (raw: string): KeyObject =>
  createPublicKey({
    key: Buffer.concat([X25519_SPKI, Buffer.from(raw, 'base64')]),
    format: 'der',
    type: 'spki',
  });

/** @returns raw X25519 public key of a private one, base64 */
export const rawPublicKey = (privateKey: KeyObject): string =>
  createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');

/** HKDF-SHA-256 over the shared secret, bound to both public keys and to what the sealing is for. */
function wrappingKey(ours: KeyObject, theirs: KeyObject, salt: Buffer, purpose: string): Buffer {
  const shared = diffieHellman({ privateKey: ours, publicKey: theirs });
  return Buffer.from(hkdfSync('sha256', shared, salt, `zongchuang-${purpose}`, 32));
}

/** @param to raw X25519 public key, base64 */
export function sealKeyFor(to: string, secret: Uint8Array, purpose: string): SealedKey {
  const { privateKey } = generateKeyPairSync('x25519');
  const ephemeral = rawPublicKey(privateKey);
  const salt = Buffer.concat([Buffer.from(ephemeral, 'base64'), Buffer.from(to, 'base64')]);
  const cipher = createCipheriv(
    'aes-256-gcm',
    wrappingKey(privateKey, publicKeyOf(to), salt, purpose),
    NONCE,
  );
  const box = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  return { ephemeral, box: box.toString('base64') };
}

/** @returns the secret, or null when it was sealed for somebody else or changed on the way */
export function openSealedKey(privateKey: KeyObject, sealed: SealedKey, purpose: string): Buffer | null {
  try {
    const salt = Buffer.concat([
      Buffer.from(sealed.ephemeral, 'base64'),
      Buffer.from(rawPublicKey(privateKey), 'base64'),
    ]);
    const key = wrappingKey(privateKey, publicKeyOf(sealed.ephemeral), salt, purpose);
    const box = Buffer.from(sealed.box, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', key, NONCE);
    decipher.setAuthTag(box.subarray(-16));
    return Buffer.concat([decipher.update(box.subarray(0, -16)), decipher.final()]);
  } catch {
    return null;
  }
}

/** @returns a new X25519 pair: the private half as PKCS#8 PEM to be locked away, the public half raw, base64 */
export function makeRecoveryKey(): { privatePem: string; publicKey: string } {
  const { privateKey } = generateKeyPairSync('x25519');
  return {
    privatePem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    publicKey: rawPublicKey(privateKey),
  };
}

export const readPrivateKey = (pem: string): KeyObject => createPrivateKey(pem);
