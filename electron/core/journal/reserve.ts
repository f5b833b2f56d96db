import { randomFillSync } from 'node:crypto';
import type { ClockPort } from '../ports/clock.ts';
import { writeFully, type JournalFiles, type OpenFile } from './files.ts';

/**
 * Space held back for the day the disk is full: a file of real bytes that is given up so that the case on the
 * table can be finished. `missing`: could not be made, and no write has failed yet.
 */
export type ReserveState = 'there' | 'making' | 'missing' | 'released';

export interface Reserve {
  state(): ReserveState;
  /** Gives the space back. @returns false when there was none to give */
  release(): Promise<boolean>;
  /** Asked before each append: false while the reserve is used up and the disk still full. Counts the append. */
  mayAppend(): Promise<boolean>;
  /** Resolves when no making is under way. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export const RESERVE_BYTES = 64 * 1024 * 1024;
/** A case on the table needs about five saves until its papers are out; this leaves room for mistakes. */
export const SAVES_AFTER_RELEASE = 20;
/** How often a full disk is asked whether it still is, milliseconds. */
const ASK_AGAIN_MS = 1000;
const CHUNK = 1024 * 1024;
const NAME = 'reserve.bin';
const UNFINISHED = 'reserve.tmp';

export async function openReserve(ports: {
  files: JournalFiles;
  folder: string;
  clock: ClockPort;
  bytes: number;
  /** The disk is left alone for so long after a start, milliseconds. */
  makeAfterMs?: number;
}): Promise<Reserve> {
  const { files, folder, clock, bytes, makeAfterMs = 1500 } = ports;
  const path = `${folder}/${NAME}`;
  const unfinished = `${folder}/${UNFINISHED}`;
  let state: ReserveState = (await files.names(folder)).includes(NAME) ? 'there' : 'missing';
  let savesLeft = 0;
  let askedAt = clock.monotonic();
  let cancelMaking: () => void = () => undefined;
  let stop = false;
  let making: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    await files.remove(unfinished);
    let file: OpenFile | null = null;
    try {
      file = await files.open(unfinished, 'create');
      // Random, because some file systems store zeros and repeats without using any space.
      const chunk = randomFillSync(new Uint8Array(Math.min(CHUNK, bytes)));
      for (let at = 0; at < bytes && !stop; at += chunk.length) {
        await writeFully(file, chunk.subarray(0, Math.min(chunk.length, bytes - at)), at);
      }
      await file.datasync();
      await file.close();
      file = null;
      if (stop) throw new Error('stopped');
      await files.rename(unfinished, path);
      await files.syncFolder(folder);
      state = 'there';
    } catch {
      await file?.close().catch(() => undefined);
      await files.remove(unfinished).catch(() => undefined);
      state = savesLeft > 0 ? 'released' : 'missing';
    }
  }

  /** Twice its size must be free: making it must not be what fills the disk. */
  const isRoom = async (): Promise<boolean> => (await files.freeBytes(folder)) >= bytes * 2;

  function make(): void {
    state = 'making';
    stop = false;
    making = write();
  }

  async function giveUpMaking(): Promise<void> {
    cancelMaking();
    stop = true;
    await making;
  }

  if (state === 'missing' && (await isRoom())) {
    if (makeAfterMs === 0) make();
    else cancelMaking = clock.after(makeAfterMs, () => state === 'missing' && make());
  }

  return {
    state: () => state,
    async release() {
      const had = state === 'there' || state === 'making';
      await giveUpMaking();
      if (had) {
        await files.remove(path);
        await files.syncFolder(folder);
      }
      savesLeft = had ? SAVES_AFTER_RELEASE : 0;
      state = 'released';
      return had;
    },
    async mayAppend() {
      if (state !== 'released' && state !== 'missing') return true;
      const now = clock.monotonic();
      if (now - askedAt >= ASK_AGAIN_MS) {
        askedAt = now;
        if (await isRoom()) {
          make();
          return true;
        }
      }
      if (state === 'missing') return true;
      return savesLeft-- > 0;
    },
    settled: () => making,
    close: giveUpMaking,
  };
}
