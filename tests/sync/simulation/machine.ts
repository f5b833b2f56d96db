import { createHash } from 'node:crypto';
import { createCentral, type Central } from '../../../electron/core/central/central.ts';
import { openJournal, type Journal } from '../../../electron/core/journal/journal.ts';
import type { ClockPort } from '../../../electron/core/ports/clock.ts';
import type { HttpRequest, HttpResponse } from '../../../electron/core/ports/http.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { Draft, EventBytes } from '../../../shared/contract/journal.ts';
import { deviceId } from '../../../shared/sync/device-id.ts';
import { createSyncEngine } from '../../../shared/sync/engine.ts';
import {
  afterPowerCut,
  isAlive,
  deviceFileFor,
  filesFor,
  memoryFileFor,
  type Disk,
  type Life,
} from './disk.ts';
import { createCable, type Weather } from './network.ts';
import type { Random } from './random.ts';
import { createWindowStore, type StoreState, type WindowStore } from './window-store.ts';
import { never, type World } from './world.ts';

/** 2026-11-21 09:00 in the hall. */
const MORNING = Date.UTC(2026, 10, 21, 1);
const JOURNAL_KEY = new Uint8Array(32).fill(7);
const SAVE_TRIES = 5;

/** A signature that costs a hash: who may sign is not what is simulated, and the server's model asks the same port. */
export const cheapSign = (publicKey: string, text: string): string =>
  createHash('sha256').update(`${publicKey}\n${text}`).digest('base64');

interface Core {
  life: Life;
  journal: Journal;
  central: Central;
  /** Rejects with WIRE_CLOSED when the core dies. */
  end: Promise<never>;
  close(): void;
}

interface Window {
  life: Life;
  store: WindowStore;
  engine: ReturnType<typeof createSyncEngine>;
}

export interface Machine {
  readonly name: string;
  readonly dev: string;
  readonly weather: Weather;
  disk: Disk;
  /** Wall clock minus the world's, milliseconds. */
  clockOffset: number;
  core(): Core | null;
  window(): Window | null;
  /** What the window's database shows, also while no window is open. */
  shown(): StoreState;
  /** Core, then window. Resolves when somebody could work here. */
  start(): Promise<void>;
  enrol(code: string): Promise<void>;
  killWindow(): void;
  killCore(): void;
  /** Everything off at once; the disk keeps what a power cut leaves. */
  cutPower(): void;
  /** The power goes at the n-th disk operation from now, or after half a second. */
  cutPowerSoon(operations: number): void;
  /** Restarts whatever is not running. */
  restart(): Promise<void>;
  setHeld(held: boolean): void;
  /** The save path. Resolves when the screen says 已保存. @throws CodedError */
  save(cmd: string, drafts: Draft[]): Promise<EventBytes[]>;
  unsent(): number;
}

