import { safeStorage } from 'electron';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { LogPort } from '../../core/ports/log.ts';
import type { SecretsPort } from '../../core/ports/secrets.ts';
import { createFileSecrets } from '../node/secrets.ts';

/**
 * Secrets sealed by the system's keyring (DPAPI, libsecret, KWallet). The sealed text stands in `NAME.safe`. A secret
 * the plain shell left as a file is taken over and sealed; the way back is closed, and the plain shell says so.
 *
 * Where the machine has no keyring (`basic_text`: Chromium's fixed password), sealing would only pretend, so the
 * secrets stay plain files that only their owner can read, and `protection` tells diagnostics. Keys that were sealed
 * while there was a keyring make the start fail with SECRETS_LOCKED.
 * @param folder the profile's folder for secrets
 */
export function createSafeSecrets(folder: string, log: LogPort): SecretsPort {
  const files = createFileSecrets(folder);
  let keyring: Promise<boolean> | null = null;
  let protection: SecretsPort['protection'] = 'file';

  /** Asked when a secret is first needed: the keyring may take its time, and the window need not wait for it. */
  const hasKeyring = (): Promise<boolean> => (keyring ??= findKeyring());
  async function findKeyring(): Promise<boolean> {
    const found =
      (await safeStorage.isAsyncEncryptionAvailable()) &&
      (process.platform !== 'linux' || !WEAK.includes(safeStorage.getSelectedStorageBackend()));
    if (found) protection = 'os-keyring';
    else log.write('warning', 'secrets', 'no keyring here: keys are kept in files only their owner can read');
    return found;
  }

  async function write(name: string, value: Uint8Array): Promise<void> {
    if (!(await hasKeyring())) return files.write(name, value);
    const text = Buffer.from(value).toString('base64');
    return files.write(sealed(name), await safeStorage.encryptStringAsync(text));
  }

  async function read(name: string): Promise<Uint8Array | null> {
    const kept = await files.read(sealed(name));
    if (!(await hasKeyring())) {
      // To say "never set" would make the core begin anew with other keys.
      if (kept !== null) throw new CodedError('SECRETS_LOCKED', name);
      return files.read(name);
    }
    if (kept !== null) {
      const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(Buffer.from(kept));
      const value = new Uint8Array(Buffer.from(result, 'base64'));
      if (shouldReEncrypt) await write(name, value);
      return value;
    }
    const plain = await files.read(name);
    if (plain === null) return null;
    await write(name, plain);
    await unlink(join(folder, name));
    return plain;
  }

  return {
    read,
    write,
    get protection() {
      return protection;
    },
  };
}

/** Chromium's fixed password, and "not known yet". */
const WEAK: readonly string[] = ['basic_text', 'unknown'];
const sealed = (name: string): string => `${name}.safe`;
