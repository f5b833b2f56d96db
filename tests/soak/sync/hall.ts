import { readdirSync, readFileSync } from 'node:fs';
import { createSaves, lightOf, loadPage, pauseLoad, type LoadLight, type Saves } from './load-page.ts';
import { freePort, openWindow, startProgram, type Program, type Window } from '../../e2e/program.ts';
import { postmasterPid, startTestServer, type TestServer } from '../../server/start.ts';
import { startFaultyLine, type FaultyLine } from './faulty-line.ts';
import type { Dice } from './random.ts';

/** Whom the soak kills, always with SIGKILL. */
export const VICTIMS = ['window', 'page', 'core', 'server', 'postmaster', 'backend', 'everything'] as const;
/** The PC, as its power button does it. */
const PC = 'pc';
export type Victim = (typeof VICTIMS)[number] | typeof PC;

/** One counter, whole: server on its own PostgreSQL, a network with faults, the core, a real Chromium under load. */
export interface Hall {
  server: TestServer;
  line: FaultyLine;
  saves: Saves;
  profile: string;
  port: number;
  window(): Window;
  /** @returns whether there was somebody to kill */
  kill(victim: Victim): Promise<boolean>;
  /** Starts whatever is not running. Tries again where the kill left something half up. */
  raise(): Promise<void>;
  /** @returns null when the window does not answer */
  light(): Promise<LoadLight | null>;
  pause(paused: boolean): Promise<void>;
  /** Window and core end in order, as in the evening; `raise` is the next morning. */
  rest(): Promise<void>;
  close(): Promise<void>;
}

export async function startHall(options: {
  profile: string;
  dice: Dice;
  stallMs: number;
  /** Between two citizens. */
  pauseMs: number;
  server?: TestServer;
  userData?: string;
  /** Of the core; a free one when it is not given. */
  port?: number;
  /** Goes on counting where another hall stopped. */
  saves?: Saves;
  /** The network of another hall, which goes on using it: an enrolled device keeps its server's address. */
  line?: FaultyLine;
}): Promise<Hall> {
  const { profile, dice } = options;
  const server = options.server ?? (await startTestServer());
  const line = options.line ?? (await startFaultyLine(server.url, dice, options.stallMs));
  const saves = options.saves ?? createSaves();
  const port = options.port || (await freePort());
  const code = await server.newCode();
  let program: Program | null = null;
  let window: Window | null = null;
  /** The core that gave the page its address. */
  let loadedFrom: Program | null = null;
  let serverUp = true;

  async function closeWindow(): Promise<void> {
    const open = window;
    window = null;
    if (open) await within(open.close(), 5_000);
  }

  const hall: Hall = {
    server,
    line,
    saves,
    profile,
    port,
    window: () => window!,
    async kill(victim) {
      const targets: number[] = [];
      if ((victim === 'window' || victim === PC) && window) targets.push(window.pid);
      if (victim === 'page' && window) targets.push(...childrenOf(window.pid, '--type=renderer'));
      if ((victim === 'core' || victim === PC) && program) targets.push(program.pid);
      if (victim === 'server' && serverUp) targets.push(server.pid);
      const postgres = postmasterOf(server.dataFolder);
      if (victim === 'postmaster' && postgres) targets.push(postgres);
      if (victim === 'backend' && postgres) {
        const backends = childrenOf(postgres, '127.0.0.1');
        if (backends.length > 0) targets.push(dice.pick(backends));
      }
      if (victim === 'everything') {
        if (postgres) targets.push(postgres);
        if (window) targets.push(window.pid);
        if (program) targets.push(program.pid);
        if (serverUp) targets.push(server.pid);
      }
      targets.forEach(end);
      if (['window', 'page', PC, 'everything'].includes(victim)) await closeWindow();
      if (['core', PC, 'everything'].includes(victim)) {
        await program?.kill();
        program = null;
      }
      if (victim === 'server' || victim === 'everything') {
        await server.kill();
        serverUp = false;
      }
      return targets.length > 0;
    },
    async raise() {
      if (!serverUp) {
        await again(() => server.start());
        serverUp = true;
      }
      if (!program) {
        program = await again(() =>
          startProgram({ profile, port, args: ['--server', line.url, '--code', code] }),
        );
      }
      const core = program;
      if (window && loadedFrom !== core) {
        // The page's cookie was for the core before; an address that differs in its hash alone would not be loaded.
        await window.page.goto('about:blank');
        await window.page.goto(await core.invite());
      }
      window ??= await again(() =>
        openWindow(core, {
          prepare: (page) => loadPage(page, saves, options.pauseMs),
          ...(options.userData ? { userData: options.userData } : {}),
        }),
      );
      loadedFrom = core;
    },
    async light() {
      return window ? within(lightOf(window.page), 5_000) : null;
    },
    async pause(paused) {
      if (window) await within(pauseLoad(window.page, paused), 5_000);
    },
    async rest() {
      await closeWindow();
      await program?.stop();
      program = null;
    },
    async close() {
      await hall.rest();
      if (!options.line) await line.close();
      if (!options.server) await server.dispose();
    },
  };
  return hall;
}

/** @returns null when it takes longer or fails */
async function within<T>(work: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<null>((done) => (timer = setTimeout(() => done(null), ms)));
  return Promise.race([work.catch(() => null), limit]).finally(() => clearTimeout(timer));
}

async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === 5) throw error;
      await new Promise((wake) => setTimeout(wake, 500));
    }
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended a moment ago.
  }
}

function postmasterOf(dataFolder: string): number | null {
  try {
    const pid = postmasterPid(dataFolder);
    process.kill(pid, 0);
    return pid;
  } catch {
    return null;
  }
}

/** Processes below `pid` whose command line holds `word`. */
function childrenOf(pid: number, word: string): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parents = new Map<number, number>();
  const words = new Map<number, string>();
  for (const name of all) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
      words.set(Number(name), readFileSync(`/proc/${name}/cmdline`, 'utf8'));
    } catch {
      // Gone while we looked.
    }
  }
  const below = (one: number): boolean => {
    const parent = parents.get(one);
    return parent !== undefined && parent > 1 && (parent === pid || below(parent));
  };
  return [...parents.keys()].filter((one) => below(one) && words.get(one)?.includes(word));
}
