import { randomBytes } from 'node:crypto';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { createTurns } from '../../../shared/sync/turns.ts';
import { readIfThere, writeDurably } from './durable-file.ts';

/** A small file whose contents nobody reads or changes without this machine's key. */
export interface SealedFile {
  /** @returns null when there is none, or it was damaged, sealed with another key or moved here from another name */
  read(): Promise<unknown>;
  /** Whole and on the medium when it resolves. Of several at once the last one asked for is what stays. */
  write(value: unknown): Promise<void>;
}

const NONCE = 24;

/**
 * @param name bound into the seal, so that one file cannot stand in for another
 * @param key 32 bytes
 */
export function sealedFile(path: string, name: string, key: Uint8Array): SealedFile {
  const turns = createTurns();
  const bound = Buffer.from(`zongchuang-file-1\n${name}`);
  return {
    async read() {
      const text = await readIfThere(path).catch(() => null);
      if (text === null) return null;
      try {
        const kept = Buffer.from(text, 'base64');
        const box = xchacha20poly1305(key, kept.subarray(0, NONCE), bound);
        return JSON.parse(Buffer.from(box.decrypt(kept.subarray(NONCE))).toString('utf8')) as unknown;
      } catch {
        return null;
      }
    },
    write(value) {
      const nonce = randomBytes(NONCE);
      const sealed = xchacha20poly1305(key, nonce, bound).encrypt(Buffer.from(JSON.stringify(value)));
      const text = Buffer.concat([nonce, sealed]).toString('base64');
      return turns.take(() => writeDurably(path, text));
    },
  };
}
