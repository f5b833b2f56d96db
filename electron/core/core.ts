import type { Capability } from '../../shared/contract/app.ts';
import type { Events, Handlers } from '../../shared/contract/index.ts';
import type { EventName } from '../../shared/contract/names.ts';
import type { ClockPort } from './ports/clock.ts';
import type { HidPort } from './ports/hid.ts';
import type { HttpPort } from './ports/http.ts';
import type { LogPort } from './ports/log.ts';
import type { PathsPort } from './ports/paths.ts';
import type { PrinterPort } from './ports/printer.ts';
import type { SecretsPort } from './ports/secrets.ts';
import type { Settings } from '../../shared/contract/settings.ts';

/** The simulated reader's extra handles: what a hand does to a card. Absent when a real reader is used. */
export interface DemoCards {
  list(): { id: string; label: string }[];
  place(id: string): void;
  lift(): void;
}

export interface CorePorts {
  shell: 'electron' | 'standalone';
  version: string;
  capabilities: Capability[];
  clock: ClockPort;
  log: LogPort;
  paths: PathsPort;
  secrets: SecretsPort;
  http: HttpPort;
  /** Real HID devices. */
  hid: HidPort;
  /** The simulated reader behind the same port, and its handles. */
  demoHid: HidPort;
  demoCards: DemoCards;
  /** Makes the printer the settings ask for; called again when they change. */
  openPrinter(settings: Settings['printer']): PrinterPort;
  /** Turns a finished job's bytes into a PNG: the virtual printer's eye, used for every preview. */
  renderJob(bytes: Uint8Array, dots: number): Uint8Array;
}

export interface Core {
  handlers: Handlers;
  /** Subscribes to everything the core says unasked; the returned function ends it. */
  subscribe(listener: <E extends EventName>(name: E, payload: Events[E]) => void): () => void;
  start(): Promise<void>;
  /** Ends within 5 s: flushes, closes devices and files. */
  stop(): Promise<void>;
}
