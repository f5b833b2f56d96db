import { CodedError } from '../../../shared/contract/errors.ts';
import { openExport, readExport } from '../../../shared/sync/export-file.ts';
import { exportCrypto } from './export-crypto.ts';
import { openOwn } from './export.ts';
import { writeNewFile, type JournalFiles } from './files.ts';
import type { Journal } from './journal.ts';

/** More is not carried for others: it would have to be sent in one piece. */
export const MOST_CARRIED_BYTES = 48_000_000;
const BIGGEST_BYTES = 1_000_000_000;
const PAGE = 500;

export interface Imported {
  events: number;
  added: number;
  hall: string;
  /** Another device's file that waits here for the line to the server. */
  held: boolean;
}

/**
 * Takes an export: an own one into the journal, as far as it is not there; another device's, which only the server can
 * open, into `carriedFolder`, from where it goes to the server. Twice changes nothing.
 * @throws CodedError JOURNAL_IMPORT_UNREADABLE, JOURNAL_IMPORT_DAMAGED, JOURNAL_IMPORT_FOREIGN, JOURNAL_IMPORT_TOO_LARGE,
 *   JOURNAL_DISK_FULL, JOURNAL_WRITE_FAILED
 */
export async function importExport(of: {
  file: string;
  journal: Pick<Journal, 'restore'>;
  files: JournalFiles;
  carriedFolder: string;
  dev: string;
  hall: string;
  key: Uint8Array;
}): Promise<Imported> {
  const { files, journal } = of;
  const bytes = await readFileOnce(files, of.file);
  const result = readExport(bytes, exportCrypto);
  if (!result.ok)
    throw new CodedError(
      result.fault === 'not-an-export' ? 'JOURNAL_IMPORT_UNREADABLE' : 'JOURNAL_IMPORT_DAMAGED',
      result.fault,
    );
  const { header } = result.read;
  const { hall, events } = header;
  if (hall !== of.hall) throw new CodedError('JOURNAL_IMPORT_FOREIGN', 'another hall');
  const key = header.dev === of.dev ? openOwn(of.key, header) : null;
  if (key) {
    const own = openExport(result.read, key, exportCrypto);
    if (!own) throw new CodedError('JOURNAL_IMPORT_DAMAGED', 'does not open');
    let added = 0;
    for (let at = 0; at < own.length; at += PAGE) added += await journal.restore(own.slice(at, at + PAGE));
    return { events, added, hall, held: false };
  }
  if (bytes.length > MOST_CARRIED_BYTES)
    throw new CodedError('JOURNAL_IMPORT_TOO_LARGE', 'too large to carry');
  const name = `${Buffer.from(exportCrypto.sha256(bytes)).toString('hex')}.zcx`;
  await files.makeFolder(of.carriedFolder);
  const names = await files.names(of.carriedFolder);
  if (names.includes(`${name}.sent`)) return { events, added: 0, hall, held: false };
  if (!names.includes(name)) {
    const part = `${name}.part`;
    try {
      await files.remove(`${of.carriedFolder}/${part}`);
      await writeNewFile(files, of.carriedFolder, part, bytes);
      await files.rename(`${of.carriedFolder}/${part}`, `${of.carriedFolder}/${name}`);
      await files.syncFolder(of.carriedFolder);
    } catch (error) {
      await files.remove(`${of.carriedFolder}/${part}`).catch(() => undefined);
      throw new CodedError('JOURNAL_WRITE_FAILED', 'carried file', { cause: error });
    }
  }
  return { events, added: 0, hall, held: true };
}

async function readFileOnce(files: JournalFiles, path: string): Promise<Uint8Array> {
  try {
    const bytes = await files.readAll(path);
    if (bytes.length > BIGGEST_BYTES) throw new Error('too large');
    return bytes;
  } catch (error) {
    throw new CodedError('JOURNAL_IMPORT_UNREADABLE', 'cannot be read', { cause: error });
  }
}
