import { fork } from 'node:child_process';
import type { HostMessage, HostProcess } from './messages.ts';

/** How much of what the host last wrote to its error stream is kept for the log. */
const KEPT_TEXT = 500;

/**
 * Starts the device host as a Node process, for the plain-Node shell.
 * @param entry the built `device-host.js`
 */
export function forkDeviceHost(entry: string): HostProcess {
  const child = fork(entry, [], { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let lastWords = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-KEPT_TEXT);
  });
  return {
    // A message to a process that has just ended is lost; its exit is told all the same.
    send(message) {
      if (child.connected) child.send(message, () => undefined);
    },
    onMessage: (listener) => void child.on('message', (message) => listener(message as HostMessage)),
    onExit(listener) {
      let told = false;
      const tell = (reason: string): void => {
        if (told) return;
        told = true;
        listener(`${reason} ${lastWords}`.trim());
      };
      child.once('exit', (code, signal) => tell(`exit ${signal ?? String(code)}`));
      child.once('error', (error) => tell(error.message));
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

/** As much of Electron's `UtilityProcess` as is needed, so that this file need not import Electron. */
export interface UtilityProcessLike {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  once(event: 'exit', listener: (code: number) => void): unknown;
  kill(): boolean;
}

/** Wraps `utilityProcess.fork(entry)` for the Electron shell. */
export function utilityDeviceHost(child: UtilityProcessLike): HostProcess {
  return {
    send: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', (message) => listener(message as HostMessage)),
    onExit: (listener) => void child.once('exit', (code) => listener(`exit ${String(code)}`)),
    kill: () => void child.kill(),
  };
}
