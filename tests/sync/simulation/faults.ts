import type { Action } from './clerk.ts';
import { HALL, type Hall } from './hall.ts';
import { copyDisk, type Disk } from './disk.ts';
import type { Machine } from './machine.ts';
import type { Random } from './random.ts';
import { emptyStore } from './window-store.ts';

/** Something that goes wrong at a moment of the day. */
export interface Fault {
  kind: keyof typeof KINDS;
  /** Milliseconds since the run began. */
  at: number;
  /** Which PC. */
  who: number;
  /** How long, milliseconds. */
  ms: number;
  /** 0 … 1, for whatever else has to be chosen. */
  dice: number;
}

type Carry = (fault: Fault, hall: Hall, machine: Machine) => void;

const later = (hall: Hall, ms: number, run: () => void): void => {
  hall.world.after(Math.max(0, Math.min(ms, hall.closing - hall.world.now())), run);
};

/** Weather for a while. */
const weather =
  (change: (fault: Fault) => Partial<Machine['weather']>): Carry =>
  (fault, hall, machine) => {
    const changed = change(fault);
    const before = Object.fromEntries(
      Object.keys(changed).map((key) => [key, machine.weather[key as keyof Machine['weather']]]),
    );
    Object.assign(machine.weather, changed);
    later(hall, fault.ms, () => Object.assign(machine.weather, before));
  };

/** The PC goes dark, something happens to its disk, and it is switched on again. */
const darkly =
  (change: (disk: Disk, fault: Fault, hall: Hall, machine: Machine) => void): Carry =>
  (fault, hall, machine) => {
    machine.setHeld(true);
    machine.cutPower();
    change(machine.disk, fault, hall, machine);
    later(hall, fault.ms / 6, () => {
      machine.setHeld(false);
      void machine.restart();
    });
  };

const segments = (disk: Disk): string[] =>
  disk.medium
    .names()
    .filter((name) => /seg-\d+\.zcj$/.test(name))
    .sort();

/** Actions of this PC that the server has not. */
function notSent(hall: Hall, machine: Machine): Action[] {
  const there = new Set(hall.house.model.hall(HALL).events.map(({ kept }) => kept.event.cmd));
  return hall.actions.filter(({ machine: by, cmd }) => by === machine.name && !there.has(cmd));
}

/** The journal lost something by somebody's hand. What the store has as well is not lost; the rest no program can have back. */
function journalHurt(hall: Hall, machine: Machine): void {
  hurt.add(machine);
  if (machine.shown().events.size === 0) hall.copied = true;
  const stored = new Set([...machine.shown().events.values()].map(({ event }) => event.cmd));
  for (const action of notSent(hall, machine)) {
    if (stored.has(action.cmd)) action.onlyInStore = true;
    else action.excuse ||= 'journal hurt, never in the store';
  }
}

const hurt = new WeakSet<Machine>();

/** And then the store was lost as well: while the line is down, nobody knows which numbers were given. */
function storeHurt(hall: Hall, machine: Machine): void {
  for (const action of notSent(hall, machine))
    if (action.onlyInStore) action.excuse ||= 'journal and store hurt';
  if (hurt.has(machine)) hall.copied = true;
}

/** Old images of disks, taken at the moment and put back later. */
const images = new WeakMap<Machine, { disk: Disk; at: number }>();

