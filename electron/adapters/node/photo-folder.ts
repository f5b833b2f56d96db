import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'zongchuang-photo-';

/**
 * An empty folder of this user alone, for one life of the photo host to work in. Folders of programs that were killed
 * together with their host (a power cut) are taken away first: a decoder may have been writing a portrait.
 * @param parent where temporary files belong
 */
export function makePhotoFolder(parent = tmpdir()): string {
  for (const name of readdirSync(parent).filter((each) => each.startsWith(PREFIX))) {
    const owner = Number(name.slice(PREFIX.length).split('-', 1)[0]);
    if (!isAlive(owner)) removePhotoFolder(join(parent, name));
  }
  return mkdtempSync(join(parent, `${PREFIX}${String(process.pid)}-`));
}

/** @returns the reason why it is still there, or '' */
export function removePhotoFolder(folder: string): string {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 100 });
    return '';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
