import { readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** What makers' libraries call the files with a person's text, portrait and fingerprints, in small letters. */
const NAMES: ReadonlySet<string> = new Set([
  'wz.txt',
  'newadd.txt',
  'iinsndn.bin',
  'fp.dat',
  'zp.bmp',
  'zp.jpg',
  'zp.wlt',
  'xp.bmp',
  'xp.wlt',
  'photo.bmp',
]);
/** Times of files on FAT are 2 s apart. */
const COARSE_MS = 2000;

/**
 * Removes what a library wrote about a person during a call, although it was asked to write nothing: one manual says
 * that zp.bmp is written whatever is asked. Looked at are its own folder (also the working folder) and the places in
 * the temporary folder that manuals name; files from before the call are left alone.
 * @param began wall clock before the call, milliseconds since 1970
 * @returns how many files there were
 */
export async function removeLeftFiles(library: string, began: number): Promise<number> {
  const folders = new Set([dirname(library), tmpdir(), join(tmpdir(), 'chinaidcard')]);
  let count = 0;
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => [])) {
      if (!NAMES.has(name.toLowerCase())) continue;
      const path = join(folder, name);
      const written = await stat(path).catch(() => null);
      if (!written?.isFile() || written.mtimeMs < began - COARSE_MS) continue;
      await rm(path, { force: true }).catch(() => undefined);
      count += 1;
    }
  }
  return count;
}
