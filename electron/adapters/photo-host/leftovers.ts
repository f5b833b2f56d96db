import { readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files that decoders are known to leave next to themselves, each the portrait of the person just read. */
const NAMES = ['zp.bmp', 'zp.jpg', 'zp.wlt', 'photo.bmp'];
/** Times of files on FAT are 2 s apart. */
const COARSE_MS = 2000;

/**
 * Takes away what a decoder wrote to disk although it was asked not to: everything in its working folder, and the
 * portraits it put next to itself since `began`.
 * @param began wall clock before the call, milliseconds
 * @returns how many files could not be removed
 */
export function removeLeftovers(workFolder: string, library: string, began: number): number {
  const beside = NAMES.map((name) => join(dirname(library), name)).filter((path) => {
    const file = statSync(path, { throwIfNoEntry: false });
    return file !== undefined && file.mtimeMs >= began - COARSE_MS;
  });
  const inFolder = readdirSync(workFolder).map((name) => join(workFolder, name));
  return [...inFolder, ...beside].filter((path) => !removed(path)).length;
}

function removed(path: string): boolean {
  try {
    rmSync(path, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}
