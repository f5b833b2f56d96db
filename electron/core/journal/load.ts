import { readEvent } from '../../../shared/sync/event.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import type { JournalFiles } from './files.ts';
import { createLedger, missingIn, type Hole, type Ledger } from './ledger.ts';
import {
  openingSchema,
  parseAs,
  parseEvents,
  RESTORED,
  retirementSchema,
  strandingSchema,
  type Opening,
} from './origin.ts';
import { openSealed, RECORD_PREFIX } from './record.ts';
import { cutTornTail, finishRepairs, putAside, repairSegment } from './repair.ts';
import { scanSegment, segmentName, segmentNumber, type SegmentScan } from './segment.ts';

/** Where the writer goes on. */
export interface LastSegment {
  no: number;
  end: number;
  nextIndex: number;
}

export interface Damage {
  segment: number;
  inc: string;
  /** Bytes of the segment that were no record. */
  bytes: { from: number; to: number };
}

export interface Loaded {
  ledger: Ledger;
  /** The newest segment's opening: whose journal this is. null for an empty folder. */
  newest: Opening | null;
  /** null when nothing may be appended to the newest segment: another must be begun. */
  last: LastSegment | null;
  /** Greater than the number of any segment there ever was. */
  nextNo: number;
  damage: Damage[];
  /** Sequences known to be missing. What was lost at a segment's very end cannot be known from here. */
  holes: Hole[];
  /** true when the newest incarnation has lost something: it must not go on counting. */
  newestDamaged: boolean;
  /** Bytes in all segments. */
  bytes: number;
  segments: number;
  /** There are segments and not one opens with this key. */
  keyWrong: boolean;
}

export interface LoadPorts {
  files: JournalFiles;
  folder: string;
  key: Uint8Array;
  clock: ClockPort;
  log: LogPort;
}

interface SegmentLoaded {
  is: 'loaded';
  no: number;
  opening: Opening;
  damage: Damage | null;
  last: LastSegment | null;
  bytes: number;
}
type SegmentOutcome = SegmentLoaded | { is: 'sealed' } | { is: 'torn' } | { is: 'unreadable' };

/** Reads every segment, puts right what can be put right, and builds the index. Throws only when a file cannot be read. */
export async function loadJournal(ports: LoadPorts): Promise<Loaded> {
  const { files, folder, log } = ports;
  await finishRepairs(files, folder);
  const names = await files.names(folder);
  const numbers = names
    .map(segmentNumber)
    .filter((no) => no !== null)
    .sort((a, b) => a - b);
  const ledger = createLedger();
  const damage: Damage[] = [];
  let newest: SegmentLoaded | null = null;
  let opened = 0;
  let sealed = 0;
  let endLost = false;
  let bytes = 0;
  let segments = 0;
  for (const no of numbers) {
    const isLast = no === numbers.at(-1);
    const outcome = await loadSegment(ports, ledger, no, isLast);
    if (outcome.is === 'loaded') {
      // What was written back stands behind, and is not where the writer goes on.
      if (outcome.opening.reason !== RESTORED) newest = outcome;
      opened++;
      bytes += outcome.bytes;
      segments++;
      if (outcome.damage) damage.push(outcome.damage);
    } else if (outcome.is !== 'torn') {
      if (outcome.is === 'sealed') sealed++;
      damage.push({ segment: no, inc: '', bytes: { from: 0, to: Infinity } });
      endLost = isLast;
    }
  }
  const inc = newest?.opening.inc;
  // After a repair another segment is begun; where that did not happen any more, the loss is still to be answered.
  const repairedNo = Math.max(
    0,
    ...names.map((name) => Number(/^seg-(\d+)\.zcj\.quarantine/.exec(name)?.[1] ?? 0)),
  );
  const unanswered = newest !== null && repairedNo >= newest.no;
  const holes = missingIn(ledger, {});
  const newestDamaged =
    endLost ||
    unanswered ||
    damage.some((found) => found.inc === inc) ||
    holes.some((hole) => hole.inc === inc);
  if (damage.length > 0 || newestDamaged) log.write('error', 'journal', 'damage', { damage, holes });
  return {
    ledger,
    newest: newest?.opening ?? null,
    last: newestDamaged ? null : (newest?.last ?? null),
    nextNo: Math.max(0, ...names.map((name) => Number(/^seg-(\d+)/.exec(name)?.[1] ?? 0))) + 1,
    damage,
    holes,
    newestDamaged,
    bytes,
    segments,
    keyWrong: sealed > 0 && opened === 0,
  };
}

