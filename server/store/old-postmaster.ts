import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ServerFault } from '../server-fault.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { PostgresUser } from './postgres-user.ts';
import { runToEnd } from './run-program.ts';

const run = promisify(execFile);

/** PostgreSQL's fast shutdown sends its clients away; nothing committed is lost. */
const FAST_MS = 4_000;
/** Its immediate shutdown is a crash that the next start mends from the log. */
const IMMEDIATE_MS = 4_000;

/**
 * Clears what a killed server left behind: its PostgreSQL, which goes on running and would refuse a second start,
 * or a pid file whose number belongs to another program by now. To be called under the folder's lock.
 * @throws ServerFault FOLDER_IN_USE when the old one cannot be told apart or does not go
 */
export async function clearOldPostmaster(
  pgCtl: PostgresBinaries['pgCtl'],
  cluster: { path: string; user: PostgresUser | null },
): Promise<void> {
  const pidFile = join(cluster.path, 'postmaster.pid');
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1) return;
  const state = stateOf(pid);
  // PostgreSQL itself removes the file of a process that is no more.
  if (state === 'gone') return;
  const is = state === 'zombie' ? 'another' : await whatIs(pid, cluster.path);
  if (is === 'another') {
    await rm(pidFile, { force: true });
    return;
  }
  if (is === 'ours' && (await stopPostmaster(pgCtl, cluster, pid))) return;
  throw new ServerFault(
    'FOLDER_IN_USE',
    `上次运行留下的数据库进程(${pid})仍在使用数据目录,请结束该进程后重试。`,
    `A database process (${pid}) of an earlier run still uses the data folder: end it and try again.`,
  );
}

/** Ends a postmaster, the gentle way first. @returns whether it is gone */
export async function stopPostmaster(
  pgCtl: PostgresBinaries['pgCtl'],
  cluster: { path: string; user: PostgresUser | null },
  pid: number,
): Promise<boolean> {
  for (const [mode, signal, limit] of [
    ['fast', 'SIGINT', FAST_MS],
    ['immediate', 'SIGQUIT', IMMEDIATE_MS],
  ] as const) {
    // Windows has no signals: there only PostgreSQL's own tool can ask.
    if (process.platform === 'win32')
      await runToEnd(pgCtl, ['stop', '-D', cluster.path, '-m', mode, '-W'], cluster.user, limit);
    else signalTo(pid, signal);
    for (const until = Date.now() + limit; Date.now() < until;) {
      if (stateOf(pid) !== 'alive') return true;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return stateOf(pid) !== 'alive';
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself in the meantime.
  }
}

/** A zombie has ended and only waits for a parent that does not look; it holds nothing. */
function stateOf(pid: number): 'alive' | 'zombie' | 'gone' {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return 'gone';
  }
  if (process.platform !== 'linux') return 'alive';
  try {
    // proc_pid_stat(5): the state follows the name in brackets, which may itself hold brackets.
    return /\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) ? 'zombie' : 'alive';
  } catch {
    return 'gone';
  }
}

/** A number may have been given to another program since. Only what is certainly not ours may be passed over. */
async function whatIs(pid: number, place: string): Promise<'ours' | 'another' | 'unknown'> {
  try {
    if (process.platform === 'linux') {
      const name = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')[0] ?? '';
      if (!name.includes('postgres')) return 'another';
      // A postmaster's working directory is its cluster.
      return (await readlink(`/proc/${pid}/cwd`)) === place ? 'ours' : 'another';
    }
    const said =
      process.platform === 'win32'
        ? (await run('tasklist', ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH'], { timeout: 5_000 })).stdout
        : (await run('ps', ['-p', String(pid), '-o', 'command='], { timeout: 5_000 })).stdout;
    if (!said.includes('postgres')) return 'another';
    // Windows does not tell the arguments; the folder's lock says that no other server of ours lives.
    return process.platform === 'win32' || said.includes(place) ? 'ours' : 'unknown';
  } catch {
    return 'unknown';
  }
}
