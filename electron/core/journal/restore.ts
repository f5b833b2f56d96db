import type { EventBytes } from '../../../shared/contract/journal.ts';
import { readEvent, type KeptEvent } from '../../../shared/sync/event.ts';
import { hashText } from '../../../shared/sync/hash.ts';
import type { LogPort } from '../ports/log.ts';
import { authorAgain } from './authoring.ts';
import type { Book } from './book.ts';
import { firstAfter, holds, missingIn, type Hole, type Ledger, type RecordPlace } from './ledger.ts';
import type { HeadMemory } from './memory.ts';
import { commandKey } from './record.ts';

/** An incarnation and how far somebody else has seen it come. */
export interface Reached {
  inc: string;
  seq: number;
}

/** Finds out what the journal lost by asking others, and takes it back from them. One caller at a time. */
export interface Restorer {
  /** Own events that existed and are not here. */
  missing(): Hole[];
  /**
   * The store or the server says how far it has seen our incarnations come. The current one is ended when it had come
   * further than this journal knows: it must not count on.
   */
  compare(seen: readonly Reached[]): Promise<Hole[]>;
  /**
   * Writes back own events that are not here, with the bytes they always had. What does not fit the chain on either side
   * is left out.
   * @returns how many were written
   */
  restore(events: readonly EventBytes[]): Promise<number>;
}

export function createRestorer(ports: {
  dev: string;
  book: Book;
  ledger: Ledger;
  memory: HeadMemory;
  log: LogPort;
  eventsAt: (place: RecordPlace) => Promise<string[]>;
  /** Ends the current incarnation because its end is not here. */
  shortened: () => Promise<void>;
}): Restorer {
  const { dev, book, ledger, memory, log, eventsAt } = ports;

  /** @returns the text of an event that is here */
  async function textOf(inc: string, seq: number): Promise<string | null> {
    const branch = ledger.branch(inc);
    if (!branch || !holds(branch, seq)) return null;
    const place = branch.records[firstAfter(branch, seq - 1)];
    if (!place) return null;
    return (await eventsAt(place))[seq - place.firstSeq] ?? null;
  }

  async function fits(run: readonly KeptEvent[]): Promise<boolean> {
    const first = run[0];
    const last = run.at(-1);
    if (!first || !last) return false;
    const { inc, seq, prev } = first.event;
    if (seq === 1 && prev !== '') return false;
    const before = await textOf(inc, seq - 1);
    if (before !== null && hashText(before) !== prev) return false;
    const after = await textOf(inc, last.event.seq + 1);
    const read = after === null ? null : readEvent(after);
    return !read?.ok || read.kept.event.prev === last.hash;
  }

  /**
   * The place was given to another event after the journal had lost this one unnoticed. The server can take only one of
   * the two under that name; this one is made again in the current incarnation, unless its command was, or the server
   * has it.
   */
  async function makeAgain(others: readonly KeptEvent[]): Promise<number> {
    let made = 0;
    for (const { event, hash, bytes } of others) {
      const { cmd, inc, seq } = event;
      const here = await textOf(inc, seq);
      if (here === null || here === bytes || ledger.command(commandKey(cmd))) continue;
      if (seq <= memory.acknowledged(inc)) continue;
      const again = others.filter((other) => other.event.cmd === cmd);
      const events = authorAgain(
        again.map((other) => other.event),
        again.map((other) => other.hash),
        book.author(),
        book.end(),
        new Map(),
      );
      await book.record([{ cmd, events }]);
      log.write('error', 'journal', 'place taken by another event; made again', { inc, seq, was: hash });
      made += events.length;
    }
    return made;
  }

  /** Own, whole, each once, in order: those that are not here, and those whose place is taken. */
  function wanted(events: readonly EventBytes[]): { lost: KeptEvent[]; held: KeptEvent[] } {
    const found = new Map<string, KeptEvent>();
    const held: KeptEvent[] = [];
    for (const { bytes, hash } of events) {
      const read = readEvent(bytes, hash);
      if (!read.ok || read.kept.event.dev !== dev) continue;
      const { inc, seq } = read.kept.event;
      const branch = ledger.branch(inc);
      const put = seq <= (ledger.retired().get(inc) ?? 0);
      if (put) continue;
      if (branch && holds(branch, seq)) held.push(read.kept);
      else found.set(`${inc}/${seq}`, read.kept);
    }
    const lost = [...found.values()].sort((a, b) =>
      a.event.inc === b.event.inc ? a.event.seq - b.event.seq : a.event.inc < b.event.inc ? -1 : 1,
    );
    return { lost, held };
  }

  const endIfShortened = async (seen: readonly Reached[]): Promise<void> => {
    const { inc, seq } = book.head();
    if (inc !== '' && seen.some((other) => other.inc === inc && other.seq > seq)) await ports.shortened();
  };

  return {
    missing: () => missingIn(ledger, memory.reached()),
    async compare(seen) {
      for (const { inc, seq } of seen) memory.setReached(inc, seq);
      await endIfShortened(seen);
      return missingIn(ledger, memory.reached());
    },
    async restore(events) {
      const { lost, held } = wanted(events);
      await endIfShortened(lost.map(({ event: { inc, seq } }) => ({ inc, seq })));
      let taken = 0;
      for (const run of runsOf(lost)) {
        if (await fits(run)) {
          await book.writeBack(run);
          taken += run.length;
        } else {
          const { inc, seq } = run[0]?.event ?? { inc: '', seq: 0 };
          log.write('error', 'journal', 'events do not fit the chain; not written back', {
            inc,
            from: seq,
            events: run.length,
          });
        }
      }
      if (book.isEnrolled()) taken += await makeAgain(held);
      if (taken > 0) log.write('warning', 'journal', 'events written back', { events: taken });
      return taken;
    },
  };
}

/** @returns stretches of one incarnation in which each event names the one before it */
function runsOf(events: readonly KeptEvent[]): KeptEvent[][] {
  const runs: KeptEvent[][] = [];
  for (const kept of events) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const follows =
      last?.event.inc === kept.event.inc &&
      last.event.hall === kept.event.hall &&
      last.event.seq + 1 === kept.event.seq &&
      last.hash === kept.event.prev;
    if (run && follows) run.push(kept);
    else runs.push([kept]);
  }
  return runs;
}
