import { spawn, type ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { PostgresUser } from './postgres-user.ts';

/** One of PostgreSQL's programs under way. */
export interface RunningProgram {
  child: ChildProcess;
  /** The end of what it said so far. */
  said: () => string;
  /** Its exit code; null when a signal ended it or it could not be started at all. */
  ended: Promise<number | null>;
}

const KEPT_CHARACTERS = 4_000;

/**
 * Becomes the program (`exec`, so its pid is the child's), after leaving behind a watcher that waits on the other end
 * of descriptor 3. A line means that the program has ended; the end of file, that we have: then the watcher asks the
 * program to stop. The watcher is nobody's child, so the program does not wait for it either.
 */
const TIED = '((read -r _ <&3 || kill -INT $$) >/dev/null 2>&1 &); exec "$@" 3<&-';

/**
 * Starts a program of PostgreSQL's, as the given account, with nothing of our environment but what it needs.
 * @param tied it is asked to stop (SIGINT) when this process ends, however it ends; not on Windows
 */
export function runProgram(
  program: string,
  args: string[],
  user: PostgresUser | null,
  tied = false,
): RunningProgram {
  const wrapped = tied && process.platform !== 'win32';
  const [file, ...rest] = wrapped ? ['/bin/sh', '-c', TIED, 'sh', program, ...args] : [program, ...args];
  const child = spawn(file, rest, {
    ...(user ?? {}),
    // Ours may be a folder the account cannot enter.
    cwd: process.platform === 'win32' ? undefined : '/',
    stdio: wrapped ? ['ignore', 'pipe', 'pipe', 'pipe'] : ['ignore', 'pipe', 'pipe'],
    // Ctrl+C in the terminal is for the server, which stops its database in order.
    detached: process.platform !== 'win32',
    windowsHide: true,
    env: {
      ...(process.platform === 'win32' ? process.env : { PATH: process.env['PATH'] }),
      LC_ALL: 'C',
      TZ: 'UTC',
    },
  });
  let text = '';
  const add = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-KEPT_CHARACTERS);
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  const tie = child.stdio[3] as Writable | null | undefined;
  tie?.on('error', () => undefined);
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      text += String(error);
      resolve(null);
    });
    child.once('exit', (code) => {
      tie?.end('\n');
      resolve(code);
    });
  });
  return { child, said: () => text.trim(), ended };
}

/** Runs a program to its end. @returns whether it ended well, what it said, and whether it was killed for taking too long */
export async function runToEnd(
  program: string,
  args: string[],
  user: PostgresUser | null,
  limitMs: number,
): Promise<{ ok: boolean; late: boolean; said: string }> {
  const { child, said, ended } = runProgram(program, args, user);
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, limitMs);
  const code = await ended;
  clearTimeout(limit);
  // The pipes may still hold the last words when the exit is already known.
  await new Promise((resolve) => setImmediate(resolve));
  return { ok: code === 0, late, said: said() };
}
