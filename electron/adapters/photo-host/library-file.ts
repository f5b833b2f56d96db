import { isAbsolute } from 'node:path';
import type { PhotoReason } from '../../../shared/contract/card.ts';
import { mismatchOf, readLibraryHead, readLibraryHeader } from '../device-host/native-library.ts';

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
    head = await readLibraryHead(path);
  } catch (error) {
    return { reason: 'library-missing', detail: (error as NodeJS.ErrnoException).code ?? 'not a file' };
  }
  const mismatch = mismatchOf(readLibraryHeader(head), here);
  if (!mismatch) return null;
  return {
    reason: mismatch.kind === '32-bit' ? 'library-32bit' : 'library-foreign',
    detail: mismatch.reason,
  };
}
