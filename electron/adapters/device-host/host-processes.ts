import { forkHost, utilityHost, type UtilityProcessLike } from '../host-process/host-process.ts';
import type { HostMessage, HostProcess, HostRequest } from './messages.ts';

/** How much of what the host last wrote to its error stream is kept for the log. */
const KEPT_TEXT = 500;

/**
 * Starts the device host as a Node process, for the plain-Node shell.
 * @param entry the built `device-host.js`
 */
export function forkDeviceHost(entry: string): HostProcess {
  return forkHost<HostRequest, HostMessage>(entry, { lastWords: KEPT_TEXT });
}

/** Wraps `utilityProcess.fork(entry)` for the Electron shell. */
export function utilityDeviceHost(child: UtilityProcessLike): HostProcess {
  return utilityHost<HostRequest, HostMessage>(child);
}
