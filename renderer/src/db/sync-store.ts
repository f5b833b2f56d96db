import { arrivalsOf, joins } from '../../../shared/sync/pages.ts';
import { nextStreamHash } from '../../../shared/sync/hash.ts';
import type { KnownHead, SyncStore } from '../../../shared/sync/ports.ts';
import { applyArrivals, refold } from './apply.ts';
import { levelWithJournal, type Level } from './level-with-journal.ts';
import {
  NOWHERE,
  ownEntry,
  readBackfill,
  readCheckpoints,
  readOwn,
  readStream,
  writeBackfill,
  writeOwn,
  writeStream,
} from './positions.ts';
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
      const arrivals = arrivalsOf(fresh);
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

    async forgetOrder(epoch, after) {
      await store.transaction('rw', everything(store), async () => {
        const { cursor, streamHash } = await readStream(store);
        const kept = [{ cursor, streamHash }, ...(await readCheckpoints(store))].find(
          (at) => at.cursor <= after,
        );
        const stand = kept ?? NOWHERE;
        const moved = new Set<string>();
        await store.events
          .where('cursor')
          .above(stand.cursor)
          .modify((row) => {
            delete row.cursor;
            moved.add(row.agg);
          });
        const own = await readOwn(store);
        for (const entry of own) entry.acknowledged = await placedUpTo(entry.inc);
        await writeOwn(store, own);
        await writeStream(store, { epoch, cursor: stand.cursor, streamHash: stand.streamHash });
        if (stand.cursor === 0) await writeBackfill(store, null);
        if (moved.size > 0) await refold(store, here, own, [...moved]);
      });
      changed();
    },

    checkpoints: () => readCheckpoints(store),

    async heads() {
      const heads: KnownHead[] = [];
      let row = await store.events.orderBy('[dev+inc+seq]').last();
      while (row) {
        heads.push({ dev: row.dev, inc: row.inc, seq: row.seq });
        row = await store.events.where('[dev+inc+seq]').below([row.dev, row.inc, 0]).last();
      }
      return heads;
    },

    async heldRange({ dev, inc, from, to }) {
      const rows = await store.events
        .where('[dev+inc+seq]')
        .between([dev, inc, from], [dev, inc, to], true, true)
        .toArray();
      const run = rows.findIndex((row, index) => row.seq !== from + index);
      return rows.slice(0, run < 0 ? undefined : run).map(({ sealed, hash, sig }) => {
        const bytes = here.seal.open(sealed) as string;
        return sig === undefined ? { bytes, hash } : { bytes, hash, sig };
      });
    },

    async beginAt({ epoch, cursor, streamHash }) {
      await store.transaction('rw', store.meta, async () => {
        if ((await readStream(store)).cursor > 0) return;
        await writeStream(store, { epoch, cursor, streamHash });
        await writeBackfill(store, { before: cursor + 1, streamHash });
      });
    },

    backfill: () => readBackfill(store),

    async applyBackfill(page) {
      const missing = await readBackfill(store);
      const first = page.events[0];
      if (!missing || !first || !joins(page, missing)) return false;
      const arrivals = arrivalsOf(page.events);
      await store.transaction('rw', everything(store), async () => {
        await applyArrivals(store, here, arrivals);
        const left = { before: first.cursor, streamHash: page.streamHashBefore };
        await writeBackfill(store, first.cursor === 1 ? null : left);
      });
      changed();
      return true;
    },
  };

  /** Highest own sequence that has a place in the server's order. */
  async function placedUpTo(inc: string): Promise<number> {
    const row = await store.events
      .where('[dev+inc+seq]')
      .between([here.dev, inc, 0], [here.dev, inc, Infinity])
      .reverse()
      .filter((own) => own.cursor !== undefined)
      .first();
    return row?.seq ?? 0;
  }
}
