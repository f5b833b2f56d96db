import { CodedError } from '../../../shared/contract/errors.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import {
  isNoSpace,
  writeFailure,
  writeFully,
  writeNewFile,
  type JournalFiles,
  type OpenFile,
} from './files.ts';
import type { RecordPlace } from './ledger.ts';
import type { LastSegment } from './load.ts';
import type { JournalLock } from './lock.ts';
import type { Opening } from './origin.ts';
import { recordHead, sealRecord, type RecordKind } from './record.ts';
import type { Reserve } from './reserve.ts';
import { SEGMENT_HEADER, segmentHeader, segmentName } from './segment.ts';

export const SEGMENT_BYTES = 16 * 1024 * 1024;

/** One record before it has a place. */
export interface NewRecord {
  kind: RecordKind;
  text: string;
  of?: { count: number; firstSeq: number; cmd: string };
}

/**
 * Puts records on the medium. One caller at a time: the journal's queue sees to that. When a call resolves its
 * records are durable; when it rejects none of them is in the file.
 */
export interface Writer {
  /** Appends all records with one write and one flush. `opening` begins the next segment, if one is due. */
  append(records: NewRecord[], opening: () => Opening): Promise<RecordPlace[]>;
  /** Begins a new segment with these as its first records. */
  begin(opening: Opening, records?: NewRecord[]): Promise<void>;
  /**
   * Writes a whole segment beside the one in use, durable when it resolves. Never touches the reserve: that is for the
   * case on the table.
   */
  writeBeside(opening: Opening, records: NewRecord[]): Promise<RecordPlace[]>;
  /** As `append`, but a full disk is simply refused: for what can wait. @returns the segment they stand in */
  appendIfRoom(records: NewRecord[], opening: () => Opening): Promise<number>;
  /** Number of the segment in use and its durable length; null when the next append begins one. */
  current(): { no: number; end: number } | null;
  /** These segments' files have been put away. */
  forget(segments: number, bytes: number): void;
  figures(): { segments: number; bytes: number; lastSyncMs: number | null };
  close(): Promise<void>;
}

interface Current {
  no: number;
  file: OpenFile;
  /** Where the next record goes; everything before it is durable. */
  end: number;
  nextIndex: number;
  /** A failed write may have left bytes behind `end`. */
  dirty: boolean;
  /** A flush failed: what the system says about this file is not believed again. */
  retired: boolean;
}

