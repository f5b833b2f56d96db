import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startServer, type RunningServer, type ServerOptions } from '../../server/start-server.ts';
import { createCode } from '../../server/store/codes.ts';
import { openDatabase, type Database } from '../../server/store/database.ts';
import { readDatabaseUrl } from '../../server/store/open-store.ts';

const root = resolve(import.meta.dirname, '../..');
const START_LIMIT_MS = 60_000;

/** The built server as a child process on its own PostgreSQL, the way a hall runs it. */
export interface TestServer {
  url: string;
  /** Of the child. */
  pid: number;
  dataFolder: string;
  database: Database;
  /** Rows of a statement on the server's own database. */
  query<T extends object>(sql: string, values?: unknown[]): Promise<T[]>;
  newCode(hall?: string, station?: string): Promise<string>;
  /** As Ctrl+C does. @returns the exit code */
  stop(): Promise<number | null>;
  /** As a power cut does to the process; its PostgreSQL finds out and ends by itself. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  start(): Promise<void>;
  restart(): Promise<void>;
  /** Stops everything and removes the data. */
  dispose(): Promise<void>;
}

export interface TestServerOptions {
  env?: Record<string, string>;
  args?: string[];
  /** A folder of the caller's own; it is removed at the end all the same. */
  dataFolder?: string;
}

/** Runs `out/server/index.js`, built when its sources have changed, on a temporary folder. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const dataFolder = options.dataFolder ?? temporaryFolder();
  let child: ChildProcess;
  const server = { dataFolder, url: '' } as TestServer;

  server.start = async () => {
    const port = server.url === '' ? '0' : new URL(server.url).port;
    const args = ['serve', '--data', dataFolder, '--port', port, ...(options.args ?? [])];
    const started = await launchServer(args, options.env);
    child = started.child;
    server.url = started.url;
    server.pid = child.pid!;
    server.database = openDatabase(
      options.env?.['DATABASE_URL'] ?? ((await readDatabaseUrl(dataFolder)) as string),
    );
  };
  server.query = async <T extends object>(sql: string, values: unknown[] = []) =>
    (await server.database.pool.query<T>(sql, values)).rows;
  server.newCode = (hall = '330102', station = '3') =>
    createCode(server.database.pool, {
      hall,
      hallName: `测试大厅${hall}`,
      station,
      stationName: `综合窗口${station}`,
    });
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    await server.database.close().catch(() => undefined);
    return endOf(child, signal);
  };
  server.stop = () => end('SIGTERM');
  server.restart = async () => {
    await server.stop();
    await server.start();
  };
  server.kill = async () => {
    await end('SIGKILL');
  };
  server.dispose = async () => {
    await end('SIGTERM');
    rmSync(dataFolder, { recursive: true, force: true });
  };
  await server.start();
  return server;
}

/** A folder that also the account PostgreSQL runs under may pass through, when the tests run as root. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'zc-server-'));
  chmodSync(folder, 0o711);
  return folder;
}

/** Sends a signal and waits for the end. @returns the exit code, null when a signal ended it */
export function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  const gone = new Promise<number | null>((done) => child.once('exit', done));
  child.kill(signal);
  return gone;
}

export interface Launched {
  child: ChildProcess;
  url: string;
  code?: string;
}

/** @returns the child once it is ready; rejects with its own sentence when it cannot start */
export async function launchServer(args: string[], env: Record<string, string> = {}): Promise<Launched> {
  const child = await spawnServer(args, env);
  return new Promise((done, failed) => {
    const limit = setTimeout(() => failed(new Error('the server did not start in time')), START_LIMIT_MS);
    child.once('exit', (code) => failed(new Error(`the server ended (${code}) before it was ready`)));
    child.once('message', (word: { type: string; url: string; code?: string; sentence?: string }) => {
      clearTimeout(limit);
      if (word.type === 'ready')
        done({ child, url: word.url, ...(word.code === undefined ? {} : { code: word.code }) });
      else failed(new Error(word.sentence));
    });
  });
}

/** The server program as a child with an IPC channel, not waited for. */
export async function spawnServer(args: string[], env: Record<string, string> = {}): Promise<ChildProcess> {
  await built();
  return spawn(process.execPath, [join(root, 'out/server/index.js'), ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, ...env },
  });
}

/** Runs the server program to its end. */
export async function runServer(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; out: string; err: string }> {
  await built();
  const child = spawn(process.execPath, [join(root, 'out/server/index.js'), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, out, err };
}

/** The server inside the test's own process, on a database that is there already: much cheaper than a child. */
export const startInProcess = (
  databaseUrl: string,
  options: Partial<ServerOptions> = {},
): Promise<RunningServer> =>
  startServer({
    folder: '',
    databaseUrl,
    host: '127.0.0.1',
    port: 0,
    version: 'test',
    log: () => undefined,
    ...options,
  });

let building: Promise<void> | null = null;

/** Once for each test file; two files at a time take turns, because a build empties its folder first. */
function built(): Promise<void> {
  building ??= build();
  return building;
}

async function build(): Promise<void> {
  const turn = join(root, 'out/.building-server');
  mkdirSync(join(root, 'out'), { recursive: true });
  for (const until = Date.now() + START_LIMIT_MS; Date.now() < until;) {
    try {
      mkdirSync(turn);
      break;
    } catch {
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  try {
    const launcher = pathToFileURL(join(root, 'electron/launcher/build.mjs')).href;
    const { ensureBuilt } = (await import(launcher)) as { ensureBuilt: (targets: string[]) => Promise<void> };
    await ensureBuilt(['server']);
  } finally {
    if (existsSync(turn)) rmdirSync(turn);
  }
}

/** Process id of the PostgreSQL below a data folder. */
export function postmasterPid(dataFolder: string): number {
  return Number(readFileSync(join(dataFolder, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);
}
