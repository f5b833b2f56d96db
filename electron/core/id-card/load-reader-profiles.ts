import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogPort } from '../ports/log.ts';
import type { ReaderProfile } from './reader-profile.ts';
import { readerProfileSchema } from './reader-profile.ts';

/**
 * Reads the reader profiles of the given folders, later folders winning over earlier ones, so that an installation
 * can correct a shipped profile: one of the same id takes its place, and one for the same device stands before it.
 * A missing folder is empty; a bad file is logged and left out.
 * @param folders e.g. `<resources>/readers`, `<profile>/readers`
 */
export async function loadReaderProfiles(folders: readonly string[], log: LogPort): Promise<ReaderProfile[]> {
  const profiles = new Map<string, ReaderProfile>();
  for (const folder of [...folders].reverse()) {
    const ahead = new Set(profiles.keys());
    const names = await readdir(folder).catch(() => []);
    const files = names.filter((n) => n.endsWith('.json') && !n.endsWith('.schema.json'));
    // Sorted without their ending, so that `bulk-c35a` is tried before its variant `bulk-c35a-whole`.
    for (const name of files.map((n) => n.slice(0, -'.json'.length)).sort()) {
      const profile = await loadOne(join(folder, `${name}.json`), log);
      if (profile && !ahead.has(profile.id)) profiles.set(profile.id, profile);
    }
  }
  return [...profiles.values()];
}

/** The profiles that a folder defines or corrects; what the loading has to say is said by {@link loadReaderProfiles}. */
export async function profileIdsIn(folder: string): Promise<Set<string>> {
  const profiles = await loadReaderProfiles([folder], { write: () => undefined });
  return new Set(profiles.map(({ id }) => id));
}

async function loadOne(path: string, log: LogPort): Promise<ReaderProfile | null> {
  try {
    return readerProfileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    log.write('warning', 'id-card', 'reader profile left out', { path, reason: String(error) });
    return null;
  }
}
