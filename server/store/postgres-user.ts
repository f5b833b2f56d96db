import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The account PostgreSQL runs under: it refuses to run as root. */
export interface PostgresUser {
  uid: number;
  gid: number;
}

const ACCOUNT = 'postgres';

/** @returns null when this process is not root and can run PostgreSQL itself */
export async function postgresUser(): Promise<PostgresUser | null> {
  if (process.getuid?.() !== 0) return null;
  const known = await lookUp();
  if (known) return known;
  // Two servers starting at once may both get here; the loser finds the winner's account.
  await run('useradd', ['--system', '--user-group', '--no-create-home', ACCOUNT], { timeout: 10_000 }).catch(
    () => undefined,
  );
  const made = await lookUp();
  if (!made) throw new Error(`the account "${ACCOUNT}" could not be created`);
  return made;
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

/** Whether every folder on the way to `path` lets the account pass; a checkout in /root does not. */
export async function reaches(user: PostgresUser | null, path: string): Promise<boolean> {
  if (!user) return true;
  for (let folder = path; ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const passes = uid === user.uid ? mode & 0o100 : gid === user.gid ? mode & 0o010 : mode & 0o001;
    if (!passes) return false;
    if (folder === dirname(folder)) return true;
  }
}
