import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ServerFault } from '../server-fault.ts';

/**
 * One server on a data folder. The lock is a listening socket, which the system takes back when the process ends,
 * however it ends: on Linux an abstract one (no file to be left behind), on Windows a named pipe.
 * @returns the closer
 * @throws ServerFault FOLDER_NOT_WRITABLE or FOLDER_IN_USE
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = resolve(folder);
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
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
  const lock = createServer();
  await new Promise<void>((done, failed) => {
    lock.once('error', () =>
      failed(
        new ServerFault(
          'FOLDER_IN_USE',
          `数据目录正在被另一个服务器使用:${path}。请先停止它,或用 --data 指定另一个目录。`,
          'Another server is using this data folder: stop it, or name another folder with --data.',
        ),
      ),
    );
    lock.listen(lockAddress(path), done);
  });
  lock.unref();
  return () => new Promise((done) => lock.close(() => done()));
}

function lockAddress(path: string): string {
  const name = `zongchuang-server-${createHash('sha256').update(path).digest('hex').slice(0, 24)}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  if (process.platform === 'linux') return `\0${name}`;
  return join(tmpdir(), `${name}.sock`);
}
