import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { flushNames } from '../settings/durable-file.ts';

/** `new`: the server may not have it; `sent`: it said that it has all of it; `damaged`: does not open, kept as it is. */
export type BlobMark = 'new' | 'sent' | 'damaged';

/**
 * The blobs of one hall at this machine, one sealed file each, `<sha256>.<mark>`. A mark changes by renaming, so a
 * power cut leaves the one or the other, and nothing here deletes a blob.
 */
export interface BlobFiles {
  /** On the medium, sealed, before it resolves. @returns the SHA-256 of the bytes, lower-case hex */
  save(bytes: Uint8Array, mark: 'new' | 'sent'): Promise<string>;
  /** @returns the bytes, null when they are not here or do not open */
  read(hash: string): Promise<Uint8Array | null>;
  mark(hash: string, mark: BlobMark): Promise<void>;
  markOf(hash: string): BlobMark | undefined;
  /** Hashes under a mark, oldest first as far as this start knows. */
  marked(mark: BlobMark): string[];
  sizeOf(hash: string): number;
}

const NONCE = 24;
const TAG = 16;
const NAME = /^([0-9a-f]{64})\.(new|sent|damaged)$/;

/** @param key 32 bytes */
export async function openBlobFiles(folder: string, key: Uint8Array): Promise<BlobFiles> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const known = new Map<string, { mark: BlobMark; size: number }>();
  for (const name of await readdir(folder)) {
    const [, hash = '', mark = ''] = NAME.exec(name) ?? [];
    // What a cut-off write left was never acknowledged to anybody.
    if (name.endsWith('.part')) await rm(join(folder, name), { force: true });
    if (hash === '') continue;
    const file = await open(join(folder, name), 'r');
    const { size } = await file.stat().finally(() => file.close());
    // Both marks of one blob: it was put again beside a damaged one.
    if (known.has(hash) && mark === 'damaged') continue;
    known.set(hash, { mark: mark as BlobMark, size: Math.max(0, size - NONCE - TAG) });
  }
  const path = (hash: string, mark: BlobMark): string => join(folder, `${hash}.${mark}`);
  const bound = (hash: string): Uint8Array => Buffer.from(`zongchuang-blob-1\n${hash}`);

  return {
    async save(bytes, mark) {
      const hash = createHash('sha256').update(bytes).digest('hex');
      const there = known.get(hash);
      if (there && there.mark !== 'damaged') return hash;
      const nonce = randomBytes(NONCE);
      const sealed = xchacha20poly1305(key, nonce, bound(hash)).encrypt(bytes);
      const part = join(folder, `${hash}.${randomBytes(4).toString('hex')}.part`);
      try {
        const file = await open(part, 'wx', 0o600);
        try {
          await file.writeFile(Buffer.concat([nonce, sealed]));
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(part, path(hash, mark));
        await flushNames(folder);
      } catch (error) {
        await rm(part, { force: true });
        throw error;
      }
      known.set(hash, { mark, size: bytes.length });
      return hash;
    },
    async read(hash) {
      const there = known.get(hash);
      if (!there) return null;
      try {
        const kept = await readFile(path(hash, there.mark));
        const box = xchacha20poly1305(key, kept.subarray(0, NONCE), bound(hash));
        const bytes = box.decrypt(kept.subarray(NONCE));
        return createHash('sha256').update(bytes).digest('hex') === hash ? bytes : null;
      } catch {
        return null;
      }
    },
    async mark(hash, mark) {
      const there = known.get(hash);
      if (!there || there.mark === mark) return;
      await rename(path(hash, there.mark), path(hash, mark));
      known.set(hash, { ...there, mark });
    },
    markOf: (hash) => known.get(hash)?.mark,
    marked: (mark) => [...known].filter(([, one]) => one.mark === mark).map(([hash]) => hash),
    sizeOf: (hash) => known.get(hash)?.size ?? 0,
  };
}
