import { stat } from 'node:fs/promises';
import type { ErrorCode } from '../../../shared/contract/errors.ts';
import type { JournalStatus } from '../../../shared/contract/journal.ts';
import type { Settings } from '../../../shared/contract/settings.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import { copyVerified, hashOfFile } from './copy-file.ts';
import { readCopyState, writeCopyState, type CopyState } from './copy-state.ts';
import { errorCode, nodeFiles, writeNewFile, type JournalFiles } from './files.ts';
import type { Journal } from './journal.ts';
import { manifestOf } from './manifest.ts';
import { ARCHIVE } from './retire.ts';
import { segmentNumber } from './segment.ts';

/** How often is looked whether something has to be copied, and the first time after a start, milliseconds. */
const LOOK_EVERY_MS = 10 * 60_000;
const FIRST_LOOK_MS = 60_000;
/** The segment in use is copied as far as it goes this often; closed ones at the next look. */
const COPY_EVERY_MS = 24 * 3_600_000;

/** The second place: dated, sealed copies of the journal's segments on another disk or a share of the hall. */
export interface Copies {
  state(): JournalStatus['copies'];
  /** Copies what is due now; `all` also what would wait for tomorrow. Never rejects: the state says how it went. */
  run(all?: boolean): Promise<void>;
  /** Empties the archive of what has a copy that still reads as it was written. @returns how many files went */
  emptyArchive(): Promise<number>;
  /** Stops looking; `last` copies once more. */
  close(last: boolean): Promise<void>;
}

export async function openCopies(ports: {
  journal: Pick<Journal, 'segmentFiles'>;
  /** The journal's folder. */
  folder: string;
  statePath: string;
  key: Uint8Array;
  dev: string;
  /** null until enrolled: there is nothing to copy then. */
  hall: () => string | null;
  sign: (text: string) => string;
  settings: () => Settings['journal'];
  clock: ClockPort;
  log: LogPort;
  files?: JournalFiles;
  isFolder?: (path: string) => Promise<boolean>;
}): Promise<Copies> {
  const { journal, folder, clock, log, files = nodeFiles, isFolder = isRealFolder } = ports;
  let kept: CopyState = await readCopyState(ports.statePath);
  let error: ErrorCode | null = null;
  let closed = false;
  let running: Promise<void> | null = null;
  let cancel: () => void = () => undefined;

  const target = (): string | null => ports.settings().copyFolder ?? null;

  /** Segments in use and put away, with how much of each is durable (null: the whole file). */
  async function segments(): Promise<{ name: string; path: string; bytes: number | null; open: boolean }[]> {
    const archive = `${folder}/${ARCHIVE}`;
    const old = (await files.names(archive)).filter((name) => segmentNumber(name) !== null);
    const live = await journal.segmentFiles();
    return [
      ...old.map((name) => ({ name, path: `${archive}/${name}`, bytes: null, open: false })),
      ...live.map(({ name, bytes }) => ({ name, path: `${folder}/${name}`, bytes, open: bytes !== null })),
    ];
  }

  async function copyAll(root: string, hall: string, all: boolean): Promise<void> {
    if (kept.folder !== root) kept = { folder: root, lastAt: null, files: {} };
    const own = `${root}/zongchuang/${hall}-${ports.dev}`;
    // A share that is not mounted often leaves an empty folder: writing there would fill this disk, unseen.
    const before = Object.keys(kept.files).length > 0;
    if (!(await isFolder(root)) || (before && !(await isFolder(own))))
      throw Object.assign(new Error('not there'), { code: 'ENOENT' });
    const daily = all || kept.lastAt === null || clock.now() - kept.lastAt >= COPY_EVERY_MS;
    const due = (await segments()).filter(({ name, bytes, open }) => {
      const copy = kept.files[name];
      // What was copied half, while it was in use, is copied again once it is closed.
      if (!open) return copy?.whole !== true;
      return daily && copy?.bytes !== bytes;
    });
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    const dated = `${own}/${day}`;
    if (due.length > 0) await files.makeFolder(dated);
    for (const { name, path, bytes, open } of due) {
      if (closed) return;
      const { sha256, bytes: length } = await copyVerified(
        files,
        path,
        { folder: dated, name },
        bytes ?? undefined,
      );
      kept.files[name] = { bytes: length, sha256, whole: !open, path: `${dated}/${name}`, at: clock.now() };
      if (!open) log.write('debug', 'journal', 'segment copied', { name });
    }
    const copies = Object.entries(kept.files).filter(([, copy]) => copy.path.startsWith(`${dated}/`));
    if (due.length > 0) {
      const text = manifestOf({
        ...ports,
        hall,
        at: new Date(clock.now()).toISOString(),
        recoveryKey: ports.settings().recoveryKey ?? null,
        files: copies.map(([name, { bytes, sha256 }]) => ({ name, bytes, sha256 })),
      });
      await files.remove(`${dated}/manifest.json`);
      await writeNewFile(files, dated, 'manifest.json', Buffer.from(text));
    }
    if (daily) kept.lastAt = clock.now();
    if (due.length > 0 || daily) await writeCopyState(ports.statePath, kept);
  }

  async function attempt(all: boolean): Promise<void> {
    const root = target();
    const hall = ports.hall();
    if (root === null || hall === null) {
      error = null;
      return;
    }
    try {
      await copyAll(root, hall, all);
      error = null;
    } catch (failed) {
      const code = copyError(failed);
      if (code !== error)
        log.write('warning', 'journal', 'second place', { code, reason: errorCode(failed) });
      error = code;
    }
  }

  function run(all = false): Promise<void> {
    const next = (running ?? Promise.resolve()).then(() => attempt(all));
    running = next;
    return next;
  }

  const look = (ms: number): void => {
    cancel = clock.after(ms, () => {
      void run().then(() => {
        if (!closed) look(LOOK_EVERY_MS);
      });
    });
  };
  look(FIRST_LOOK_MS);

  return {
    state() {
      const root = target();
      const mine = root !== null && kept.folder === root;
      return {
        folder: root,
        lastAt: mine ? kept.lastAt : null,
        files: mine ? Object.keys(kept.files).length : 0,
        error: root === null ? null : error,
      };
    },
    run,
    async emptyArchive() {
      const archive = `${folder}/${ARCHIVE}`;
      let gone = 0;
      for (const name of await files.names(archive)) {
        const copy = kept.files[name];
        if (!copy || kept.folder !== target()) continue;
        try {
          const here = await hashOfFile(files, `${archive}/${name}`);
          const there = await hashOfFile(files, copy.path);
          if (here.sha256 !== there.sha256 || here.bytes !== there.bytes) continue;
          await files.remove(`${archive}/${name}`);
          gone++;
        } catch {
          // The second place is not there today: what is here stays.
        }
      }
      return gone;
    },
    async close(last) {
      cancel();
      if (last) await run(true);
      closed = true;
      await running;
    },
  };
}

const GONE = new Set([
  'ENOENT',
  'ENOTDIR',
  'ENODEV',
  'ENXIO',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTCONN',
  'ESTALE',
  'ETIMEDOUT',
]);

function copyError(error: unknown): ErrorCode {
  const code = errorCode(error);
  if (GONE.has(code)) return 'JOURNAL_COPY_FOLDER_GONE';
  if (['EACCES', 'EPERM', 'EROFS'].includes(code)) return 'JOURNAL_COPY_NO_PERMISSION';
  if (['ENOSPC', 'EDQUOT'].includes(code)) return 'JOURNAL_COPY_FULL';
  return 'JOURNAL_COPY_FAILED';
}

async function isRealFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
