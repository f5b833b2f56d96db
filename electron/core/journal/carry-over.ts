import { readEvent, type HallEvent } from '../../../shared/sync/event.ts';
import { authorAgain } from './authoring.ts';
import type { Book } from './book.ts';
import { firstAfter, type Branch, type Ledger, type RecordPlace } from './ledger.ts';
import { commandKey } from './record.ts';

/**
 * @param of.only one incarnation that was stranded just now: nothing of it can have been carried before
 * @param of.lost whether an incarnation has lost events. A copy may have been among them, and the server may have it:
 *   then a command that seems not carried is left alone until that is known, because twice would be worse than late.
 */
export interface CarryScope {
  only?: string;
  lost: (inc: string) => boolean;
}

/**
 * Makes the stranded events of older incarnations again in the newest one, command by command. May be interrupted
 * anywhere and called again: a command whose newest record stands in a later incarnation has been carried.
 * @returns how many events were carried now
 */
export async function carryOver(ports: {
  book: Book;
  ledger: Ledger;
  eventsAt: (place: RecordPlace) => Promise<string[]>;
  scope: CarryScope;
}): Promise<number> {
  const { book, ledger, eventsAt, scope } = ports;
  const { dev, hall, inc } = book.author();
  const renamed = new Map<string, string>();
  let carried = 0;
  const waits = (branch: Branch): boolean =>
    branch.strandedFrom < Infinity && branch.inc !== inc && branch.hall === hall && branch.dev === dev;
  const branches = ledger.branches();
  const doubtful = (branch: Branch): boolean =>
    branch.inc !== scope.only &&
    branches.slice(branches.indexOf(branch) + 1).some((later) => scope.lost(later.inc));
  for (const branch of branches.filter(waits)) {
    if (doubtful(branch)) continue;
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
