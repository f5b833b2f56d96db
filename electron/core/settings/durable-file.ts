import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Replaces a small file: readers see the old contents or the new, never half, and after a power cut one of the two
 * is there. Resolves when the new contents are on the medium.
 */
export async function writeDurably(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  const fresh = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(text, 'utf8');
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
  await flushNames(folder);
}

/** Makes creations, renames and removals in a folder durable. Windows cannot open one for it; NTFS journals names by itself. */
export async function flushNames(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const names = await open(folder, 'r');
  try {
    await names.sync();
  } finally {
    await names.close();
  }
}

/** @returns the file's text, or null when there is no such file */
export async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Puts an unreadable file out of the way, keeping every byte: `settings.json` becomes
 * `settings.corrupt-20261121T011203.json` beside it.
 * @param now wall clock, milliseconds since 1970
 */
export async function setAside(path: string, now: number): Promise<void> {
  const stamp = fileStamp(now);
  const name = basename(path);
  const dot = name.lastIndexOf('.');
  const stem = dot > 0 ? name.slice(0, dot) : name;
  await rename(path, join(dirname(path), `${stem}.corrupt-${stamp}${dot > 0 ? name.slice(dot) : ''}`));
}

/** @returns UTC to the millisecond, without characters that Windows forbids in names */
export const fileStamp = (now: number): string => new Date(now).toISOString().replace(/[-:.]|Z$/g, '');
