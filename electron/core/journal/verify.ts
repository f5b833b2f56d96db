import { readEvent } from '../../../shared/sync/event.ts';
import type { JournalFiles } from './files.ts';
import { openingSchema, parseAs, parseEvents } from './origin.ts';
import { openSealed, RECORD_PREFIX } from './record.ts';
import { scanSegment, segmentName, segmentNumber } from './segment.ts';

export interface SegmentReport {
  name: string;
  inc: string;
  events: number;
  firstSeq: number;
  lastSeq: number;
  /** Records that do not open with this key, events that are not what they say or do not follow; bytes that are no record. */
  faults: string[];
}

/**
 * Reads every record of every segment with its seal opened, and every event with hash and chain, and changes nothing.
 * @param each called with every event that is whole, in the order it stands
 */
export async function verifySegments(
  files: Pick<JournalFiles, 'names' | 'readAll'>,
  folder: string,
  key: Uint8Array,
  each: (event: { bytes: string; hash: string }) => void = () => undefined,
): Promise<SegmentReport[]> {
  const numbers = (await files.names(folder)).map(segmentNumber).filter((no) => no !== null);
  const ends = new Map<string, { seq: number; hash: string }>();
  const reports: SegmentReport[] = [];
  for (const no of numbers.sort((a, b) => a - b)) {
    const bytes = await files.readAll(`${folder}/${segmentName(no)}`);
    const scan = scanSegment(bytes);
    const report: SegmentReport = {
      name: segmentName(no),
      inc: scan.header?.inc ?? '',
      events: 0,
      firstSeq: 0,
      lastSeq: 0,
      faults: scan.bad.map(({ from, to }) => `bytes ${from}-${to}`),
    };
    if (scan.tornAt !== null) report.faults.push(`unfinished from byte ${scan.tornAt}`);
    for (const { head, offset, end } of scan.records) {
      const text = openSealed(key, no, bytes.subarray(offset + RECORD_PREFIX, end));
      if (text === null) report.faults.push(`record ${head.index} does not open`);
      if (text === null || head.kind === 'stranding') continue;
      if (head.kind === 'opening') {
        const opening = parseAs(openingSchema, text);
        if (opening) ends.set(opening.inc, { seq: opening.firstSeq - 1, hash: opening.prev });
        continue;
      }
      for (const event of parseEvents(text) ?? []) {
        const read = readEvent(event);
        if (!read.ok) {
          report.faults.push(`record ${head.index}: ${read.fault}`);
          continue;
        }
        const { inc, seq, prev } = read.kept.event;
        const last = ends.get(inc);
        if (last && (seq !== last.seq + 1 || prev !== last.hash))
          report.faults.push(`chain breaks at ${seq}`);
        ends.set(inc, { seq, hash: read.kept.hash });
        if (report.events++ === 0) report.firstSeq = seq;
        report.lastSeq = seq;
        each({ bytes: event, hash: read.kept.hash });
      }
    }
    reports.push(report);
  }
  return reports;
}
