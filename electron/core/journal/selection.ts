import { createHash } from 'node:crypto';
import type { EventBytes } from '../../../shared/contract/journal.ts';
import { firstAfter, type Branch, type Ledger } from './ledger.ts';
import type { Reader } from './reader.ts';

export interface Limits {
  maxEvents: number;
  /** Sum of the events' UTF-8 bytes; one event is always given. */
  maxBytes: number;
}

/** A stretch of one incarnation, ready to be sent: no gap in it. */
export interface Batch {
  inc: string;
  from: number;
  events: EventBytes[];
}

/** As `hashText` of shared/sync, by Node: a rebuild of the window's store asks for hundreds of thousands. */
const hashOf = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

interface Picked extends EventBytes {
  seq: number;
}

/** Reads events of one incarnation after `after`, within limits and before what is stranded. */
async function pick(
  branch: Branch,
  after: number,
  limits: Limits,
  reader: Pick<Reader, 'events'>,
  contiguous: boolean,
): Promise<Picked[]> {
  const picked: Picked[] = [];
  let bytes = 0;
  let expected: number | null = null;
  for (let at = firstAfter(branch, after); at < branch.records.length; at++) {
    const place = branch.records[at];
    if (!place || (contiguous && expected !== null && place.firstSeq !== expected)) return picked;
    const texts = await reader.events(place);
    for (const [i, text] of texts.entries()) {
      const seq = place.firstSeq + i;
      if (seq <= after) continue;
      const size = Buffer.byteLength(text);
      const full = picked.length >= limits.maxEvents || (picked.length > 0 && bytes + size > limits.maxBytes);
      if (full || seq >= branch.strandedFrom) return picked;
      picked.push({ bytes: text, hash: hashOf(text), seq });
      bytes += size;
    }
    expected = place.firstSeq + place.count;
  }
  return picked;
}

const isLeft = (branch: Branch, after: number): boolean => {
  const next = branch.records[firstAfter(branch, after)];
  return next !== undefined && Math.max(next.firstSeq, after + 1) < branch.strandedFrom;
};

/** @returns own events from a place on, through later incarnations to the newest; see `journal.read` of the contract */
export async function selectPage(
  ledger: Ledger,
  reader: Pick<Reader, 'events'>,
  hall: string,
  from: { inc: string | null; after: number },
  limits: Limits,
): Promise<{ events: EventBytes[]; more: boolean }> {
  const branches = ledger.branches().filter((branch) => branch.hall === hall);
  const known = branches.findIndex((branch) => branch.inc === from.inc);
  // An incarnation that is not held says nothing about the others: everything is given, which repeats but never omits.
  const after = known >= 0 || from.inc === null ? from.after : 0;
  const events: EventBytes[] = [];
  let bytes = 0;
  for (const [i, branch] of branches.slice(Math.max(known, 0)).entries()) {
    const rest = { maxEvents: limits.maxEvents - events.length, maxBytes: limits.maxBytes - bytes };
    const start = i === 0 ? after : 0;
    if (rest.maxEvents <= 0 || (rest.maxBytes <= 0 && events.length > 0)) {
      if (isLeft(branch, start)) return { events, more: true };
      continue;
    }
    const picked = await pick(branch, start, rest, reader, false);
    for (const { bytes: text, hash } of picked) {
      events.push({ bytes: text, hash });
      bytes += Buffer.byteLength(text);
    }
    if (isLeft(branch, picked.at(-1)?.seq ?? start)) return { events, more: true };
  }
  return { events, more: false };
}

/** @returns the oldest events the server has not acknowledged, of one incarnation and without a gap; null when there are none */
export async function selectUnsent(
  branches: readonly Branch[],
  reader: Pick<Reader, 'events'>,
  acknowledged: (inc: string) => number,
  limits: Limits,
): Promise<Batch | null> {
  for (const branch of branches) {
    const picked = await pick(branch, acknowledged(branch.inc), limits, reader, true);
    const first = picked[0];
    if (first)
      return { inc: branch.inc, from: first.seq, events: picked.map(({ bytes, hash }) => ({ bytes, hash })) };
  }
  return null;
}