export async function openWriter(ports: {
  files: JournalFiles;
  folder: string;
  key: Uint8Array;
  clock: ClockPort;
  log: LogPort;
  lock: JournalLock;
  reserve: Reserve;
  segmentBytes: number;
  last: LastSegment | null;
  nextNo: number;
  segments: number;
  bytes: number;
}): Promise<Writer> {
  const { files, folder, key, clock, log, lock, reserve, segmentBytes } = ports;
  let { nextNo, segments } = ports;
  let bytesBefore = ports.bytes - (ports.last?.end ?? 0);
  let lastSyncMs: number | null = null;
  let current: Current | null = null;
  if (ports.last) {
    const { no, end, nextIndex } = ports.last;
    current = {
      no,
      end,
      nextIndex,
      dirty: false,
      retired: false,
      file: await files.open(`${folder}/${segmentName(no)}`, 'existing'),
    };
  }

  const timedSync = async (file: OpenFile): Promise<void> => {
    const from = clock.monotonic();
    await file.datasync();
    lastSyncMs = clock.monotonic() - from;
  };

  async function beginSegment(opening: Opening): Promise<Current> {
    // A refused record left behind would be read before the acknowledged one that follows in the new segment.
    if (current) await cutLeftovers(current);
    const no = nextNo++;
    const path = `${folder}/${segmentName(no)}`;
    const head = segmentHeader({ no, dev: opening.dev, inc: opening.inc });
    const bytes = Buffer.concat([
      head,
      sealRecord(key, no, recordHead('opening', 0), JSON.stringify(opening)),
    ]);
    const file = await files.open(path, 'create');
    try {
      await writeFully(file, bytes, 0);
      await timedSync(file);
      await files.syncFolder(folder);
    } catch (error) {
      await file.close().catch(() => undefined);
      await files.remove(path).catch(() => undefined);
      throw error;
    }
    await current?.file.close().catch(() => undefined);
    bytesBefore += current?.end ?? 0;
    segments++;
    current = { no, file, end: bytes.length, nextIndex: 1, dirty: false, retired: false };
    return current;
  }

  async function cutLeftovers(to: Current): Promise<void> {
    if (!to.dirty) return;
    await to.file.truncate(to.end);
    await to.file.datasync();
    to.dirty = false;
  }

  async function place(to: Current, records: NewRecord[]): Promise<RecordPlace[]> {
    await cutLeftovers(to);
    let offset = to.end;
    const sealed = records.map((record, i) =>
      sealRecord(key, to.no, recordHead(record.kind, to.nextIndex + i, record.of), record.text),
    );
    const places = records.map((record, i) => {
      const size = sealed[i]?.length ?? 0;
      const at = {
        segment: to.no,
        offset,
        size,
        firstSeq: record.of?.firstSeq ?? 0,
        count: record.of?.count ?? 0,
      };
      offset += size;
      return at;
    });
    to.dirty = true;
    let written = false;
    try {
      await writeFully(to.file, Buffer.concat(sealed), to.end);
      written = true;
      await timedSync(to.file);
    } catch (error) {
      to.retired = written;
      // Cut at once, so that a start after a crash does not find what was refused. If that fails too, before the next write.
      await cutLeftovers(to).catch(() => undefined);
      throw error;
    }
    to.dirty = false;
    to.end = offset;
    to.nextIndex += records.length;
    return places;
  }

  async function writeBeside(opening: Opening, records: NewRecord[]): Promise<RecordPlace[]> {
    if (!lock.held()) throw new CodedError('JOURNAL_LOCKED', 'lock lost');
    const no = nextNo++;
    const parts = [
      segmentHeader({ no, dev: opening.dev, inc: opening.inc }),
      sealRecord(key, no, recordHead('opening', 0), JSON.stringify(opening)),
    ];
    let offset = parts.reduce((sum, part) => sum + part.length, 0);
    const places = records.map(({ kind, text, of }, i) => {
      const sealed = sealRecord(key, no, recordHead(kind, i + 1, of), text);
      parts.push(sealed);
      const place = {
        segment: no,
        offset,
        size: sealed.length,
        firstSeq: of?.firstSeq ?? 0,
        count: of?.count ?? 0,
      };
      offset += sealed.length;
      return place;
    });
    const name = segmentName(no);
    try {
      await writeNewFile(files, folder, name, Buffer.concat(parts));
    } catch (error) {
      await files.remove(`${folder}/${name}`).catch(() => undefined);
      throw writeFailure(error);
    }
    segments++;
    bytesBefore += offset;
    return places;
  }

  /** Runs a write; on a full disk gives the reserve up and runs it once more. */
  async function withReserve<T>(write: () => Promise<T>): Promise<T> {
    if (!lock.held()) throw new CodedError('JOURNAL_LOCKED', 'lock lost');
    if (!(await reserve.mayAppend())) throw new CodedError('JOURNAL_DISK_FULL', 'reserve used up');
    try {
      return await write();
    } catch (first) {
      if (!isNoSpace(first)) throw writeFailure(first);
      const helped = await reserve.release();
      log.write('error', 'journal', 'disk full', { reserveReleased: helped });
      if (!helped) throw writeFailure(first);
      try {
        return await write();
      } catch (second) {
        throw writeFailure(second);
      }
    }
  }

  async function putInPlace(records: NewRecord[], opening: () => Opening): Promise<RecordPlace[]> {
    const due = !current || current.retired || current.end >= Math.max(segmentBytes, SEGMENT_HEADER);
    return place(due || !current ? await beginSegment(opening()) : current, records);
  }

  return {
    append: (records, opening) => withReserve(() => putInPlace(records, opening)),
    async appendIfRoom(records, opening) {
      if (!lock.held()) throw new CodedError('JOURNAL_LOCKED', 'lock lost');
      try {
        return (await putInPlace(records, opening))[0]?.segment ?? 0;
      } catch (error) {
        throw writeFailure(error);
      }
    },
    writeBeside,
    current: () => current && { no: current.no, end: current.end },
    forget(count, size) {
      segments -= count;
      bytesBefore -= size;
    },
    begin: (opening, records = []) =>
      withReserve(async () => {
        const segment = await beginSegment(opening);
        if (records.length > 0) await place(segment, records);
      }),
    figures: () => ({ segments, bytes: bytesBefore + (current?.end ?? 0), lastSyncMs }),
    async close() {
      await current?.file.close();
      current = null;
    },
  };
}
