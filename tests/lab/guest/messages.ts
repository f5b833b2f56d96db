import type { CardRead, ReaderState } from '../../../shared/contract/card.ts';
import type { LogLevel } from '../../../electron/core/ports/log.ts';

/** What passes between the lab's conductor and the process that drives the reader. */

export interface DriverStart {
  /** The built `device-host.js`; where it lies decides which native packages it finds. */
  deviceHost: string;
  /** Folders of reader profiles. */
  profiles: string[];
  /** The setting `reader.profile`. */
  profile?: string;
  /** Read the card with its fingerprints (`30 10`). */
  readFingerprint?: boolean;
  /** Do not run the reader logic: only one command is sent, see {@link DriverOrder}. */
  commandsOnly?: boolean;
}

export type DriverOrder = { do: 'start'; options: DriverStart } | { do: 'readWithFingerprint' };

export type DriverReport =
  | { said: 'state'; state: ReaderState }
  /** `packets` is the largest number of packets that answered one command since the read before. */
  | { said: 'read'; read: CardRead; packets: number }
  /** Status and data of `30 10`, base64. */
  | { said: 'answer'; sw3: number; data: string; packets: number }
  | { said: 'failed'; code: string; reason: string }
  | { said: 'log'; level: LogLevel; text: string; data: string };
