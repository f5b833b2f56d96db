import { fork } from 'node:child_process';

/** A running host as the program sees it: the same for a forked Node process and for Electron's utility process. */
export interface HostProcess<Request, Message> {
  send(message: Request): void;
  /** One listener. */
  onMessage(listener: (message: Message) => void): void;
  /** Called once, however the process ended. */
  onExit(listener: (reason: string) => void): void;
  /** Ends it at once, also when it hangs in native code. */
  kill(): void;
}

export interface ForkOptions {
  /** Its working folder; the program's own when left out. */
  cwd?: string;
  /** `advanced` carries buffers as buffers; `json` is the default. */
  serialization?: 'json' | 'advanced';
  /** So many characters of what it last wrote to its error stream go into the reason of its end; 0 drops its output. */
  lastWords?: number;
}

/**
 * Starts a host as a Node process, for the plain-Node shell.
 * @param entry the built file
 */
export function forkHost<Request, Message>(
  entry: string,
  { cwd, serialization = 'json', lastWords = 0 }: ForkOptions = {},
): HostProcess<Request, Message> {
  const child = fork(entry, [], {
    execArgv: [],
    stdio: ['ignore', 'ignore', lastWords > 0 ? 'pipe' : 'ignore', 'ipc'],
    serialization,
    ...(cwd === undefined ? {} : { cwd }),
  });
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-lastWords);
  });
  return {
    // A message to a process that has just ended is lost; its exit is told all the same.
    send(message) {
      if (child.connected) child.send(message as object, () => undefined);
    },
    onMessage: (listener) => void child.on('message', (message) => listener(message as Message)),
    onExit(listener) {
      let told = false;
      const tell = (reason: string): void => {
        if (told) return;
        told = true;
        listener(`${reason} ${words}`.trim());
      };
      child.once('exit', (code, signal) => tell(`exit ${signal ?? String(code)}`));
      child.once('error', (error) => tell(error.message));
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

/** As much of Electron's `UtilityProcess` as is needed, so that this file need not import Electron. */
export interface UtilityProcessLike {
  /** Not there before the process runs and after it has ended. */
  readonly pid?: number | undefined;
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  once(event: 'exit', listener: (code: number) => void): unknown;
  kill(): boolean;
}

/** Wraps what `utilityProcess.fork` gives, for the Electron shell. */
export function utilityHost<Request, Message>(child: UtilityProcessLike): HostProcess<Request, Message> {
  return {
    send: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', (message) => listener(message as Message)),
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
