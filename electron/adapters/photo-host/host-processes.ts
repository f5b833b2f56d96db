import { fork } from 'node:child_process';
import type { PhotoHostProcess, PhotoMessage, SpawnPhotoHost } from './messages.ts';

/**
 * Starts the photo host as a Node process, for the plain-Node shell. Its output is dropped: what a maker's library
 * prints may be a person's data.
 * @param entry the built `photo-host.js`
 */
export function forkPhotoHost(entry: string): SpawnPhotoHost {
  return (folder) => {
    const child = fork(entry, [], {
      cwd: folder,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      // Buffers as buffers.
      serialization: 'advanced',
    });
    return {
      // A message to a process that has just ended is lost; its exit is told all the same.
      send(message) {
        if (child.connected) child.send(message, () => undefined);
      },
      onMessage: (listener) => void child.on('message', (message) => listener(message as PhotoMessage)),
      onExit(listener) {
        let told = false;
        const tell = (reason: string): void => {
          if (told) return;
          told = true;
          listener(reason);
        };
        child.once('exit', (code, signal) => tell(`exit ${signal ?? String(code)}`));
        child.once('error', (error) => tell(error.message));
      },
      kill: () => void child.kill('SIGKILL'),
    };
  };
}

/** As much of Electron's `UtilityProcess` as is needed, so that this file need not import Electron. */
export interface UtilityProcessLike {
  /** Not there before the process runs and after it has ended. */
  readonly pid: number | undefined;
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  once(event: 'exit', listener: (code: number) => void): unknown;
  kill(): boolean;
}

/** Wraps `utilityProcess.fork(entry, [], { cwd, stdio: 'ignore' })` for the Electron shell. */
export function utilityPhotoHost(child: UtilityProcessLike): PhotoHostProcess {
  return {
    send: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', (message) => listener(message as PhotoMessage)),
    onExit: (listener) => void child.once('exit', (code) => listener(`exit ${String(code)}`)),
    // Electron's own way asks politely first, which native code that hangs does not hear.
    kill() {
      try {
        if (child.pid === undefined) child.kill();
        else process.kill(child.pid, 'SIGKILL');
      } catch {
        // It has just ended by itself.
      }
    },
  };
}
