import { randomBytes } from 'node:crypto';
import { chmod, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ServerFault } from '../server-fault.ts';
import { makeFolder, writeDurably } from './durable-file.ts';
import { postgresUser, reaches, type PostgresUser } from './postgres-user.ts';

/** Root's own place for what an unprivileged account must reach. */
export const ROOT_HOME = '/var/lib/zongchuang';

export interface ClusterPlace {
  /** The cluster's folder; absent until the cluster is made. */
  path: string;
  /** Who PostgreSQL runs as; null: as this process. */
  user: PostgresUser | null;
  made: boolean;
}

/** Says where the cluster is when it is not in the data folder. Authoritative: written before the cluster is made. */
const pointerOf = (folder: string): string => join(folder, 'postgres-elsewhere');

/**
 * Where the cluster of a data folder is, or is to be made. As root, PostgreSQL runs as another account; when that
 * account cannot reach the data folder (below /root), the cluster is kept in {@link ROOT_HOME} and the data folder
 * says where.
 * @throws ServerFault FOLDER_NOT_WRITABLE when an existing cluster cannot be reached
 */
export async function clusterPlace(folder: string): Promise<ClusterPlace> {
  const pointer = await readFile(pointerOf(folder), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw notReachable(folder);
  });
  const path = pointer?.trim() ?? join(folder, 'postgres');
  const owner = await ownerOf(path);
  if (owner) return existing(path, owner);
  const user = await postgresUser();
  if (!user || pointer !== null) return { path, user, made: false };
  await letPass(folder);
  if (await reaches(user, folder)) return { path, user, made: false };
  const elsewhere = join(ROOT_HOME, 'clusters', randomBytes(8).toString('hex'));
  await makeFolder(join(ROOT_HOME, 'clusters'), 0o755);
  await writeDurably(pointerOf(folder), elsewhere);
  return { path: elsewhere, user, made: false };
}

/** Made by whoever it belongs to, so that a server once started as root and once as a person finds its data. */
async function existing(path: string, owner: PostgresUser): Promise<ClusterPlace> {
  const me = process.getuid?.();
  if (me === undefined || me === owner.uid) return { path, user: null, made: true };
  if (me !== 0 || !(await reaches(owner, path))) throw notReachable(path);
  return { path, user: owner, made: true };
}

async function ownerOf(path: string): Promise<PostgresUser | null> {
  try {
    const { uid, gid } = await stat(path);
    return { uid, gid };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw notReachable(path);
  }
}

/** A folder that is ours alone (new, so empty but for our own files) may be passed through, not read. */
async function letPass(folder: string): Promise<void> {
  const ours = (await readdir(folder)).every((name) => name.startsWith('postgres') || name.startsWith('.'));
  if (ours) await chmod(folder, (await stat(folder)).mode | 0o011);
}

const notReachable = (path: string): ServerFault =>
  new ServerFault(
    'FOLDER_NOT_WRITABLE',
    `数据库目录 ${path} 存在,但当前账户或数据库账户无法进入:请用原来的用户启动,或修改该目录及上级目录的权限。`,
    `The database folder ${path} is there but cannot be entered: start as the user who made it, or mend the permissions on the way to it.`,
  );
