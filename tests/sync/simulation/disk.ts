import type { Enrolment, DeviceFile } from '../../../electron/core/central/device-file.ts';
import type { JournalFiles } from '../../../electron/core/journal/files.ts';
import type { MemoryFile } from '../../../electron/core/journal/memory.ts';
import { createMedium, type Medium } from '../../unit/journal/memory-medium.ts';
import type { Random } from './random.ts';
import { emptyStore, type StoreState } from './window-store.ts';
import { never, type World } from './world.ts';

/** One process, from its start to its end. What it asked for and what it waits for dies with it. */
export interface Life {
  alive: boolean;
}

/** Asked again after every wait, because it may have ended meanwhile. */
export const isAlive = (life: Life): boolean => life.alive;

/** Everything one PC keeps. */
export interface Disk {
  medium: Medium;
  /** The journal's small file, replaced as a whole. */
  memory: string | null;
  enrolment: Enrolment | null;
  /**
   * The window's store: every committed state since the last that is certainly on the medium. A power cut leaves any of
   * them, as LevelDB does without a flush.
   */
  store: StoreState[];
}

export function emptyDisk(world: World, random: Random): Disk {
  const medium = createMedium(undefined, { pause: pauses(world, random) });
  return { medium, memory: null, enrolment: null, store: [emptyStore()] };
}

/** Most operations are done at once; one in eight takes its time. */
const pauses = (world: World, random: Random) => (): Promise<void> =>
  random.chance(0.125) ? world.sleep(random.between(1, 40)) : Promise.resolve();

/** What another PC holds that was given a copy of this disk, or this one when an old image of it is put back. */
export const copyDisk = (disk: Disk): Disk => ({
  ...disk,
  medium: disk.medium.copy(),
  store: disk.store.slice(-1),
});

/** The same PC's disk after the power has gone. */
export function afterPowerCut(disk: Disk, random: Random): Disk {
  return {
    ...disk,
    medium: disk.medium.afterPowerCut(() => random.float()),
    store: [random.pick(disk.store)],
  };
}

/** The file system as one process sees it: a dead one neither writes nor hears of what it had written. */
export function filesFor(disk: Disk, life: Life): JournalFiles {
  const living = async <T>(call: () => Promise<T>): Promise<T> => {
    if (!isAlive(life)) return never();
    try {
      const value = await call();
      return isAlive(life) ? value : await never<T>();
    } catch (error) {
      if (isAlive(life)) throw error;
      return never();
    }
  };
  const { files } = disk.medium;
  return {
    makeFolder: (path) => living(() => files.makeFolder(path)),
    names: (folder) => living(() => files.names(folder)),
    open: async (path, mode) => {
      const file = await living(() => files.open(path, mode));
      return {
        write: (bytes, position) => living(() => file.write(bytes, position)),
        read: (target, position) => living(() => file.read(target, position)),
        truncate: (length) => living(() => file.truncate(length)),
        datasync: () => living(() => file.datasync()),
        close: () => living(() => file.close()),
      };
    },
    readAll: (path) => living(() => files.readAll(path)),
    rename: (from, to) => living(() => files.rename(from, to)),
    remove: (path) => living(() => files.remove(path)),
    syncFolder: (path) => living(() => files.syncFolder(path)),
    freeBytes: (path) => living(() => files.freeBytes(path)),
  };
}

export const memoryFileFor = (disk: Disk, life: Life, world: World): MemoryFile => ({
  read: () => Promise.resolve(disk.memory),
  async write(text) {
    await world.sleep(5);
    if (!isAlive(life)) return never();
    disk.memory = text;
  },
});

export const deviceFileFor = (disk: Disk): DeviceFile => ({
  notices: [],
  current: () => disk.enrolment,
  save: (enrolment) => {
    disk.enrolment = enrolment;
    return Promise.resolve();
  },
});
