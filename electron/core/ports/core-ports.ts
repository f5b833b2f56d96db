import type { Capability } from '../../../shared/contract/app.ts';
import type { FoundPrinter } from '../../../shared/contract/print.ts';
import type { Settings } from '../../../shared/contract/settings.ts';
import type { ClockPort } from './clock.ts';
import type { ReaderDevicePort } from './reader-device.ts';
import type { HttpPort } from './http.ts';
import type { LogPort } from './log.ts';
import type { PathsPort } from './paths.ts';
import type { PhotoDecoderPort } from './photo-decoder.ts';
import type { PrinterPort } from './printer.ts';
import type { SecretsPort } from './secrets.ts';

/** The simulated reader's extra handles: what a hand does to a card. Absent when a real reader is used. */
export interface DemoCards {
  list(): { id: string; label: string }[];
  place(id: string): void;
  lift(): void;
}

/** Everything the core needs of the machine it runs on; each shell brings its own. */
export interface CorePorts {
  shell: 'electron' | 'standalone';
  version: string;
  capabilities: Capability[];
  clock: ClockPort;
  log: LogPort;
  paths: PathsPort;
  secrets: SecretsPort;
  http: HttpPort;
  /** Real devices. */
  devices: ReaderDevicePort;
  /** The simulated reader behind the same port, and its handles. */
  demoReader: ReaderDevicePort;
  demoCards: DemoCards;
  /** Makes the printer the settings ask for; called again when they change. */
  openPrinter(settings: Settings['printer']): PrinterPort;
  /** Printers this machine sees; never rejects. */
  findPrinters(): Promise<FoundPrinter[]>;
  /** Makes the photo decoder the settings ask for, or one that says there is none; called again when they change. */
  openPhotoDecoder(settings: Settings['photo']): PhotoDecoderPort;
  /** Turns a finished job's bytes into a PNG: the virtual printer's eye, used for every preview. */
  renderJob(bytes: Uint8Array, dots: number): Uint8Array;
  /** The admin's policy for this machine; by default where each system keeps such files. */
  policyPath?: string;
  /** Other sizes of the journal's segments and of its reserve, bytes, and another pause before its upkeep, milliseconds. */
  journalLimits?: { segmentBytes?: number; reserveBytes?: number; afterHelloMs?: number };
}
