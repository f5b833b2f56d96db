import { forkHost, utilityHost, type UtilityProcessLike } from '../host-process/host-process.ts';
import type { PrintHostProcess, PrintMessage, PrintRequest } from './messages.ts';

/**
 * Starts the print host as a Node process, for the plain-Node shell. Its output is dropped: a driver's words may quote
 * a document.
 * @param entry the built `print-host.js`
 */
export function forkPrintHost(entry: string): PrintHostProcess {
  return forkHost<PrintRequest, PrintMessage>(entry, { serialization: 'advanced' });
}

/** Wraps `utilityProcess.fork(entry, [], { stdio: 'ignore' })` for the Electron shell. */
export function utilityPrintHost(child: UtilityProcessLike): PrintHostProcess {
  return utilityHost<PrintRequest, PrintMessage>(child);
}
