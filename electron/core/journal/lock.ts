import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { ClockPort } from '../ports/clock.ts';

/** The one right to write a journal. */
export interface JournalLock {
  /** false when somebody else has taken the lock over, or it was deleted. Cheap; asked before every write. */
  held(): boolean;
  release(): void;
}

/** Holder touches the file this often, so that a process that died under a number used again is found out. */
const HEARTBEAT_MS = 10_000;
const SILENT_MS = 35_000;
/** After taking over a dead holder's lock: long enough for a second taker that read the same dead lock to show itself. */
const SETTLE_MS = 60;

interface Holder {
  pid: number;
  /** When that process started, as the system counts it; '' where it does not tell. */
  started: string;
  /** Tells one start of the machine from the next; '' where the system does not tell. */
  boot: string;
  host: string;
}

/**
 * Takes the lock file, also over the dead body of a holder that was killed. Node has no file locks of the system,
 * so the holder is known by process number, its start time where the system tells (Linux), and a heartbeat.
 * @throws CodedError JOURNAL_LOCKED while another living process holds it
 */
export async function takeLock(path: string, clock: ClockPort): Promise<JournalLock> {
  const me: Holder = {
    pid: process.pid,
    started: startOf(process.pid),
    boot: bootId(),
    host: hostname(),
  };
  let file = create(path, me);
  if (file === null) {
    if (isAlive(readHolder(path), path)) throw new CodedError('JOURNAL_LOCKED', 'held by another process');
    rmSync(path, { force: true });
    file = create(path, me);
    if (file === null) throw new CodedError('JOURNAL_LOCKED', 'taken at the same moment');
    await new Promise<void>((resolve) => clock.after(SETTLE_MS, resolve));
  }
  const lock = keep(path, file, clock);
  if (lock.held()) return lock;
  lock.release();
  throw new CodedError('JOURNAL_LOCKED', 'taken at the same moment');
}

/** @param file the lock file, held open so that its inode cannot be given to another file */
function keep(path: string, file: number, clock: ClockPort): JournalLock {
  const mine = fstatSync(file, { bigint: true }).ino;
  let released = false;
  const held = (): boolean => {
    if (released) return false;
    const now = statSync(path, { bigint: true, throwIfNoEntry: false });
    return now?.ino === mine;
  };
  let cancel: () => void = () => undefined;
  const beat = (): void => {
    cancel = clock.after(HEARTBEAT_MS, () => {
      if (held()) {
        const now = Date.now() / 1000;
        utimesSync(path, now, now);
      }
      beat();
    });
  };
  beat();
  return {
    held,
    release() {
      if (released) return;
      cancel();
      const own = held();
      released = true;
      closeSync(file);
      if (own) rmSync(path, { force: true });
    },
  };
}

/** @returns the new lock file, open; null when there is one already */
function create(path: string, me: Holder): number | null {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as { code?: string }).code === 'EEXIST') return null;
    throw error;
  }
  try {
    writeSync(file, JSON.stringify(me));
    fsyncSync(file);
  } catch {
    // A full disk must not keep the program from starting; an empty lock file is respected while its heart beats.
  }
  return file;
}

function readHolder(path: string): Holder | null {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Partial<Holder> | null;
    return typeof value?.pid === 'number' ? (value as Holder) : null;
  } catch {
    return null;
  }
}

function isAlive(holder: Holder | null, path: string): boolean {
  const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  if (!holder) return Math.abs(age) < SILENT_MS;
  // A profile on a network drive: the other machine's processes cannot be asked, only its heartbeat.
  if (holder.host !== hostname()) return Math.abs(age) < SILENT_MS;
  if (holder.boot !== bootId() || !processExists(holder.pid)) return false;
  if (holder.started !== '') return holder.started === startOf(holder.pid);
  return Math.abs(age) < SILENT_MS;
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}

/** @returns field 22 of /proc/PID/stat (start time in clock ticks since boot; proc(5)), '' where there is none */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold blanks and brackets itself.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** @returns Linux's boot id; '' elsewhere, where a restart is told by the silent heartbeat */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
