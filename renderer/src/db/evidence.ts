import type { Bridge } from '../bridge/bridge.ts';
import type { SyncLight } from './hall-db.ts';
import { readBackfill, readFigures, readOwn, readStream, readVerifiedAt } from './positions.ts';
import type { HallStore } from './schema.ts';
import type { Evidence } from './sync-views.ts';

/**
 * What the store can prove about itself, read now.
 * @param backend as found out once: it cannot change while the page lives
 */
export async function readEvidence(
  store: HallStore,
  bridge: Bridge,
  light: SyncLight,
  backend: Evidence['storage']['backend'],
): Promise<Evidence> {
  const [head, stream, own, figures, backfill, verifiedAt, storage] = await Promise.all([
    bridge.call('journal.head', {}),
    readStream(store),
    readOwn(store),
    readFigures(store),
    readBackfill(store),
    readVerifiedAt(store),
    storageFacts(backend),
  ]);
  const newest = own.at(-1);
  return {
    journalHead: { inc: head.inc, seq: head.seq, hash: head.hash },
    storeHead: { inc: newest?.inc ?? '', seq: newest?.applied ?? 0 },
    ...stream,
    verifiedAt,
    unsent: light.unsent,
    oldestUnsentAt: light.oldestUnsentAt,
    conflictsOpen: figures.conflictsOpen,
    backfill: backfill === null ? null : { left: backfill.before - 1 },
    storage,
    events: figures.events,
    cases: figures.cases,
  };
}

/** Some browsers have no storage manager; then nothing is claimed. */
async function storageFacts(backend: Evidence['storage']['backend']): Promise<Evidence['storage']> {
  const manager = 'navigator' in globalThis && 'storage' in navigator ? navigator.storage : null;
  if (manager === null) return { backend, persisted: false, usedBytes: 0, quotaBytes: 0 };
  const persisted = await manager.persisted().catch(() => false);
  const { usage = 0, quota = 0 } = await manager.estimate().catch((): StorageEstimate => ({}));
  return { backend, persisted, usedBytes: usage, quotaBytes: quota };
}
