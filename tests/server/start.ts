import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openDatabase, type Database } from '../../server/store/database.ts';
import { createCode } from '../../server/store/enrolment.ts';
import { readDatabaseUrl } from '../../server/store/open-store.ts';

const root = resolve(import.meta.dirname, '../..');
const START_LIMIT_MS = 40_000;

/** The built server as a child process on its own PostgreSQL, the way a hall runs it. */
export interface TestServer {
  url: string;
  dataFolder: string;
  database: Database;
  newCode(hall?: string, station?: string): Promise<string>;
  /** As Ctrl+C does. @returns the exit code */
  stop(): Promise<number | null>;
  /** As a power cut does to the process; its PostgreSQL is left alone. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  start(): Promise<void>;
  /** Stops everything and removes the data. */
  dispose(): Promise<void>;
}

/** Runs `out/server/index.js` (built by `npm test` or `npm run build`) on a temporary folder. */
export async function startTestServer(options: { env?: Record<string, string> } = {}): Promise<TestServer> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'zc-server-'));
  let child: ChildProcess;
  const server = { dataFolder, url: '' } as TestServer;

  server.start = async () => {
    const port = server.url === '' ? '0' : new URL(server.url).port;
    const started = await launchServer(['serve', '--data', dataFolder, '--port', port], options.env);
    child = started.child;
    server.url = started.url;
    server.database = openDatabase(
      options.env?.['DATABASE_URL'] ?? ((await readDatabaseUrl(dataFolder)) as string),
    );
  };
  server.newCode = (hall = '330102', station = '3') =>
    createCode(server.database.pool, {
      hall,
      hallName: `测试大厅${hall}`,
      station,
      stationName: `综合窗口${station}`,
    });
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    await server.database.close();
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const gone = new Promise<number | null>((done) => child.once('exit', done));
    child.kill(signal);
    return gone;
  };
  server.stop = () => end('SIGTERM');
  server.kill = async () => {
    await end('SIGKILL');
  };
  server.dispose = async () => {
    await end('SIGTERM').catch(() => undefined);
    rmSync(dataFolder, { recursive: true, force: true });
  };
  await server.start();
  return server;
}

/** @returns the child once it is ready; rejects with its own sentence when it cannot start */
export function launchServer(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ child: ChildProcess; url: string; code?: string }> {
  const child = spawn(process.execPath, [join(root, 'out/server/index.js'), ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, ...env },
  });
  return new Promise((done, failed) => {
    const limit = setTimeout(() => failed(new Error('the server did not start in time')), START_LIMIT_MS);
    child.once('exit', () => failed(new Error('the server ended before it was ready')));
    child.once('message', (word: { type: string; url: string; code?: string; sentence?: string }) => {
      clearTimeout(limit);
      if (word.type === 'ready')
        done({ child, url: word.url, ...(word.code === undefined ? {} : { code: word.code }) });
      else failed(new Error(word.sentence));
    });
  });
}
