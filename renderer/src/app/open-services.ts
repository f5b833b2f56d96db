import { shallowRef } from 'vue';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { SyncStatus } from '../../../shared/sync/engine.ts';
import type { Bridge } from '../bridge/bridge.ts';
import type { OpenedHallDb } from '../db/open-hall-db.ts';
import type { RebuildProgress } from '../db/level-with-journal.ts';
import { takeLead } from '../db/leader.ts';
import { startSync } from '../sync/sync.ts';
import { createPapers } from './draw-papers.ts';
import type { Boot, Catalogue, Services } from './services.ts';

/** Another window of this profile leads: it alone saves and syncs (C7). */
export class SecondWindow extends Error {}

/**
 * An enrolled device's boot answer becomes everything the stores stand on.
 * @param onRebuild told how far the store has been made again from the journal, when it has to be
 */
export async function openServices(
  bridge: Bridge,
  boot: Boot,
  catalogue: Promise<Catalogue>,
  onRebuild?: (progress: RebuildProgress) => void,
): Promise<{ services: Services; opened: OpenedHallDb; close: () => Promise<void> }> {
  const { device } = boot;
  if (device === null) throw new CodedError('DEVICE_NOT_ENROLLED');
  const [releaseLead, { openHallDb }] = await Promise.all([takeLead(), import('../db/open-hall-db.ts')]);
  if (releaseLead === null) throw new SecondWindow();

  const clerk = shallowRef(boot.clerk);
  const syncStatus = shallowRef<SyncStatus>({ phase: 'idle', lastContactAt: null });
  const { settings } = await bridge.call('settings.read', {});
  const opened = await openHallDb({
    bridge,
    device,
    clerkId: () => clerk.value.id,
    sealKey: boot.sealKey,
    lookupKey: boot.lookupKey,
    ...(onRebuild ? { onRebuild } : {}),
    ...(settings.cipher === undefined ? {} : { cipher: settings.cipher }),
  });
  const sync = startSync({ bridge, opened, onStatus: (status) => (syncStatus.value = status) });
  const services: Services = {
    bridge,
    db: opened.db,
    papers: createPapers(device.hallName),
    catalogue: await catalogue,
    boot: { ...boot, device },
    clerk,
    syncStatus,
    nudgeSync: () => sync.nudge(),
  };
  return {
    services,
    opened,
    async close() {
      await sync.stop();
      await opened.db.close();
      releaseLead();
    },
  };
}
