import { mkdir, open, readdir, readFile, rename, rm, statfs } from 'node:fs/promises';
import { CodedError } from '../../../shared/contract/errors.ts';

/** One open file, written and read at given places only: a failed write then never moves what follows it. */
export interface OpenFile {
  /** @returns how many bytes were really taken, which may be fewer than given */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** @returns how many bytes were read; fewer than asked only at the end of the file */
  read(target: Uint8Array, position: number): Promise<number>;
  truncate(length: number): Promise<void>;
  /** Resolves when the contents, and what is needed to find them, are on the medium. */
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/** The file system as the journal sees it, so that tests can fill the disk and cut the power. */
export interface JournalFiles {
  makeFolder(path: string): Promise<void>;
  /** Names in a folder, sorted; [] when there is no such folder. */
  names(folder: string): Promise<string[]>;
  /** `create` fails when the file is there already; `existing` when it is not. */
  open(path: string, mode: 'create' | 'existing'): Promise<OpenFile>;
  readAll(path: string): Promise<Uint8Array>;
  rename(from: string, to: string): Promise<void>;
  /** Nothing happens when the file is not there. */
  remove(path: string): Promise<void>;
  /** Makes creations, renames and removals in the folder durable. */
  syncFolder(path: string): Promise<void>;
  /** Bytes this user may still write on the medium of `path`. */
  freeBytes(path: string): Promise<number>;
}

/** The real file system. */
export const nodeFiles: JournalFiles = {
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  names: async (folder) => {
    try {
      return (await readdir(folder)).sort();
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    }
  },
  open: async (path, mode) => {
    const handle = await open(path, mode === 'create' ? 'wx+' : 'r+', 0o600);
    return {
      write: async (bytes, position) => (await handle.write(bytes, 0, bytes.length, position)).bytesWritten,
      read: async (target, position) => (await handle.read(target, 0, target.length, position)).bytesRead,
      truncate: (length) => handle.truncate(length),
      datasync: () => handle.datasync(),
      close: () => handle.close(),
    };
  },
  readAll: (path) => readFile(path),
  rename: (from, to) => rename(from, to),
  remove: (path) => rm(path, { force: true }),
  syncFolder: async (path) => {
    // Windows cannot open a folder for flushing; NTFS journals names by itself.
    if (process.platform === 'win32') return;
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  freeBytes: async (path) => {
    const space = await statfs(path);
    return space.bavail * space.bsize;
  },
};

/** @returns the system's name for a failure (`ENOSPC`), or '' */
export const errorCode = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
};

/** Full medium or used-up quota: the failures a reserve can help with. */
export const isNoSpace = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes(errorCode(error));

/** @returns what a write that failed means to a person: no room, or a medium that does not work */
export function writeFailure(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  if (isNoSpace(error)) return new CodedError('JOURNAL_DISK_FULL', errorCode(error), { cause: error });
  return new CodedError('JOURNAL_WRITE_FAILED', errorCode(error) || 'unknown', { cause: error });
}

/**
 * Writes all bytes at `position`. A short write is not success: the rest is tried again, and a system that takes
 * nothing more is a full disk.
 * @throws the system's error, or one with code ENOSPC
 */
export async function writeFully(file: OpenFile, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const taken = await file.write(bytes.subarray(done), position + done);
    if (taken <= 0) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
    done += taken;
  }
}

/** Creates a file with these contents, durable in name and contents when it resolves. */
export async function writeNewFile(
  files: JournalFiles,
  folder: string,
  name: string,
  bytes: Uint8Array,
): Promise<void> {
  const path = `${folder}/${name}`;
  const file = await files.open(path, 'create');
  try {
    await writeFully(file, bytes, 0);
    await file.datasync();
  } finally {
    await file.close();
  }
  await files.syncFolder(folder);
}
