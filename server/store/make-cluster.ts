import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ServerFault } from '../server-fault.ts';
import { syncFolder, writeDurably } from './durable-file.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { PostgresUser } from './postgres-user.ts';
import { runToEnd } from './run-program.ts';

const LIMIT_MS = 120_000;

/**
 * Makes an empty cluster. It gets its name only when it is whole: a start that is killed on the way leaves nothing
 * that the next one would take for a database.
 * @throws ServerFault DATABASE_UNREACHABLE
 */
export async function makeCluster(
  initdb: PostgresBinaries['initdb'],
  place: { path: string; user: PostgresUser | null },
  admin: { name: string; password: string },
): Promise<void> {
  await removeHalves(place.path);
  // Not the same name twice: the initdb of a killed start may still be writing to its own.
  const half = `${place.path}.new-${randomBytes(4).toString('hex')}`;
  const passwordFile = `${half}.password`;
  await mkdir(half, { mode: 0o700 });
  await writeDurably(passwordFile, admin.password);
  if (place.user) for (const path of [half, passwordFile]) await chown(path, place.user.uid, place.user.gid);
  try {
    const made = await runToEnd(
      initdb,
      [
        ...['-D', half, '-U', admin.name, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
        // The same order of text on every platform; names are sorted by the windows, not here.
        ...['--encoding=UTF8', '--locale=C', '--data-checksums'],
      ],
      place.user,
      LIMIT_MS,
    );
    if (!made.ok) {
      throw new ServerFault(
        'DATABASE_UNREACHABLE',
        '内置数据库无法初始化,请检查磁盘空间和数据目录权限后重试。',
        `The bundled PostgreSQL cannot make its data folder: ${made.said}`,
      );
    }
    await rename(half, place.path);
    await syncFolder(dirname(place.path));
  } finally {
    await removeHalves(place.path);
  }
}

/** Best effort: the initdb of a killed start may still be writing; a later start finds what it leaves. */
async function removeHalves(path: string): Promise<void> {
  const names = (await readdir(dirname(path))).filter((name) => name.startsWith(`${basename(path)}.new-`));
  for (const name of names)
    await rm(join(dirname(path), name), { recursive: true, force: true }).catch(() => undefined);
}
