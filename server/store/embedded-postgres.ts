import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { ServerFault } from '../server-fault.ts';
import { findBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { postgresUser, reaches, type PostgresUser } from './postgres-user.ts';

/** A real PostgreSQL that belongs to this server alone. */
export interface EmbeddedPostgres {
  url: string;
  stop(): Promise<void>;
}

const DATABASE = 'zongchuang';
const ADMIN = 'zongchuang';
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 4_000;
/** Where root's clusters live, because the account PostgreSQL runs under cannot enter root's home. */
const ROOT_HOME = '/var/lib/zongchuang';

/**
 * Starts PostgreSQL on a folder, with its factory settings for safety (fsync, synchronous_commit and full_page_writes
 * on), listening on 127.0.0.1 alone. The first time it makes the cluster.
 * @param folder the server's data folder
 */
export async function startEmbeddedPostgres(folder: string): Promise<EmbeddedPostgres> {
  const user = await postgresUser();
  const place = await clusterPlace(folder, user);
  const binaries = await findBinaries(
    (path) => reaches(user, path),
    join(ROOT_HOME, `postgres-${process.platform}-${process.arch}`),
  );
  if (!binaries) {
    throw new ServerFault(
      'DATABASE_MISSING',
      '本机没有可用的内置数据库,请安装 PostgreSQL 并设置 DATABASE_URL 后重试。',
      'No PostgreSQL is bundled for this machine: install one and set DATABASE_URL.',
    );
  }
  const password = await readPassword(folder);
  if (!existsSync(join(place, 'PG_VERSION'))) await initialise(binaries, place, password, user);
  await stopOrphan(place);
  const port = await freePort();
  const child = run(
    binaries.postgres,
    ['-D', place, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    user,
  );
  const url = (database: string): string => `postgres://${ADMIN}:${password}@127.0.0.1:${port}/${database}`;
  await answering(child, url('postgres'));
  return { url: url(DATABASE), stop: () => stop(child) };
}

async function clusterPlace(folder: string, user: PostgresUser | null): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const inside = join(folder, 'postgres');
  if (!user) return inside;
  await mkdir(inside, { recursive: true, mode: 0o700 });
  await chown(inside, user.uid, user.gid);
  if (await reaches(user, inside)) return inside;
  const outside = join(ROOT_HOME, 'clusters', createHash('sha256').update(folder).digest('hex').slice(0, 16));
  await mkdir(outside, { recursive: true, mode: 0o755 });
  await chown(outside, user.uid, user.gid);
  // Left for whoever looks for the data beside the server's other files.
  await writeFile(join(inside, 'WHERE.txt'), `${outside}\n`);
  return outside;
}

async function readPassword(folder: string): Promise<string> {
  const file = join(folder, 'postgres-password');
  try {
    await writeFile(file, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFile(file, 'utf8');
}

async function initialise(
  binaries: PostgresBinaries,
  place: string,
  password: string,
  user: PostgresUser | null,
): Promise<void> {
  // A cluster half made by a killed start has no PG_VERSION; initdb wants the folder empty.
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true, mode: 0o700 });
  const passwordFile = `${place}.password`;
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) await Promise.all([place, passwordFile].map((path) => chown(path, user.uid, user.gid)));
  try {
    const child = run(
      binaries.initdb,
      [
        '-D',
        place,
        '-U',
        ADMIN,
        '--auth=scram-sha-256',
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        '--locale=C',
        '--data-checksums',
      ],
      user,
    );
    const output = collect(child);
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    if (code !== 0) throw new Error(`initdb ended with ${code ?? 'a signal'}: ${output()}`);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

function run(program: string, args: string[], user: PostgresUser | null): ChildProcess {
  return spawn(program, args, {
    ...(user ?? {}),
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl+C in the terminal is for the server, which stops its database in order.
    detached: process.platform !== 'win32',
    env: {
      PATH: process.env['PATH'],
      LC_ALL: 'C',
      TZ: 'UTC',
      ...(process.platform === 'win32' ? process.env : {}),
    },
  });
}

function collect(child: ChildProcess): () => string {
  let text = '';
  const add = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-4000);
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return () => text;
}

/** Waits until the server takes connections, and makes our database the first time. */
async function answering(child: ChildProcess, adminUrl: string): Promise<void> {
  const output = collect(child);
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  const until = Date.now() + START_LIMIT_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 2000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const there = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
      if (there.rowCount === 0) await client.query(`create database ${DATABASE}`);
      await client.end();
      return;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (ended || Date.now() > until) {
        throw new ServerFault(
          'DATABASE_UNREACHABLE',
          '内置数据库无法启动,请检查磁盘空间和数据目录权限后重试。',
          `The bundled PostgreSQL does not start: ${output() || String(error)}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }
}

/** A database whose server was killed goes on running and would refuse a second start on its folder. */
async function stopOrphan(place: string): Promise<void> {
  const pidFile = join(place, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number((await readFile(pidFile, 'utf8')).split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !(await isPostgres(pid, place))) return;
  // SIGINT: PostgreSQL's fast shutdown; clients are sent away, nothing committed is lost.
  process.kill(pid, 'SIGINT');
  const until = Date.now() + STOP_LIMIT_MS;
  while (existsSync(pidFile) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 30));
}

/** The number may have been given to another program since; on Linux its command line tells. */
async function isPostgres(pid: number, place: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.includes('postgres') && commandLine.includes(place);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGQUIT'), STOP_LIMIT_MS);
  await gone;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
