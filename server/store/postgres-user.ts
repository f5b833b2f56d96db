import { execFile } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { ServerFault } from '../server-fault.ts';

const run = promisify(execFile);

/** The account PostgreSQL runs under: it refuses to run as root. */
export interface PostgresUser {
  uid: number;
  gid: number;
}

const ACCOUNT = 'postgres';

/**
 * @returns null when this process is not root and can run PostgreSQL itself
 * @throws ServerFault NO_ACCOUNT when there is none and none can be made
 */
export async function postgresUser(): Promise<PostgresUser | null> {
  if (process.getuid?.() !== 0) return null;
  const known = await lookUp();
  if (known) return known;
  for (const useradd of ['useradd', '/usr/sbin/useradd']) {
    const made = await run(useradd, ['--system', '--user-group', '--no-create-home', ACCOUNT], {
      timeout: 10_000,
    }).then(
      () => true,
      () => false,
    );
    if (made) break;
  }
  // Two servers starting at once may both get here; the loser finds the winner's account.
  const made = await lookUp();
  if (made) return made;
  throw new ServerFault(
    'NO_ACCOUNT',
    `数据库不能以 root 身份运行,系统中也无法建立账户 ${ACCOUNT}:请用普通用户启动,或设置 DATABASE_URL。`,
    `PostgreSQL does not run as root and the account ${ACCOUNT} could not be made: start as an ordinary user, or set DATABASE_URL.`,
  );
}

async function lookUp(): Promise<PostgresUser | null> {
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map((what) => run('id', [what, ACCOUNT], { timeout: 5_000 })),
    );
    return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
  } catch {
    return null;
  }
}

/** Whether every folder on the way to `path`, and `path` itself, lets the account pass; a checkout in /root does not. */
export async function reaches(user: PostgresUser | null, path: string): Promise<boolean> {
  if (!user) return true;
  for (let folder = await realpath(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const passes = uid === user.uid ? mode & 0o100 : gid === user.gid ? mode & 0o010 : mode & 0o001;
    if (!passes) return false;
    if (folder === dirname(folder)) return true;
  }
}
