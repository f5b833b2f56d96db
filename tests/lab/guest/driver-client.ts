import { fork } from 'node:child_process';
import type { CardRead, ReaderState } from '../../../shared/contract/card.ts';
import type { DriverOrder, DriverReport, DriverStart } from './messages.ts';
import { pause } from './wires/wire.ts';

/** The program as the shell installs it, and the same without its native packages. */
export const WITH_NATIVE = '/app/out/standalone/device-host.js';
export const WITHOUT_NATIVE = '/bare/out/standalone/device-host.js';
const PROFILES = ['/app/resources/readers', '/run/readers'];
const KEPT_LINES = 30;
/** Emulated, a step takes ten times as long as on the machine outside. */
const STEP_LIMIT_MS = 20_000;

export interface DriverOptions extends Partial<DriverStart> {
  /** As whom it runs; default root. */
  user?: { uid: number; gid: number };
}

/** The program's reader logic in a process of its own, watched from outside. */
export interface Driver {
  readonly pid: number;
  /** Everything that was told, oldest first. */
  readonly states: readonly ReaderState[];
  readonly reads: readonly { read: CardRead; packets: number }[];
  /** The last lines of its log. */
  readonly lines: readonly string[];
  /** Waits until a state told after the last call matches. @throws Error at the time limit */
  until(what: string, matches: (state: ReaderState) => boolean, limitMs?: number): Promise<ReaderState>;
  /** Waits for the next card. @throws Error at the time limit, or when the card could not be read */
  nextRead(limitMs?: number): Promise<{ read: CardRead; packets: number }>;
  /** Find, select and `30 10`; only with `commandsOnly`. */
  readWithFingerprint(): Promise<Extract<DriverReport, { said: 'answer' }>>;
  close(): Promise<void>;
}

export function startDriver({ user, ...options }: DriverOptions): Driver {
  const states: ReaderState[] = [];
  const reads: { read: CardRead; packets: number }[] = [];
  const answers: Extract<DriverReport, { said: 'answer' }>[] = [];
  const failures: string[] = [];
  const lines: string[] = [];
  let statesSeen = 0;
  let readsTaken = 0;

  const child = fork('/app/lab/driver.js', [], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { PATH: '/usr/bin:/bin', HOME: user ? '/home/clerk' : '/root' },
    ...(user ?? {}),
  });
  const order = (message: DriverOrder): void => {
    child.send(message);
  };
  child.on('message', (message) => {
    const report = message as DriverReport;
    if (report.said === 'state') states.push(report.state);
    if (report.said === 'read') reads.push(report);
    if (report.said === 'answer') answers.push(report);
    if (report.said === 'failed') failures.push(`${report.code} ${report.reason}`);
    if (report.said === 'log') lines.push(`${report.level} ${report.text} ${report.data}`);
    if (lines.length > KEPT_LINES) lines.shift();
  });
  child.once('exit', (code, signal) => failures.push(`the driver ended: ${signal ?? String(code)}`));
  order({ do: 'start', options: { deviceHost: WITH_NATIVE, profiles: PROFILES, ...options } });

  /** Looks every few milliseconds: what is waited for comes in several messages. */
  const wait = async <T>(what: string, look: () => T | undefined, limitMs: number): Promise<T> => {
    for (const began = Date.now(); Date.now() - began < limitMs;) {
      if (failures.length > 0) throw new Error(`${what}: ${failures.join('; ')}`);
      const found = look();
      if (found !== undefined) return found;
      await pause(5);
    }
    const last = states.at(-1);
    throw new Error(`${what}: not in ${limitMs} ms (state ${last?.phase ?? '-'} ${last?.error ?? ''})`);
  };

  return {
    pid: child.pid ?? 0,
    states,
    reads,
    lines,
    until: (what, matches, limitMs = STEP_LIMIT_MS) =>
      wait(
        what,
        () => {
          for (; statesSeen < states.length; statesSeen++) {
            const state = states[statesSeen];
            if (!state || !matches(state)) continue;
            statesSeen += 1;
            return state;
          }
          return undefined;
        },
        limitMs,
      ),
    nextRead: (limitMs = STEP_LIMIT_MS) => {
      const statesBefore = states.length;
      return wait(
        'card',
        () => {
          const refused = states.slice(statesBefore).find(({ phase }) => phase === 'error');
          if (refused) throw new Error(`the card was not read: ${refused.error ?? ''}`);
          const next = reads[readsTaken];
          if (next) readsTaken += 1;
          return next;
        },
        limitMs,
      );
    },
    readWithFingerprint() {
      order({ do: 'readWithFingerprint' });
      return wait('fingerprints', () => answers.shift(), STEP_LIMIT_MS);
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      // Its device host ends with it: the channel between them is cut.
      child.kill('SIGKILL');
      await ended;
    },
  };
}
