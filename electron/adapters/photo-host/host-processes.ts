import { forkHost, utilityHost, type UtilityProcessLike } from '../host-process/host-process.ts';
import type { PhotoHostProcess, PhotoMessage, PhotoRequest, SpawnPhotoHost } from './messages.ts';

/**
 * Starts the photo host as a Node process, for the plain-Node shell. Its output is dropped: what a maker's library
 * prints may be a person's data.
 * @param entry the built `photo-host.js`
 */
export function forkPhotoHost(entry: string): SpawnPhotoHost {
  return (cwd) => forkHost<PhotoRequest, PhotoMessage>(entry, { cwd, serialization: 'advanced' });
}

/** Wraps `utilityProcess.fork(entry, [], { cwd, stdio: 'ignore' })` for the Electron shell. */
export function utilityPhotoHost(child: UtilityProcessLike): PhotoHostProcess {
  return utilityHost<PhotoRequest, PhotoMessage>(child);
}
