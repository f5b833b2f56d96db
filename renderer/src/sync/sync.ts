import { createSyncEngine, type SyncStatus } from '../../../shared/sync/engine.ts';
import type { Bridge } from '../bridge/bridge.ts';
import type { OpenedHallDb } from '../db/open-hall-db.ts';

/** A running sync; `nudge` after each save, `stop` before the store closes. */
export interface Sync {
  nudge(): void;
  stop(): Promise<void>;
  status(): SyncStatus;
}

/**
 * Drives the sync engine with this window's store and the core's line. Rounds start after a save, when the server
 * hints that there is news, and every half minute in case a hint was lost.
 */
export function startSync(ports: {
  bridge: Bridge;
  opened: OpenedHallDb;
  onStatus: (status: SyncStatus) => void;
}): Sync {
  const { bridge, opened } = ports;
  const engine = createSyncEngine({
    store: opened.sync,
    central: {
      hello: (at) => bridge.call('central.hello', at),
      push: () => bridge.call('central.push', {}),
      pull: (since, limit) => bridge.call('central.pull', { since, limit }),
      want: (heads) => bridge.call('central.want', { heads }),
      donate: (given) => bridge.call('central.donate', given),
      snapshot: (before, limit) => bridge.call('central.snapshot', { before, limit }),
    },
    time: {
      now: () => Date.now(),
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    },
    onStatus: ports.onStatus,
  });
  const closers = [bridge.on('central.hint', () => engine.nudge()), opened.onSaved(() => engine.nudge())];
  engine.nudge();
  return {
    nudge: () => engine.nudge(),
    status: () => engine.status(),
    async stop() {
      closers.forEach((close) => close());
      await engine.stop();
    },
  };
}
