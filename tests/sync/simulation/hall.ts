import type { Action } from './clerk.ts';
import { copyDisk, emptyDisk, type Disk } from './disk.ts';
import { cheapSign, createMachine, type Machine } from './machine.ts';
import { FAIR } from './network.ts';
import type { Random } from './random.ts';
import { createServerHouse, type ServerHouse } from './server-house.ts';
import type { World } from './world.ts';

export const HALL = 'hall-1';

/** One hall: its server, its PCs and what people did there. */
export interface Hall {
  world: World;
  house: ServerHouse;
  machines: Machine[];
  actions: Action[];
  /** Clerks press nothing any more after this, milliseconds. */
  closing: number;
  /** Something that must never be. */
  fail(what: string, text: string): void;
  failures: { what: string; text: string }[];
  /** A disk was copied or put back: what its PC counted is counted again. */
  copied: boolean;
  /** Another PC, enrolled at the server. */
  add(no: number): Promise<void>;
  /** A copy of a PC's disk in another PC, switched on. */
  clone(of: Machine): Promise<Machine>;
  /** Everything works from now on. */
  heal(): void;
}

export function createHall(world: World, random: Random): Hall {
  const failures: Hall['failures'] = [];
  const house = createServerHouse({
    world,
    random: random.fork('server'),
    verify: (publicKey, text, signature) => cheapSign(publicKey, text) === signature,
  });

  const hall: Hall = {
    world,
    house,
    machines: [],
    actions: [],
    closing: Infinity,
    failures,
    copied: false,
    fail(what, text) {
      if (failures.some((failure) => failure.what === what && failure.text === text)) return;
      failures.push({ what, text });
      world.note('ORACLE', `${what}: ${text}`);
    },
    add,
    async clone(of) {
      hall.copied = true;
      const keySeed = keys.get(of)!;
      const twin = machineWith(`${of.name}b`, keySeed, copyDisk(of.disk));
      world.note(twin.name, `cloned from ${of.name}`);
      await twin.restart();
      return twin;
    },
    heal() {
      world.note('hall', 'everything works again');
      house.up();
      house.model.setReadOnly(false);
      for (const machine of hall.machines) {
        Object.assign(machine.weather, FAIR);
        machine.disk.medium.setCapacity(Infinity);
        machine.setHeld(false);
        void machine.restart();
      }
    },
  };

  const keys = new Map<Machine, Uint8Array>();
  function machineWith(name: string, keySeed: Uint8Array, disk: Disk): Machine {
    const machine = createMachine({
      world,
      random: random.fork(name),
      name,
      keySeed,
      disk,
      serve: (asked) => house.serve(asked),
    });
    keys.set(machine, keySeed);
    hall.machines.push(machine);
    return machine;
  }

  async function add(no: number): Promise<void> {
    const own = random.fork(`pc-${no}`);
    const machine = machineWith(`pc${no}`, own.bytes(32), emptyDisk(world, own.fork('disk')));
    const code = house.model.newCode({
      hall: HALL,
      hallName: '测试大厅',
      station: `w-${no}`,
      stationName: `${no}号窗口`,
      series: 'ABCDEFGH'[no - 1]!,
    });
    await machine.enrol(code);
  }
  return hall;
}
