import type { CardRead, ReaderState } from '../../../shared/contract/card.ts';
import {
  createSimulatedReader,
  NO_LATENCY,
} from '../../../electron/adapters/simulated/card-reader/simulated-reader.ts';
import type {
  SimulatedReader,
  SimulatedReaderOptions,
} from '../../../electron/adapters/simulated/card-reader/simulated-reader.ts';
import { createCardReader } from '../../../electron/core/id-card/card-reader.ts';
import type { CardReader, CardReaderOptions } from '../../../electron/core/id-card/card-reader.ts';
import { loadReaderProfiles } from '../../../electron/core/id-card/load-reader-profiles.ts';
import type { ReaderDevicePort } from '../../../electron/core/ports/reader-device.ts';
import type { LogPort } from '../../../electron/core/ports/log.ts';
import { createFakeClock } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';

/** A whole desk: the real reader logic, one simulated reader as the real one, one as the demonstration. */
export interface Desk {
  clock: FakeClock;
  reader: CardReader;
  /** Behind the port for real devices. */
  real: SimulatedReader;
  demo: SimulatedReader;
  reads: CardRead[];
  states: ReaderState[];
  /** Phases with their errors, e.g. `error:ID_CARD_LIFTED`. */
  phases(): string[];
  log: { level: string; text: string; data: unknown }[];
}

export async function createDesk(
  options: {
    real?: Partial<SimulatedReaderOptions>;
    demo?: Partial<SimulatedReaderOptions>;
    reader?: Partial<CardReaderOptions>;
    devices?: (real: ReaderDevicePort, clock: FakeClock) => ReaderDevicePort;
  } = {},
): Promise<Desk> {
  const clock = createFakeClock();
  const lines: Desk['log'] = [];
  const log: LogPort = { write: (level, _area, text, data) => void lines.push({ level, text, data }) };
  const real = createSimulatedReader({ clock, latency: NO_LATENCY, ...options.real });
  const demo = createSimulatedReader({ clock, latency: NO_LATENCY, ...options.demo });
  const reader = createCardReader({
    clock,
    log,
    devices: options.devices?.(real.port, clock) ?? real.port,
    demoReader: demo.port,
    mode: 'real',
    profiles: await loadReaderProfiles(
      [new URL('../../../resources/readers', import.meta.url).pathname],
      log,
    ),
    ...options.reader,
  });
  const reads: CardRead[] = [];
  const states: ReaderState[] = [];
  reader.onRead((read) => void reads.push(read));
  reader.onState((state) => void states.push(state));
  await reader.start();
  return {
    clock,
    reader,
    real,
    demo,
    reads,
    states,
    phases: () => states.map(({ phase, error }) => (error === undefined ? phase : `${phase}:${error}`)),
    log: lines,
  };
}

/** About the time a real reader takes. */
export const READ_TAKES = { find: 20, select: 30, read: 700, appended: 30, other: 5 };

/** A desk whose reader waits for a card. */
export async function waiting(options: Parameters<typeof createDesk>[0] = {}): Promise<Desk> {
  const desk = await createDesk(options);
  await desk.clock.until(() => desk.reader.status().phase === 'waiting', 10_000);
  desk.states.length = 0;
  desk.real.requests.length = 0;
  return desk;
}

/** The present phase with its error. */
export const phase = (desk: Desk): string => desk.phases().at(-1) ?? desk.reader.status().phase;
