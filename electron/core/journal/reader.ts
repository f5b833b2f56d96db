import { CodedError } from '../../../shared/contract/errors.ts';
import type { JournalFiles, OpenFile } from './files.ts';
import type { RecordPlace } from './ledger.ts';
import { parseEvents } from './origin.ts';
import { findRecord, openSealed } from './record.ts';
import { segmentName } from './segment.ts';

/** Reads single records back from the medium. Calls must not overlap. */
export interface Reader {
  /** @returns the event texts of the command at this place. @throws CodedError JOURNAL_CORRUPT when they are not what was written */
  events(place: RecordPlace): Promise<string[]>;
  close(): Promise<void>;
}

/** Keeps the last segment read open: replay and push walk through one after the other. */
export function createReader(ports: { files: JournalFiles; folder: string; key: Uint8Array }): Reader {
  const { files, folder, key } = ports;
  let open: { no: number; file: OpenFile } | null = null;

  async function fileOf(no: number): Promise<OpenFile> {
    if (open?.no === no) return open.file;
    const file = await files.open(`${folder}/${segmentName(no)}`, 'existing');
    await open?.file.close();
    open = { no, file };
    return file;
  }

  return {
    async events({ segment, offset, size }) {
      const bytes = Buffer.alloc(size);
      const file = await fileOf(segment);
      let got = 0;
      while (got < size) {
        const read = await file.read(bytes.subarray(got), offset + got);
        if (read === 0) break;
        got += read;
      }
      const found = findRecord(bytes.subarray(0, got), 0);
      const text = found.is === 'record' ? openSealed(key, segment, found.sealed) : null;
      const events = text === null ? null : parseEvents(text);
      if (!events) throw new CodedError('JOURNAL_CORRUPT', `segment ${segment}, byte ${offset}`);
      return events;
    },
    async close() {
      await open?.file.close();
      open = null;
    },
  };
}
