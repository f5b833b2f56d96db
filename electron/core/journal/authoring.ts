import { CodedError } from '../../../shared/contract/errors.ts';
import type { Draft } from '../../../shared/contract/journal.ts';
import { makeEvent, type Author, type HallEvent, type KeptEvent } from '../../../shared/sync/event.ts';
import type { NewRecord } from './writer.ts';

/** Longest event, UTF-8 bytes: two always fit one push (MAX_PUSH_BYTES), so that none can block the queue. */
export const MAX_EVENT_BYTES = 480_000;

/** The end of the chain an event is added to. */
export interface ChainEnd {
  seq: number;
  hash: string;
}

/**
 * Makes the events of one command, each chained to the one before.
 * @throws CodedError WIRE_BAD_INPUT for a body that has no canonical form or is too long
 */
export function authorCommand(
  cmd: string,
  drafts: Draft[],
  author: Author,
  after: ChainEnd,
  at: string,
): KeptEvent[] {
  const made: KeptEvent[] = [];
  let { seq, hash } = after;
  for (const draft of drafts) {
    let event: KeptEvent;
    try {
      event = makeEvent(draft, author, { seq: ++seq, prev: hash, cmd, at });
    } catch (error) {
      throw new CodedError('WIRE_BAD_INPUT', `journal.append: ${draft.type} has no canonical form`, {
        cause: error,
      });
    }
    if (Buffer.byteLength(event.bytes) > MAX_EVENT_BYTES)
      throw new CodedError('WIRE_BAD_INPUT', `journal.append: ${draft.type} is too long`);
    hash = event.hash;
    made.push(event);
  }
  return made;
}

/**
 * The same happenings as events of another incarnation: same command, time and body, new place in a new chain.
 * @param renamed hash of an event as it was → as it is now; grows, and turns what was `seen` into what can be found
 */
export function authorAgain(
  events: HallEvent[],
  hashes: string[],
  author: Author,
  after: ChainEnd,
  renamed: Map<string, string>,
): KeptEvent[] {
  const made: KeptEvent[] = [];
  let { seq, hash } = after;
  events.forEach((old, i) => {
    const { type, typeV, agg, user, body, cmd, at } = old;
    const seen = { last: renamed.get(old.seen.last) ?? old.seen.last, cursor: old.seen.cursor };
    // The place of work belongs to the happening, not to the journal it is copied into.
    const event = makeEvent(
      { type, typeV, agg, seen, user, body },
      { ...author, station: old.station },
      { seq: ++seq, prev: hash, cmd, at },
    );
    renamed.set(hashes[i] ?? '', event.hash);
    hash = event.hash;
    made.push(event);
  });
  return made;
}

/** @returns the record in which a command's events stand together */
export const commandRecord = (cmd: string, events: KeptEvent[]): NewRecord => ({
  kind: 'events',
  text: JSON.stringify(events.map((event) => event.bytes)),
  of: { count: events.length, firstSeq: events[0]?.event.seq ?? 0, cmd },
});
