import { addCheckpoint } from '../../../shared/sync/checkpoints.ts';
import { nextStreamHash } from '../../../shared/sync/hash.ts';
import { arrivalsOf, joins } from '../../../shared/sync/pages.ts';
import type { SyncStore } from '../../../shared/sync/ports.ts';
import { applyArrivals } from './apply.ts';
import { addOlderCheckpoint } from './checkpoints.ts';
import { forgetOrder } from './forget.ts';
import { heldRange } from './held-range.ts';
import { levelWithJournal, type Level } from './level-with-journal.ts';
import {
  ownEntry,
  readBackfill,
  readCheckpoints,
  readOwn,
  readStream,
  writeBackfill,
  writeCheckpoints,
  writeOwn,
  writeStream,
  writeVerifiedAt,
} from './positions.ts';
import { change } from './schema.ts';
import { storeError } from './store-error.ts';

const rolled = (from: string, events: readonly { hash: string }[]): string =>
  events.reduce((hash, event) => nextStreamHash(hash, event.hash), from);

/**
 * The window's store as the sync engine sees it. Events, pictures and cursor move in one transaction (C3), relaxed,
 * because a page that a power cut took away is pulled again from the cursor that went with it.
 * @param level.changed called after each committed change
 */
export function createSyncStore(level: Level & { changed: () => void; now?: () => number }): SyncStore {
  const { store, relaxed, here, bridge, changed, now = Date.now } = level;
  return {
    position: () => readStream(store),
    backfill: () => readBackfill(store),

    async checkpoints() {
      const { cursor, streamHash } = await readStream(store);
      return cursor === 0 ? [] : addCheckpoint(await readCheckpoints(store), { cursor, streamHash });
    },

    async relevel() {
      if ((await levelWithJournal(level)) > 0) changed();
    },

    async acknowledge(seq) {
      const { inc } = await bridge.call('journal.head', {});
      const current = (await readOwn(store)).at(-1)?.inc;
      // The journal went on under a new name while it was sending: what it made anew replaces what stands here as unsent.
      if (current !== undefined && current !== inc) {
        await levelWithJournal(level);
        changed();
      }
      const moved = await change(relaxed, async (tables) => {
        const own = await readOwn(tables);
        const entry = ownEntry(own, inc);
        // Never beyond what is here: the light counts applied − acknowledged.
        const next = Math.min(seq, entry.applied);
        if (next <= entry.acknowledged) return false;
        entry.acknowledged = next;
        await writeOwn(tables, own);
        return true;
      });
      if (moved) changed();
    },

    async applyPage(page) {
      const position = await readStream(store);
      const fresh = page.events.filter((event) => event.cursor > position.cursor);
      const streamHash = rolled(position.streamHash, fresh);
      if (streamHash !== page.streamHash && (fresh.length > 0 || page.events.length === 0)) return false;
      const arrivals = arrivalsOf(fresh);
      const cursor = fresh.at(-1)?.cursor ?? position.cursor;
      await change(relaxed, async (tables) => {
        await applyArrivals(tables, here, arrivals);
        if (fresh.length > 0 || page.epoch !== position.epoch) {
          await writeStream(tables, { epoch: page.epoch, cursor, streamHash });
          const known = await readCheckpoints(tables);
          await writeCheckpoints(tables, addCheckpoint(known, { cursor, streamHash }));
        }
        await writeVerifiedAt(tables, now());
      }).catch(storeError);
      if (arrivals.length > 0) changed();
      return true;
    },

    async beginAt({ epoch, cursor, streamHash }) {
      await change(store, async (tables) => {
        if ((await readStream(tables)).cursor > 0) return;
        await writeStream(tables, { epoch, cursor, streamHash });
        await writeCheckpoints(tables, [{ cursor, streamHash }]);
        await writeBackfill(tables, cursor === 0 ? null : { before: cursor + 1, streamHash });
      });
    },

    async applyBackfill(page) {
      const missing = await readBackfill(store);
      const first = page.events[0]?.cursor;
      if (!missing || first === undefined || !joins(page, missing)) return false;
      const arrivals = arrivalsOf(page.events);
      await change(relaxed, async (tables) => {
        await applyArrivals(tables, here, arrivals);
        await writeBackfill(
          tables,
          first === 1 ? null : { before: first, streamHash: page.streamHashBefore },
        );
        const point = { cursor: first - 1, streamHash: page.streamHashBefore };
        await writeCheckpoints(tables, addOlderCheckpoint(await readCheckpoints(tables), point));
      }).catch(storeError);
      if (arrivals.length > 0) changed();
      return true;
    },

    heads: () => store.heads.toArray(),

    heldRange: (range) => heldRange(store, here, range),

    async forgetOrder(epoch, after) {
      await forgetOrder(level, epoch, after);
      changed();
    },
  };
}
