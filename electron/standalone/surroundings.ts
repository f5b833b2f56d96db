import type { FileLog } from '../adapters/node/log.ts';
import type { ShellFolders } from '../adapters/node/paths.ts';
import type { EnrolmentOffer } from '../core/boot/first-enrolment.ts';
import type { Core } from '../core/core.ts';
import type { ClockPort } from '../core/ports/clock.ts';

/** What the core is made from; everything else the machine's wiring knows by itself. */
export interface MachineParts {
  folders: ShellFolders;
  clock: ClockPort;
  log: FileLog;
  env: Record<string, string | undefined>;
  version: string;
}

/** The process, the terminal and the places of a built checkout: what the shell stands in. */
export interface Surroundings {
  env: Record<string, string | undefined>;
  platform: NodeJS.Platform;
  home: string;
  /** true when the process runs as root. */
  root: boolean;
  version: string;
  /** Folder of the built window. */
  files: string;
  resources: string;
  /**
   * Starts the server that belongs to this program, when there is one: called once the profile and the port are ours.
   * @returns the offer when it is up, null when it could not be started
   */
  startServer?: () => Promise<EnrolmentOffer | null>;
  /** Ends the program in order. */
  signal: AbortSignal;
  /** One line for the person at the terminal. */
  say: (line: string) => void;
  createCore(parts: MachineParts): Promise<Core>;
}
