import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { ServerFault } from '../server-fault.ts';
import { clusterPlace, ROOT_HOME, type ClusterPlace } from './cluster-place.ts';
import { writeDurably } from './durable-file.ts';
import { makeCluster } from './make-cluster.ts';
import { clearOldPostmaster, stopPostmaster } from './old-postmaster.ts';
import { packageHome, prepareBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { runProgram, type RunningProgram } from './run-program.ts';

/** A real PostgreSQL that belongs to this server alone. */
export interface EmbeddedPostgres {
  url: string;
  stop: () => Promise<void>;
}

const DATABASE = 'zongchuang';
const ADMIN = 'zongchuang';
const START_LIMIT_MS = 30_000;
const START_ATTEMPTS = 3;
/** Pause before a PostgreSQL that ended by itself is started again. */
const RESTART_PAUSE_MS = 500;

/**
 * Starts PostgreSQL on a folder, with its factory settings for safety (fsync, synchronous_commit and full_page_writes
 * on), listening on 127.0.0.1 alone. The first time it makes the cluster; when it ends by itself it is started again.
 * The npm package's own class is not used: it takes over the process's signals and exits before we have answered.
 * @param folder the server's data folder, locked by this process, as the system knows it (no symbolic links)
 * @throws ServerFault
 */
export async function startEmbeddedPostgres(
  folder: string,
  onTrouble: (said: string) => void = () => undefined,
): Promise<EmbeddedPostgres> {
  const place = await clusterPlace(folder);
  const home = packageHome();
  const binaries = home && (await prepareBinaries(home, place.user, place.user ? ROOT_HOME : folder));
  if (!binaries) {
    throw new ServerFault(
      'DATABASE_MISSING',
      '本机没有可用的内置数据库,请安装 PostgreSQL 并设置 DATABASE_URL 后重试。',
      'No PostgreSQL is bundled for this machine: install one and set DATABASE_URL.',
    );
  }
  const password = await readPassword(folder);
  if (!place.made) await makeCluster(binaries.initdb, place, { name: ADMIN, password });
  await clearOldPostmaster(binaries.pgCtl, place);

  let port = 0;
  let program: RunningProgram | null = null;
  const url = (database: string): string => `postgres://${ADMIN}:${password}@127.0.0.1:${port}/${database}`;
  for (let attempt = 1; program === null; attempt++) {
    port = await freePort();
    const started = launch(binaries, place, port);
    const trouble = await answering(started, url('postgres'));
    if (trouble === null) program = started;
    else {
      started.child.kill('SIGKILL');
      // Another program may have taken the port in between.
      if (attempt === START_ATTEMPTS) throw unreachable(trouble);
    }
  }

  let stopping = false;
  let restarting: Promise<void> = Promise.resolve();
  const watch = (running: RunningProgram): void => {
    void running.ended.then(() => {
      if (stopping) return;
      onTrouble(running.said());
      restarting = startAgain();
    });
  };
  async function startAgain(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, RESTART_PAUSE_MS));
    if (stopping || !binaries) return;
    // On the same port: those who use it come back by themselves.
    program = launch(binaries, place, port);
    watch(program);
  }
  watch(program);
  return {
    url: url(DATABASE),
    async stop() {
      stopping = true;
      await restarting;
      const pid = program?.child.pid;
      if (pid === undefined || program?.child.exitCode !== null || program.child.signalCode !== null) return;
      await stopPostmaster(binaries.pgCtl, place, pid);
      await program.ended;
    },
  };
}

function launch(binaries: PostgresBinaries, place: ClusterPlace, port: number): RunningProgram {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    // Rows of people must not get into what PostgreSQL says about a failed statement.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return runProgram(binaries.postgres, ['-D', place.path, '-p', String(port), ...flags], place.user, true);
}

/** Made once and kept for this account's eyes only. */
async function readPassword(folder: string): Promise<string> {
  const file = join(folder, 'postgres-password');
  const kept = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
  if (kept !== null) return kept;
  const password = randomBytes(24).toString('base64url');
  await writeDurably(file, password);
  return password;
}

/** Waits until it takes connections, and makes our database the first time. @returns null, or what went wrong */
async function answering(program: RunningProgram, adminUrl: string): Promise<string | null> {
  const ended = new AbortController();
  void program.ended.then(() => ended.abort());
  for (const until = Date.now() + START_LIMIT_MS; ;) {
    const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const there = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
      if (there.rowCount === 0) await client.query(`create database ${DATABASE}`);
      return null;
    } catch (error) {
      if (ended.signal.aborted || Date.now() > until) return program.said() || String(error);
      await new Promise((resolve) => setTimeout(resolve, 30));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

const unreachable = (said: string): ServerFault =>
  new ServerFault(
    'DATABASE_UNREACHABLE',
    '内置数据库无法启动,请检查磁盘空间和数据目录权限后重试。',
    `The bundled PostgreSQL does not start, check disk space and permissions: ${said}`,
  );

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', resolve);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
