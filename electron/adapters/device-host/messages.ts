import type { ErrorCode } from '../../../shared/contract/errors.ts';
import type { ReaderBus } from '../../../shared/contract/reader.ts';
import type { LogLevel } from '../../core/ports/log.ts';
import type { DeviceAccess, DeviceInfo } from '../../core/ports/reader-device.ts';

/**
 * What passes between the program and its device host. Plain JSON with bytes in base64, because the two
 * kinds of host copy messages differently and only this looks the same in both.
 */

export type HostRequest =
  | { id: number; op: 'list'; buses: ReaderBus[]; withTyping?: boolean }
  | { id: number; op: 'open'; path: string; access: DeviceAccess }
  | { id: number; op: 'write'; device: number; pipe: number; bytes: string }
  | { id: number; op: 'close'; device: number };

/** Values of the answers: a list of devices, the number of the opened device, or nothing. */
export type HostAnswer = DeviceInfo[] | number | null;

export type HostMessage =
  | { kind: 'answer'; id: number; value: HostAnswer }
  | { kind: 'failure'; id: number; code: ErrorCode; reason: string }
  | { kind: 'packet'; device: number; pipe: number; bytes: string }
  | { kind: 'closed'; device: number; reason: string }
  | { kind: 'log'; level: LogLevel; text: string; reason: string };

/** A running device host as the program sees it: the same for a forked Node process and for Electron's utility process. */
export interface HostProcess {
  send(message: HostRequest): void;
  /** One listener. */
  onMessage(listener: (message: HostMessage) => void): void;
  /** Called once, however the process ended. */
  onExit(listener: (reason: string) => void): void;
  /** Ends it at once, also when it hangs in native code. */
  kill(): void;
}
