import { readEvent, type HallEvent } from '../../../shared/sync/event.ts';
import { authorAgain } from './authoring.ts';
import type { Book } from './book.ts';
import { firstAfter, type Branch, type Ledger, type RecordPlace } from './ledger.ts';
import { commandKey } from './record.ts';

/**
 * Makes the stranded events of older incarnations again in the newest one, command by command. May be interrupted
 * anywhere and called again: a command whose newest record stands in a later incarnation has been carried.
 * @returns how many events were carried now
 */
export async function carryOver(ports: {
  book: Book;
  ledger: Ledger;
  eventsAt: (place: RecordPlace) => Promise<string[]>;
}): Promise<number> {
  const { book, ledger, eventsAt } = ports;
  const { dev, hall, inc } = book.author();
  const renamed = new Map<string, string>();
  let carried = 0;
  const waits = (branch: Branch): boolean =>
    branch.strandedFrom < Infinity && branch.inc !== inc && branch.hall === hall && branch.dev === dev;
  for (const branch of ledger.branches().filter(waits)) {
    for (let at = firstAfter(branch, branch.strandedFrom - 1); at < branch.records.length; at++) {
      const place = branch.records[at];
      if (!place) break;
      carried += await carryRecord(branch, place);
    }
  }
  return carried;

  async function carryRecord(branch: Branch, place: RecordPlace): Promise<number> {
    const kept = (await eventsAt(place)).flatMap((text) => {
      const read = readEvent(text);
      return read.ok ? [read.kept] : [];
    });
    const stranded = kept.filter(({ event }) => event.seq >= branch.strandedFrom);
    const cmd = stranded[0]?.event.cmd;
    if (cmd === undefined || ledger.command(commandKey(cmd))?.inc !== branch.inc) return 0;
    const events: HallEvent[] = stranded.map(({ event }) => event);
    const made = authorAgain(
      events,
      stranded.map(({ hash }) => hash),
      book.author(),
      book.end(),
      renamed,
    );
    await book.record([{ cmd, events: made }]);
    return made.length;
  }
}
