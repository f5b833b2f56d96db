import { open, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { PhotoReason } from '../../../shared/contract/card.ts';
import { HEADER_BYTES, mismatchOf, readLibraryHeader } from '../device-host/native-library.ts';

/**
 * Looks at a library before it is loaded.
 * @param here `process.platform` and `process.arch`
 * @returns why it cannot be loaded, or null
 */
export async function troubleOfFile(
  path: string,
  here: { platform: string; arch: string },
): Promise<{ reason: PhotoReason; detail: string } | null> {
  if (!isAbsolute(path)) return { reason: 'library-missing', detail: 'not an absolute path' };
  // Native code from another PC is not loaded: whoever holds that PC would hold this one.
  if (/^[\\/]{2}/.test(path)) return { reason: 'library-remote', detail: 'on another computer' };
  let head: Uint8Array;
  try {
    // A pipe would never answer, and opening a device can do anything.
    if (!(await stat(path)).isFile()) return { reason: 'library-missing', detail: 'not a file' };
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(HEADER_BYTES), 0, HEADER_BYTES, 0);
      head = buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    return { reason: 'library-missing', detail: (error as NodeJS.ErrnoException).code ?? 'unreadable' };
  }
  const mismatch = mismatchOf(readLibraryHeader(head), here);
  if (!mismatch) return null;
  return {
    reason: mismatch.kind === '32-bit' ? 'library-32bit' : 'library-foreign',
    detail: mismatch.reason,
  };
}
