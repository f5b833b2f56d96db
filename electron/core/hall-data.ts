import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createBlobs, type Blobs } from './blobs/blobs.ts';
import type { Central } from './central/central.ts';
import type { DeviceFile } from './central/device-file.ts';
import { createClerks, type Clerks } from './clerks/clerks.ts';
import { openLockOut } from './clerks/lock-out.ts';
import { openSteadyTime } from './clerks/steady-time.ts';
import { openMaster, type Master } from './master/master.ts';
import type { CorePorts } from './ports/core-ports.ts';
import type { Emit } from './services.ts';
import { sealedFile } from './settings/sealed-file.ts';

/** What this machine holds of its hall besides events: master data, and by it who may sign in. */
export interface HallData {
  master: Master;
  clerks: Clerks;
  blobs: Blobs;
  /** The server told of news. */
  nudge(): void;
  /** The server said hello. */
  greeted(epoch: string): void;
  /** Another hall's clerks have nothing to do here. */
  enrolled(): void;
  stop(): Promise<void>;
}

export async function startHallData(
  ports: CorePorts,
  parts: { central: Central; deviceFile: DeviceFile; key: Uint8Array; emit: Emit },
): Promise<HallData> {
  const { clock, log, paths } = ports;
  const { central, deviceFile, key, emit } = parts;
  const folder = join(paths.profile, 'hall');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = (name: string) => sealedFile(join(folder, `${name}.sealed`), name, key);
  const steady = await openSteadyTime({ clock, log, file: file('steady-time') });
  const lockOut = await openLockOut({ clock, log, file: file('lock-out') });
  const master = await openMaster({
    folder,
    key,
    clock,
    log,
    hall: () => deviceFile.current()?.device.hall ?? null,
    fetch: (call) => central.fetch(call),
    now: () => steady.now(),
    onChanged(name) {
      emit('master.changed', { name });
      if (name === 'clerks' || name === 'policy') clerks.listChanged();
    },
    onChecked: () => steady.trust(),
  });
  const clerks: Clerks = createClerks({
    master,
    lockOut,
    steady,
    clock,
    log,
    onChange: (state) => emit('clerk.changed', state),
  });
  const blobs = createBlobs({
    folder: join(paths.profile, 'blobs'),
    key,
    epochFile: file('blobs-epoch'),
    hall: () => deviceFile.current()?.device.hall ?? null,
    fetch: (call) => central.fetch(call),
    clock,
    log,
  });
  return {
    master,
    clerks,
    blobs,
    nudge: () => master.nudge(),
    greeted(epoch) {
      master.nudge();
      blobs.heard(epoch);
    },
    enrolled() {
      clerks.listChanged();
      void master.refresh();
    },
    async stop() {
      await blobs.close();
      await master.close();
      await clerks.close();
    },
  };
}