const KINDS = {
  partition: weather(({ dice }) => ({ partition: dice < 0.33 ? 'out' : dice < 0.66 ? 'in' : 'both' })),
  loss: weather(({ dice }) => ({ loss: dice * 0.6, answerLoss: (1 - dice) * 0.6 })),
  twice: weather(({ dice }) => ({ twice: 0.2 + dice * 0.8, slow: 400 })),
  slow: weather(({ dice }) => ({ slow: 500 + dice * 9_000 })),
  cut: weather(({ dice }) => ({ cut: 0.2 + dice * 0.6 })),
  stale: weather(({ dice }) => ({ stale: 0.2 + dice * 0.7 })),
  portal: weather(() => ({ portal: true })),
  busy: weather(({ dice }) => ({ busy: 0.2 + dice * 0.7 })),

  'window-killed': ((fault, hall, machine) => {
    hall.world.note(machine.name, 'window killed');
    machine.killWindow();
    later(hall, fault.ms / 20, () => void machine.restart());
  }) as Carry,
  'core-killed': ((fault, hall, machine) => {
    hall.world.note(machine.name, 'core killed');
    machine.killCore();
    later(hall, 100 + fault.ms / 20, () => void machine.restart());
  }) as Carry,
  'power-cut': ((fault, hall, machine) => {
    machine.setHeld(true);
    machine.cutPowerSoon(1 + Math.floor(fault.dice * 12));
    later(hall, 600 + fault.ms / 2, () => {
      machine.setHeld(false);
      void machine.restart();
    });
  }) as Carry,
  'disk-full': ((fault, hall, machine) => {
    const { medium } = machine.disk;
    hall.world.note(machine.name, 'disk full');
    medium.setCapacity(medium.used() + Math.floor(fault.dice * 3_000));
    later(hall, fault.ms, () => machine.disk.medium.setCapacity(Infinity));
  }) as Carry,
  'clock-jump': ((fault, hall, machine) => {
    machine.clockOffset = (fault.dice - 0.5) * 20 * 365 * 86_400_000;
    hall.world.note(machine.name, `clock off by ${Math.round(machine.clockOffset / 86_400_000)} days`);
  }) as Carry,

  'store-gone': darkly((disk, _, hall, machine) => {
    storeHurt(hall, machine);
    disk.store = [emptyStore()];
  }),
  'store-old': darkly((disk, _, hall, machine) => {
    storeHurt(hall, machine);
    const image = images.get(machine);
    if (image) disk.store = image.disk.store;
  }),
  'memory-gone': darkly((disk) => {
    disk.memory = null;
  }),
  'journal-gone': darkly((disk, _, hall, machine) => {
    journalHurt(hall, machine);
    for (const name of segments(disk)) disk.medium.change(name, () => null);
  }),
  'journal-tail': darkly((disk, { dice }, hall, machine) => {
    journalHurt(hall, machine);
    const last = segments(disk).at(-1);
    if (last)
      disk.medium.change(last, (bytes) => bytes.subarray(0, Math.floor(bytes.length * (0.3 + dice * 0.7))));
  }),
  'journal-rot': darkly((disk, { dice }, hall, machine) => {
    journalHurt(hall, machine);
    const all = segments(disk);
    const name = all[Math.floor(dice * all.length)];
    if (!name) return;
    disk.medium.change(name, (bytes) => {
      const at = Math.floor(((dice * 7919) % 1) * bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ 0x40;
      return bytes;
    });
  }),
  image: ((_, hall, machine) => {
    images.set(machine, { disk: copyDisk(machine.disk), at: hall.world.now() });
    hall.world.note(machine.name, 'image of the disk taken');
  }) as Carry,
  'image-back': darkly((_, __, hall, machine) => {
    const image = images.get(machine);
    if (!image) return;
    for (const action of notSent(hall, machine))
      if (action.at >= image.at) action.excuse ||= 'an old image was put back';
    hall.copied = true;
    machine.disk = copyDisk(image.disk);
    hall.world.note(machine.name, 'old image of the disk put back');
  }),
  cloned: ((_, hall, machine) => {
    if (hall.machines.length < 6 && !machine.name.endsWith('b')) void hall.clone(machine);
  }) as Carry,

  'server-crash': ((fault, hall) => hall.house.crash(fault.ms / 4)) as Carry,
  'server-crash-after-commit': ((fault, hall) => hall.house.crashAfterCommit(fault.ms / 4)) as Carry,
  'server-read-only': ((fault, hall) => {
    hall.world.note('server', 'read-only');
    hall.house.model.setReadOnly(true);
    later(hall, fault.ms / 2, () => hall.house.model.setReadOnly(false));
  }) as Carry,
  'server-backup': ((_, hall) => hall.house.backup()) as Carry,
  'server-restored': ((_, hall) => hall.house.restore()) as Carry,
  'server-failed-over': ((fault, hall) => hall.house.failOver(200 + fault.dice * 3_000)) as Carry,
  'tokens-expired': ((_, hall) => {
    hall.world.note('server', 'tokens expired');
    hall.house.model.expireTokens();
  }) as Carry,
};

export const FAULT_KINDS = Object.keys(KINDS) as Fault['kind'][];

export function carryOut(fault: Fault, hall: Hall): void {
  const machine = hall.machines[fault.who % hall.machines.length]!;
  KINDS[fault.kind](fault, hall, machine);
}

/**
 * A day's faults. Each run has only some kinds, so that they also come many times over and alone (swarm testing).
 * @param until no fault begins later, milliseconds
 */
export function planFaults(random: Random, until: number, count: number): Fault[] {
  const some = FAULT_KINDS.filter(() => random.chance(0.3));
  if (some.length === 0) some.push(random.pick(FAULT_KINDS));
  const faults = Array.from({ length: count }, (): Fault => ({
    kind: random.pick(some),
    at: random.between(500, until),
    who: random.below(16),
    ms: random.between(500, random.chance(0.2) ? 30_000 : 8_000),
    dice: random.float(),
  }));
  return faults.sort((a, b) => a.at - b.at);
}

export const faultText = ({ kind, at, who, ms }: Fault): string =>
  `${(at / 1000).toFixed(1)} s: ${kind} at pc ${who}, ${Math.round(ms)} ms`;
