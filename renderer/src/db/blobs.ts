import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { StoredBlob } from './hall-db.ts';
import type { Here } from './gather.ts';
import type { HallStore } from './schema.ts';
import { storeError } from './store-error.ts';

/** Bytes of one sealed piece: a page's worth of work, so that sealing a scan never holds the window up for long. */
const CHUNK = 256 * 1024;

/** Sealed, in pieces, in one transaction: a blob is there whole or not at all. */
export async function putBlob(
  store: HallStore,
  { seal }: Here,
  bytes: Uint8Array,
  kind: string,
): Promise<StoredBlob> {
  const hash = bytesToHex(sha256(bytes));
  if (await store.blobs.get(hash)) return { hash, size: bytes.length };
  const count = Math.ceil(bytes.length / CHUNK);
  const chunks = Array.from({ length: count }, (_, n) => ({
    hash,
    n,
    sealed: seal.sealBytes(bytes.subarray(n * CHUNK, (n + 1) * CHUNK), `chunks/${hash}/${n}`),
  }));
  await store
    .transaction('rw', store.blobs, store.chunks, async () => {
      await store.chunks.bulkPut(chunks);
      await store.blobs.put({
        hash,
        kind,
        size: bytes.length,
        chunks: count,
        state: 'here',
        addedAt: new Date().toISOString(),
      });
    })
    .catch(storeError);
  return { hash, size: bytes.length };
}

export async function readBlob(
  store: HallStore,
  { seal }: Here,
  hash: string,
): Promise<Uint8Array | undefined> {
  const row = await store.blobs.get(hash);
  if (!row) return undefined;
  const chunks = await store.chunks.where('[hash+n]').between([hash, 0], [hash, row.chunks]).toArray();
  const bytes = new Uint8Array(row.size);
  let at = 0;
  for (const { n, sealed } of chunks) {
    const piece = seal.openBytes(sealed, `chunks/${hash}/${n}`);
    bytes.set(piece, at);
    at += piece.length;
  }
  if (bytesToHex(sha256(bytes)) !== hash) throw new CodedError('STORE_UNREADABLE', 'blob');
  return bytes;
}
