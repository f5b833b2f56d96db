import type { ErrorCode } from '../../../shared/contract/errors.ts';
import type { ReaderBus } from '../../../shared/contract/reader.ts';
import type { LogLevel } from '../../core/ports/log.ts';
import type { DeviceAccess, DeviceInfo } from '../../core/ports/reader-device.ts';
import type { HostProcess as HostProcessOf } from '../host-process/host-process.ts';

/**
 * What passes between the program and its device host. Plain JSON with bytes in base64, because the two
 * kinds of host copy messages differently and only this looks the same in both.
 */

export type HostRequest =
  /** Loads what the bus needs; a failure is told by the next call that needs it. */
  | { id: number; op: 'load'; bus: ReaderBus }
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

export type HostProcess = HostProcessOf<HostRequest, HostMessage>;
