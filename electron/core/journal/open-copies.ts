import type { KeyObject } from 'node:crypto';
import type { JournalFiles } from './files.ts';
import { COPY_PURPOSE, manifestSchema } from './manifest.ts';
import { openSealedKey } from './sealed-key.ts';
import { segmentNumber } from './segment.ts';
import { verifySegments } from './verify.ts';

/**
 * Reads the events out of one dated folder of copies.
 * @param with the PC's own journal key, or the hall's recovery key, for which the manifest has the former sealed
 * @returns events whole and in order, and what could not be read; null when the key opens nothing
 */
export async function eventsOfCopies(
  files: Pick<JournalFiles, 'names' | 'readAll'>,
  folder: string,
  by: { journalKey: Uint8Array } | { recoveryKey: KeyObject },
): Promise<{ events: { bytes: string; hash: string }[]; faults: string[] } | null> {
  const key = 'journalKey' in by ? by.journalKey : await keyFromManifest(files, folder, by.recoveryKey);
  if (!key) return null;
  const events: { bytes: string; hash: string }[] = [];
  const reports = await verifySegments(files, folder, key, (event) => events.push(event));
  return {
    events,
    faults: reports.flatMap(({ name, faults }) => faults.map((fault) => `${name}: ${fault}`)),
  };
}

async function keyFromManifest(
  files: Pick<JournalFiles, 'readAll'>,
  folder: string,
  recoveryKey: KeyObject,
): Promise<Uint8Array | null> {
  try {
    const text = Buffer.from(await files.readAll(`${folder}/manifest.json`)).toString('utf8');
    const { key } = manifestSchema.parse(JSON.parse(text));
    return key && openSealedKey(recoveryKey, key, COPY_PURPOSE);
  } catch {
    return null;
  }
}

/** @returns the dated folders below `folder` that hold copies, oldest first; `folder` itself when it is one */
export async function datedFolders(files: Pick<JournalFiles, 'names'>, folder: string): Promise<string[]> {
  const hasSegments = async (path: string): Promise<boolean> =>
    (await files.names(path).catch(() => [])).some((name) => segmentNumber(name) !== null);
  if (await hasSegments(folder)) return [folder];
  const found: string[] = [];
  for (const name of await files.names(folder)) {
    const path = `${folder}/${name}`;
    if (/^\d{4}-\d\d-\d\d$/.test(name) && (await hasSegments(path))) found.push(path);
  }
  return found;
}
