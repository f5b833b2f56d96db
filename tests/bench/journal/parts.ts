import { createSystemClock } from '../../../electron/adapters/node/clock.ts';
import { openJournal, type Journal } from '../../../electron/core/journal/journal.ts';
import { readEvent } from '../../../shared/sync/event.ts';

const DEV = '0123456789ABCDEFGHJKMNPQRS';
/** As many characters as a case's acceptance has, nobody's data in them. */
const BODY = { text: '申请材料一份,复印件两份。'.repeat(20) };

export const open = (folder: string): Promise<Journal> =>
  openJournal({
    folder: `${folder}/journal`,
    memoryPath: `${folder}/journal-head.json`,
    key: new Uint8Array(32).fill(7),
    clock: createSystemClock(),
    log: { write: () => undefined },
    dev: DEV,
    place: { hall: 'hall-1', dev: DEV, station: 'w-3' },
    reserveBytes: 1024,
  });

export const append = (journal: Journal, n: number): Promise<unknown> =>
  journal.append({
    cmd: `bench-${String(n).padStart(9, '0')}`,
    drafts: [
      {
        type: 'case.noted',
        typeV: 1,
        agg: `case/c-${n}`,
        seen: { last: '', cursor: 0 },
        user: 'clerk-1',
        body: BODY,
      },
    ],
  });

/** Reads everything back with its seal opened and every hash and link checked. @returns how many events */
export async function readAll(journal: Journal): Promise<number> {
  let from: { inc: string | null; after: number } = { inc: null, after: 0 };
  let prev = '';
  let count = 0;
  for (;;) {
    const page = await journal.read({ ...from, limit: 1000 });
    for (const { bytes, hash } of page.events) {
      const read = readEvent(bytes, hash);
      if (!read.ok || read.kept.event.prev !== prev) throw new Error('the chain is broken');
      prev = hash;
      from = { inc: read.kept.event.inc, after: read.kept.event.seq };
    }
    count += page.events.length;
    if (!page.more) return count;
  }
}