/** A segment is begun in one write of less than this; a longer one had been written to. */
const BEGUN_BYTES = 2048;

async function loadSegment(
  ports: LoadPorts,
  ledger: Ledger,
  no: number,
  isLast: boolean,
): Promise<SegmentOutcome> {
  const { files, folder, key } = ports;
  let bytes = await files.readAll(`${folder}/${segmentName(no)}`);
  let scan = scanSegment(bytes);
  const foreign = scan.header !== null && scan.header.no !== no;
  const opening = foreign ? null : originOf(key, no, bytes, scan);
  if (opening === 'sealed') return { is: 'sealed' };
  if (!opening) {
    const torn = isLast && !foreign && bytes.length < BEGUN_BYTES;
    await putAside(ports, no, torn ? 'torn' : 'quarantine');
    return { is: torn ? 'torn' : 'unreadable' };
  }
  const bad = scan.bad;
  let appendable = bad.length === 0;
  if (bad.length > 0) {
    bytes = await repairSegment(ports, no, bytes, scan, opening);
    scan = scanSegment(bytes);
  } else if (scan.tornAt !== null) {
    appendable = await cutTornTail(ports, no, bytes, scan.tornAt);
    bytes = bytes.subarray(0, scan.tornAt);
  }
  indexRecords(ports, ledger, no, bytes, scan, opening);
  const hurt = { from: bad[0]?.from ?? 0, to: bad.at(-1)?.to ?? 0 };
  return {
    is: 'loaded',
    no,
    opening,
    damage: bad.length > 0 ? { segment: no, inc: opening.inc, bytes: hurt } : null,
    last: appendable
      ? { no, end: bytes.length, nextIndex: (scan.records.at(-1)?.head.index ?? -1) + 1 }
      : null,
    bytes: bytes.length,
  };
}

/** Whose segment this is: its first record says so, or else any event in it. 'sealed': whole records that do not open. */
function originOf(
  key: Uint8Array,
  no: number,
  bytes: Uint8Array,
  scan: SegmentScan,
): Opening | 'sealed' | null {
  let sealed = 0;
  for (const { head, offset, end } of scan.records) {
    if (head.kind === 'stranding') continue;
    const text = openSealed(key, no, bytes.subarray(offset + RECORD_PREFIX, end));
    if (text === null) {
      // One could be a single bad record; after three the key is wrong.
      if (++sealed === 3) return 'sealed';
      continue;
    }
    if (head.kind === 'opening') {
      const opening = parseAs(openingSchema, text);
      if (opening) return opening;
      continue;
    }
    const read = readEvent(parseEvents(text)?.[0] ?? '');
    if (!read.ok) continue;
    const { dev, inc, hall, station, seq, prev, at } = read.kept.event;
    return { dev, inc, hall, station, firstSeq: seq, prev, reason: 'recovered', at };
  }
  return sealed > 0 ? 'sealed' : null;
}

function indexRecords(
  ports: LoadPorts,
  ledger: Ledger,
  no: number,
  bytes: Uint8Array,
  scan: SegmentScan,
  opening: Opening,
): void {
  const restored = opening.reason === RESTORED;
  if (restored) ledger.openRestored(opening);
  else ledger.open(opening);
  for (const { head, offset, end } of scan.records) {
    if (head.kind === 'stranding') {
      const text = openSealed(ports.key, no, bytes.subarray(offset + RECORD_PREFIX, end));
      const said = text === null ? null : parseAs(strandingSchema, text);
      if (said) ledger.strand(said.inc, said.from, no);
      const put = text === null ? null : parseAs(retirementSchema, text);
      for (const { inc, to } of put?.retired ?? []) ledger.retire(inc, to);
    }
    if (head.kind !== 'events') continue;
    const { cmd, firstSeq, count } = head;
    const place = { segment: no, offset, size: end - offset, firstSeq, count };
    const added = restored
      ? ledger.addRestored(opening.inc, cmd, place)
      : ledger.add(opening.inc, cmd, place);
    if (!added)
      ports.log.write('warning', 'journal', 'sequence seen twice; the later record is not used', {
        segment: no,
        seq: firstSeq,
      });
  }
}
