import { createHash } from 'node:crypto';
import { realpath, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ServerFault } from '../server-fault.ts';
import { makeFolder } from './durable-file.ts';

export interface LockedFolder {
  /** The folder as the system knows it, without symbolic links. */
  path: string;
  release: () => Promise<void>;
}

/**
 * One server on a data folder. The lock is a listening socket, which the system takes back when the process ends,
 * however it ends: on Linux an abstract one (no file to be left behind), on Windows a named pipe.
 * @throws ServerFault FOLDER_NOT_WRITABLE or FOLDER_IN_USE
 */
export async function lockFolder(folder: string): Promise<LockedFolder> {
  let path = resolve(folder);
  try {
    await makeFolder(path, 0o700);
    path = await realpath(path);
    const probe = join(path, `.write-check-${process.pid}`);
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    throw new ServerFault(
      'FOLDER_NOT_WRITABLE',
      `数据目录无法写入:${path}。请用 --data 指定可写的目录,或修改该目录的权限。`,
      `The data folder cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'}): name another with --data.`,
    );
  }
  const address = lockAddress(path);
  const lock =
    (await tryListen(address)) ?? ((await isLeftBehind(address)) ? await tryListen(address) : null);
  if (!lock) {
    throw new ServerFault(
      'FOLDER_IN_USE',
      `数据目录正在被另一个服务器使用:${path}。请先停止它,或用 --data 指定另一个目录。`,
      'Another server is using this data folder: stop it, or name another folder with --data.',
    );
  }
  return { path, release: () => new Promise((done) => lock.close(() => done())) };
}

function lockAddress(path: string): string {
  const name = `zongchuang-server-${createHash('sha256').update(path).digest('hex').slice(0, 24)}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  if (process.platform === 'linux') return `\0${name}`;
  return join(tmpdir(), `${name}.sock`);
}

async function tryListen(address: string): Promise<Server | null> {
  const lock = createServer((socket) => socket.destroy());
  const taken = await new Promise<boolean>((done) => {
    lock.once('error', () => done(true));
    lock.listen(address, () => done(false));
  });
  if (taken) return null;
  lock.unref();
  return lock;
}

/** Where the socket is a file (macOS) a killed server leaves it, with nobody behind it; removes it then. */
async function isLeftBehind(address: string): Promise<boolean> {
  if (process.platform === 'win32' || address.startsWith('\0')) return false;
  const answered = await new Promise<boolean>((done) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
  if (!answered) await rm(address, { force: true });
  return !answered;
}
