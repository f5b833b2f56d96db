import type { SyncStore } from '../../../shared/sync/engine.ts';
import { readEvent } from '../../../shared/sync/event.ts';
import { nextStreamHash } from '../../../shared/sync/hash.ts';
import { applyArrivals, refold } from './apply.ts';
import { levelWithJournal, type Level } from './level-with-journal.ts';
import { NOWHERE, ownEntry, readOwn, readStream, writeOwn, writeStream } from './positions.ts';
import { everything } from './schema.ts';

/**
 * The window's store as the sync engine sees it. Events, pictures and cursor move in one transaction (C3).
 * @param level.changed called after each committed change
 */
export function createSyncStore(level: Level & { changed: () => void }): SyncStore {
  const { store, here, bridge, changed } = level;
  return {
    position: () => readStream(store),

    async relevel() {
      if ((await levelWithJournal(level)) > 0) changed();
    },

    async acknowledge(seq) {
      const { inc } = await bridge.call('journal.head', {});
      const moved = await store.transaction('rw', store.meta, async () => {
        const own = await readOwn(store);
        const entry = ownEntry(own, inc);
        // Never beyond what is here: the light counts applied − acknowledged.
        const next = Math.min(seq, entry.applied);
        if (next <= entry.acknowledged) return false;
        entry.acknowledged = next;
        await writeOwn(store, own);
        return true;
      });
      if (moved) changed();
    },

    async applyPage(page) {
      const position = await readStream(store);
      const fresh = page.events.filter((event) => event.cursor > position.cursor);
      const streamHash = fresh.reduce((hash, event) => nextStreamHash(hash, event.hash), position.streamHash);
      if (fresh.length > 0 && streamHash !== page.streamHash) return false;
      const arrivals = fresh.flatMap((event) => {
        const read = readEvent(event.bytes, event.hash);
        // An event this version cannot read is passed over here and stays on the server, numbered and flagged.
        return read.ok ? [{ kept: read.kept, cursor: event.cursor }] : [];
      });
      await store.transaction('rw', everything(store), async () => {
        await applyArrivals(store, here, arrivals);
        await writeStream(store, {
          epoch: page.epoch,
          cursor: fresh.at(-1)?.cursor ?? position.cursor,
          streamHash,
        });
      });
      if (arrivals.length > 0) changed();
      return true;
    },

    async forgetOrder(epoch) {
      await store.transaction('rw', everything(store), async () => {
        await store.events.toCollection().modify((row) => {
          delete row.cursor;
        });
        const own = await readOwn(store);
        for (const entry of own) entry.acknowledged = 0;
        await writeOwn(store, own);
        await writeStream(store, { ...NOWHERE, epoch });
        for (const { agg } of await store.cases.toArray()) await refold(store, here, own, agg);
        for (const { agg } of await store.tickets.toArray()) await refold(store, here, own, agg);
      });
      changed();
    },
  };
}
