import type { LogPort } from '../ports/log.ts';
import type { Journal } from '../journal/journal.ts';
import type { Donation } from './donation.ts';

/**
 * Takes back acknowledgements of incarnations that are over and that the server no longer has: hello compares only the
 * current one, and a fail-over to a copy that misses the last second changes no epoch. What is taken back is sent again.
 */
export function createRecall(ports: {
  journal: Journal;
  donation: Donation;
  dev: string;
  log: LogPort;
}): () => Promise<void> {
  const { journal, donation, dev, log } = ports;
  return async () => {
    const older = journal.older();
    if (older.length === 0) return;
    const { want } = await donation.want({ heads: older.map((reached) => ({ dev, ...reached })) });
    for (const range of want) {
      const said = older.find(({ inc }) => range.dev === dev && inc === range.inc);
      if (!said || range.from > said.seq) continue;
      log.write('warning', 'central', 'server lost what it had acknowledged', {
        inc: range.inc,
        from: range.from,
        to: said.seq,
      });
      journal.acknowledge(range.inc, range.from - 1);
    }
  };
}