export function createMachine(ports: {
  world: World;
  random: Random;
  name: string;
  keySeed: Uint8Array;
  disk: Disk;
  serve: (asked: HttpRequest) => Promise<HttpResponse>;
}): Machine {
  const { world, random, name } = ports;
  const dev = deviceId(ports.keySeed);
  const publicKey = Buffer.from(ports.keySeed).toString('base64');
  const cable = createCable({ world, random: random.fork('cable'), name, serve: ports.serve });
  let core: Core | null = null;
  let window: Window | null = null;
  let starting: Promise<void> | null = null;
  let startingCore: Life | null = null;
  let held = false;

  const clockFor = (life: Life): ClockPort => ({
    now: () => MORNING + world.now() + machine.clockOffset,
    monotonic: () => world.now(),
    after: (ms, run) =>
      world.after(ms, () => {
        if (isAlive(life)) run();
      }),
  });

  async function startCore(): Promise<void> {
    const life: Life = { alive: true };
    startingCore = life;
    const { disk } = machine;
    const clock = clockFor(life);
    const log = {
      write(level: string, area: string, text: string, data?: object) {
        if (level !== 'debug' && level !== 'info') world.note(name, `[${area}] ${text} ${brief(data)}`);
      },
    };
    const enrolled = disk.enrolment?.device;
    const journal = await openJournal({
      folder: 'journal',
      memoryPath: '',
      memoryFile: memoryFileFor(disk, life, world),
      key: JOURNAL_KEY,
      clock,
      log,
      dev,
      place: enrolled ? { hall: enrolled.hall, dev, station: enrolled.station } : null,
      files: filesFor(disk, life),
      lock: async () => ({ held: () => isAlive(life), release: () => undefined }),
      segmentBytes: 6_000,
      reserveBytes: 4_096,
      offsetMinutes: 480,
      random: (count) => random.bytes(count),
    });
    if (!isAlive(life)) return never();
    for (const notice of journal.notices) world.note(name, `notice ${notice}`);
    const central = createCentral({
      http: cable.httpFor(life),
      clock,
      log,
      journal,
      key: { dev, publicKey, sign: (text) => cheapSign(publicKey, text) },
      deviceFile: deviceFileFor(disk),
      version: 'simulation',
      machine: name,
      random: (count) => random.bytes(count),
      onState: () => undefined,
      onHint: () => {
        if (isAlive(life)) window?.engine.nudge();
      },
      onNotice: (notice) => world.note(name, `notice ${notice}`),
    });
    let close: () => void = () => undefined;
    const end = new Promise<never>((_, reject) => {
      close = () => reject(new CodedError('WIRE_CLOSED', 'the core has died'));
    });
    end.catch(() => undefined);
    core = { life, journal, central, end, close };
    startingCore = null;
    const { inc, seq } = journal.head();
    world.note(name, `core started at ${inc.slice(0, 4)}/${seq}, ${journal.unsentCount()} unsent`);
  }

  /** A call over the bridge: carried out or not when the core dies on the way. */
  async function ask<T>(life: Life, call: (of: Core) => Promise<T>): Promise<T> {
    await world.sleep(1);
    if (!isAlive(life)) return never();
    if (!core) throw new CodedError('WIRE_CLOSED', 'no core');
    try {
      const value = await Promise.race([call(core), core.end]);
      return isAlive(life) ? value : await never<T>();
    } catch (error) {
      if (isAlive(life)) throw error;
      return never();
    }
  }

  async function startWindow(): Promise<void> {
    const life: Life = { alive: true };
    const store = createWindowStore({
      world,
      life,
      disk: machine.disk,
      dev,
      journal: {
        head: () => ask(life, ({ journal }) => Promise.resolve(journal.head())),
        read: (from) => ask(life, ({ journal }) => journal.read(from)),
        compare: (own) => ask(life, ({ journal }) => journal.compare(own)),
        restore: (events) => ask(life, ({ journal }) => journal.restore(events)),
      },
      takes: () => random.between(0, 8),
    });
    const engine = createSyncEngine({
      store: store.sync,
      central: {
        hello: (at) => ask(life, ({ central }) => central.hello(at)),
        push: () => ask(life, ({ central }) => central.push()),
        pull: (since, limit) => ask(life, ({ central }) => central.pull({ since, limit })),
        want: (heads) => ask(life, ({ central }) => central.want({ heads })),
        donate: (given) => ask(life, ({ central }) => central.donate(given)),
        snapshot: (before, limit) => ask(life, ({ central }) => central.snapshot({ before, limit })),
      },
      time: {
        now: () => MORNING + world.now() + machine.clockOffset,
        after: (ms, run) =>
          world.after(ms, () => {
            if (isAlive(life)) run();
          }),
      },
    });
    const opened: Window = { life, store, engine };
    startingWindow = life;
    const replayed = await store.levelWithJournal();
    if (!isAlive(life)) return never();
    startingWindow = null;
    window = opened;
    world.note(name, `window open${replayed > 0 ? `, ${replayed} replayed` : ''}`);
    engine.nudge();
  }
  let startingWindow: Life | null = null;

  function killWindow(): void {
    if (startingWindow) startingWindow.alive = false;
    startingWindow = null;
    if (window) window.life.alive = false;
    window = null;
    starting = null;
  }

  function killCore(): void {
    if (startingCore) startingCore.alive = false;
    startingCore = null;
    if (core) {
      core.life.alive = false;
      core.close();
    }
    core = null;
    starting = null;
  }

  const machine: Machine = {
    name,
    dev,
    weather: cable.weather,
    disk: ports.disk,
    clockOffset: 0,
    core: () => core,
    window: () => window,
    shown: () => machine.disk.store.at(-1)!,
    start() {
      starting ??= (async () => {
        if (!core) await startCore();
        if (!window && machine.disk.enrolment) await startWindow();
      })().finally(() => {
        starting = null;
      });
      return starting;
    },
    async restart() {
      if (held || (core && window)) return;
      try {
        await machine.start();
      } catch (error) {
        // The launcher tries again.
        world.note(name, `start failed: ${String(error)}`);
        killWindow();
        if (!(error instanceof CodedError && error.code === 'WIRE_CLOSED')) killCore();
        world.after(700, () => void machine.restart());
      }
    },
    async enrol(code) {
      await startCore();
      await core!.central.enrol({ server: 'http://127.0.0.1:8790', code });
      await machine.start();
    },
    killWindow,
    killCore,
    cutPower() {
      world.note(name, 'power cut');
      killWindow();
      killCore();
      machine.disk = afterPowerCut(machine.disk, random);
    },
    cutPowerSoon(operations) {
      const { medium } = machine.disk;
      let over = false;
      const cut = (): void => {
        if (over || machine.disk.medium !== medium) return;
        over = true;
        machine.cutPower();
      };
      medium.cutPowerAt(medium.operations() + operations);
      void medium.dark.then(cut);
      world.after(500, cut);
    },
    setHeld(value) {
      held = value;
    },
    async save(cmd, drafts) {
      const at = window;
      if (!at) throw new CodedError('WIRE_CLOSED', 'no window');
      for (let tries = 1; ; tries++) {
        try {
          const { events } = await ask(at.life, ({ journal }) => journal.append({ cmd, drafts }));
          await at.store.applyOwn(events);
          at.engine.nudge();
          return events;
        } catch (error) {
          const again = error instanceof CodedError && error.code === 'WIRE_CLOSED' && tries < SAVE_TRIES;
          if (!again) throw error;
          await world.sleep(300 * tries);
          if (!isAlive(at.life)) return never();
        }
      }
    },
    unsent: () => core?.journal.unsentCount() ?? 0,
  };
  return machine;
}

const brief = (data: object | undefined): string =>
  data ? JSON.stringify(data, (_, value: unknown) => (isLongHex(value) ? value.slice(0, 4) : value)) : '';
const isLongHex = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{32,}$/.test(value);
