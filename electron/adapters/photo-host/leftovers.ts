import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

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
  const beside = NAMES.map((name) => join(dirname(library), name)).filter(
    (path) => changedAt(path) >= began - COARSE_MS,
  );
  const own = isOwn(workFolder) ? readdirSync(workFolder) : [];
  const inFolder = own.map((name) => join(workFolder, name));
  return [...inFolder, ...beside].filter((path) => !removed(path)).length;
}

/** The working folder itself; nobody may work in it any more. */
export function removeFolder(workFolder: string): void {
  if (isOwn(workFolder)) removed(workFolder);
}

/** On no account another folder, should the host ever have been started by hand somewhere else. */
const isOwn = (folder: string): boolean => basename(folder).startsWith('zongchuang-photo-');

/** @returns -Infinity for what is not there or not ours to see */
function changedAt(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return -Infinity;
  }
}

function removed(path: string): boolean {
  try {
    rmSync(path, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}
