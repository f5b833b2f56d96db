import type { HallStore } from './schema.ts';
import type { Seal } from './seal.ts';
import type { RefusedCommand } from './sync-views.ts';

/** As many are kept; they are for the clerk's eyes today, the trace is on the server. */
const KEPT = 100;
const PLACE = 'refused';

/** Newest first. */
export async function listRefused(store: HallStore, seal: Seal): Promise<RefusedCommand[]> {
  const rows = await store.refused.reverse().limit(KEPT).toArray();
  return rows.map((row) => JSON.parse(seal.open(row.sealed, PLACE)) as RefusedCommand);
}

export async function noteRefused(store: HallStore, seal: Seal, command: RefusedCommand): Promise<void> {
  await store.transaction('rw', store.refused, async () => {
    const id = await store.refused.add({ sealed: seal.seal(JSON.stringify(command), PLACE) });
    await store.refused
      .where('id')
      .belowOrEqual(id - KEPT)
      .delete();
  });
}
