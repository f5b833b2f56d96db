import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from './spool-journal.ts';

/** The bytes of the jobs, one file each, named by their SHA-256: equal jobs share a file, and no name tells who. */
export interface PayloadStore {
  /** On the medium before it resolves. @returns the SHA-256 of the bytes, lower-case hex */
  save(bytes: Uint8Array): Promise<string>;
  /** @returns the bytes, or null when they are gone or damaged */
  read(hash: string): Promise<Uint8Array | null>;
  /** Deletes every payload for which `wanted` is false. */
  sweep(wanted: (hash: string) => boolean): Promise<void>;
}

const NONCE = 12;
const TAG = 16;

/** @param key 32 bytes; when given, files are sealed with AES-256-GCM (nonce, tag, then the data) */
export function createPayloadStore(folder: string, key?: Uint8Array): PayloadStore {
  const file = (hash: string): string => join(folder, `${hash}.job`);

  return {
    async save(bytes) {
      const hash = hashOf(bytes);
      await mkdir(folder, { recursive: true });
      const part = `${file(hash)}.part`;
      const handle = await open(part, 'w', 0o600);
      try {
        await handle.writeFile(key === undefined ? bytes : seal(bytes, key));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(part, file(hash));
      await syncFolder(folder);
      return hash;
    },

    async read(hash) {
      try {
        const kept = await readFile(file(hash));
        const bytes = key === undefined ? Uint8Array.from(kept) : unseal(kept, key);
        return hashOf(bytes) === hash ? bytes : null;
      } catch {
        return null;
      }
    },

    async sweep(wanted) {
      const names = await readdir(folder).catch(() => []);
      for (const name of names) {
        const [hash = '', ...rest] = name.split('.');
        if (rest.join('.') !== 'job' || !wanted(hash)) await rm(join(folder, name), { force: true });
      }
    },
  };
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function seal(bytes: Uint8Array, key: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

function unseal(kept: Buffer, key: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', key, kept.subarray(0, NONCE));
  decipher.setAuthTag(kept.subarray(NONCE, NONCE + TAG));
  return Uint8Array.from(Buffer.concat([decipher.update(kept.subarray(NONCE + TAG)), decipher.final()]));
}
