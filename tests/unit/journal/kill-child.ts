import { writeSync } from 'node:fs';
import { createSystemClock } from '../../../electron/adapters/node/clock.ts';
import { openJournal } from '../../../electron/core/journal/journal.ts';

/**
 * The victim: appends commands of one to four events as fast as it can, several at a time, and says each one that
 * was acknowledged. Runs until it is killed. Arguments: folder, head file, first command number.
 */
const [folder = '', memoryPath = '', first = '0'] = process.argv.slice(2);
const journal = await openJournal({
  folder,
  memoryPath,
  key: new Uint8Array(32).fill(7),
  clock: createSystemClock(),
  log: { write: () => undefined },
  dev: '0123456789ABCDEFGHJKMNPQRS',
  place: { hall: 'hall-1', dev: '0123456789ABCDEFGHJKMNPQRS', station: 'w-3' },
  segmentBytes: 60_000,
  reserveBytes: 200_000,
});
writeSync(1, 'open\n');

let n = Number(first);
async function work(): Promise<never> {
  for (;;) {
    const i = n++;
    const cmd = `cmd-${String(i).padStart(8, '0')}`;
    const drafts = Array.from({ length: 1 + (i % 4) }, (_, part) => ({
      type: 'case.noted',
      typeV: 1,
      agg: `case/c-${i}`,
      seen: { last: '', cursor: 0 },
      user: 'clerk-1',
      body: { part, text: '材'.repeat(50 + (i % 300)) },
    }));
    const { events } = await journal.append({ cmd, drafts });
    writeSync(1, `${cmd} ${events.map(({ hash }) => hash).join(' ')}\n`);
  }
}
await Promise.all([work(), work(), work()]);
