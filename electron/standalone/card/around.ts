import type { ClockPort } from '../../core/ports/clock.ts';
import type { LogPort } from '../../core/ports/log.ts';
import type { ReaderDevicePort } from '../../core/ports/reader-device.ts';
import type { Words } from './words.ts';

/** Exit codes of `npm run card`; `help.ts` tells them. */
export const EXIT = {
  done: 0,
  /** The reader or the card did not do what was asked; a sentence says why. */
  failed: 1,
  usage: 2,
  /** No such device, or no reader at all. */
  missing: 3,
  /** The program itself is running and has the reader. */
  held: 4,
  /** Nobody laid a card down in time. */
  noCard: 5,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The process and the machine as a command sees them; tests bring their own. */
export interface CardAround {
  words: Words;
  clock: ClockPort;
  log: LogPort;
  /** The shipped resources and this installation's profile folder, which may not exist. */
  resources: string;
  profile: string;
  /** One line of the result (stdout). */
  say: (line: string) => void;
  /** One line about how it goes (stderr), so that results can be piped. */
  tell: (line: string) => void;
  /** Asks the person at the terminal; null when nobody sits there. */
  confirm: ((question: string) => Promise<boolean>) | null;
  /** Everything on standard input. */
  stdin: () => Promise<Uint8Array>;
  /** The device host, started at the first call and ended by whoever runs the command. */
  devices: () => ReaderDevicePort;
  /** Whether the program runs on this profile. */
  isRunning: () => Promise<boolean>;
  /** Ctrl+C. */
  signal: AbortSignal;
}

/** A mistake on the command line; its sentence is for the person who typed it. */
export class UsageError extends Error {}
