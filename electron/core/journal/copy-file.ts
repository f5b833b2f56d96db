import { createHash } from 'node:crypto';
import { writeFully, type JournalFiles, type OpenFile } from './files.ts';

/** Read and written in pieces, so that a save in between waits for one of them at most. */
const PIECE = 1024 * 1024;

/** Reads `bytes` from the start of a file, piece by piece. @returns how many there were */
async function pieces(
  file: OpenFile,
  bytes: number,
  each: (piece: Uint8Array, at: number) => Promise<void>,
): Promise<number> {
  const buffer = new Uint8Array(Math.min(PIECE, Math.max(bytes, 1)));
  let at = 0;
  while (at < bytes) {
    const got = await file.read(buffer.subarray(0, Math.min(buffer.length, bytes - at)), at);
    if (got === 0) break;
    await each(buffer.subarray(0, got), at);
    at += got;
  }
  return at;
}

/** @returns SHA-256 (hex) and length of a file, at most its first `bytes` */
export async function hashOfFile(
  files: JournalFiles,
  path: string,
  bytes = Number.MAX_SAFE_INTEGER,
): Promise<{ sha256: string; bytes: number }> {
  const file = await files.open(path, 'existing');
  try {
    const hash = createHash('sha256');
    const length = await pieces(file, bytes, async (piece) => {
      hash.update(piece);
      await Promise.resolve();
    });
    return { sha256: hash.digest('hex'), bytes: length };
  } finally {
    await file.close();
  }
}

/**
 * Copies the first `bytes` of a file to a new name in another folder, flushes, reads the copy back and compares. When it
 * resolves the copy is there under its name; when it rejects nothing is.
 * @throws the system's error; one with code EBADMSG when the copy reads back differently
 */
export async function copyVerified(
  files: JournalFiles,
  from: string,
  to: { folder: string; name: string },
  bytes?: number,
): Promise<{ sha256: string; bytes: number }> {
  const part = `${to.folder}/${to.name}.part`;
  await files.remove(part);
  try {
    const hash = createHash('sha256');
    const source = await files.open(from, 'existing');
    let length = 0;
    try {
      const target = await files.open(part, 'create');
      try {
        length = await pieces(source, bytes ?? Number.MAX_SAFE_INTEGER, async (piece, at) => {
          hash.update(piece);
          await writeFully(target, piece, at);
        });
        await target.datasync();
      } finally {
        await target.close();
      }
    } finally {
      await source.close();
    }
    const sha256 = hash.digest('hex');
    const back = await hashOfFile(files, part);
    if (back.sha256 !== sha256 || back.bytes !== length)
      throw Object.assign(new Error('the copy reads back differently'), { code: 'EBADMSG' });
    await files.rename(part, `${to.folder}/${to.name}`);
    await files.syncFolder(to.folder);
    return { sha256, bytes: length };
  } catch (error) {
    await files.remove(part).catch(() => undefined);
    throw error;
  }
}
