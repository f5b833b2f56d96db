import { onTestFinished } from 'vitest';
import { createSystemClock } from '../../../electron/adapters/node/clock.ts';
import { createCentral, type Central } from '../../../electron/core/central/central.ts';
import { openDeviceFile } from '../../../electron/core/central/device-file.ts';
import { openDeviceKey } from '../../../electron/core/central/device-key.ts';
import type { Journal } from '../../../electron/core/journal/journal.ts';
import type { ClockPort } from '../../../electron/core/ports/clock.ts';
import type { HttpPort } from '../../../electron/core/ports/http.ts';
import type { SecretsPort } from '../../../electron/core/ports/secrets.ts';
import type { LineState } from '../../../shared/contract/central.ts';
import { append, cmdOf, memoryLog, openTestJournal, tempFolder } from '../journal/harness.ts';
import { createFakeServer } from './fake-server.ts';

export function memorySecrets(
  kept = new Map<string, Uint8Array>(),
): SecretsPort & { kept: Map<string, Uint8Array> } {
  return {
    kept,
    protection: 'file',
    read: (name) => Promise.resolve(kept.get(name) ?? null),
    write: (name, value) => {
      kept.set(name, value);
      return Promise.resolve();
    },
  };
}

export interface Machine {
  base: string;
  central: Central;
  journal: Journal;
  states: LineState[];
  hints: number[];
  notices: string[];
  log: ReturnType<typeof memoryLog>;
  /** Appends `count` commands of one event. */
  work(count: number): Promise<void>;
  restart(): Promise<Machine>;
  stop(): Promise<void>;
}

/** A machine's journal and line, real except for the wire. */
export async function openMachine(
  options: { http: HttpPort; base?: string; secrets?: SecretsPort; clock?: ClockPort },
  first = 0,
): Promise<Machine> {
  const base = options.base ?? tempFolder();
  const secrets = options.secrets ?? memorySecrets();
  const clock = options.clock ?? createSystemClock();
  const log = memoryLog();
  const key = await openDeviceKey(secrets);
  const deviceFile = await openDeviceFile({ profile: base, dev: key.dev, clock, log });
  const enrolled = deviceFile.current()?.device;
  const place = enrolled ? { hall: enrolled.hall, dev: enrolled.dev, station: enrolled.station } : null;
  const journal = await openTestJournal(base, { dev: key.dev, place, log });
  const states: LineState[] = [];
  const hints: number[] = [];
  const notices: string[] = [...deviceFile.notices];
  const central = createCentral({
    http: options.http,
    clock,
    log,
    journal,
    key,
    deviceFile,
    version: '0.0.0-test',
    onState: (state) => states.push(state),
    onHint: (head) => hints.push(head),
    onNotice: (name) => notices.push(name),
  });
  let next = first;
  const stop = async (): Promise<void> => {
    await central.stop();
    await journal.close();
  };
  onTestFinished(stop);
  return {
    base,
    central,
    journal,
    states,
    hints,
    notices,
    log,
    async work(count) {
      for (let i = 0; i < count; i++) await append(journal, cmdOf(next++));
    },
    async restart() {
      await stop();
      return openMachine({ ...options, base, secrets }, next);
    },
    stop,
  };
}

export const NOWHERE = { cursor: 0, streamHash: '0'.repeat(64) };

/** A server and a machine that is enrolled with it. */
export async function enrolledMachine(): Promise<{
  server: ReturnType<typeof createFakeServer>;
  machine: Machine;
}> {
  const server = createFakeServer();
  const machine = await openMachine({ http: server.http });
  await machine.central.enrol({ server: 'http://central.test', code: 'CODE-1234' });
  return { server, machine };
}

/** Pushes until nothing is left, as the window's engine does. */
export async function pushAll(central: Central): Promise<number> {
  for (let calls = 1; ; calls++) {
    const { left } = await central.push();
    if (left === 0) return calls;
    if (calls > 100) throw new Error('push never ends');
  }
}

export async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i > 500) throw new Error('not so within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
