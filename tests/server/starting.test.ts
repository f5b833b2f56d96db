import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readArguments } from '../../server/arguments.ts';
import { ServerFault } from '../../server/server-fault.ts';
import { createCode, createDemoCode } from '../../server/store/codes.ts';
import { clusterPlace } from '../../server/store/cluster-place.ts';
import { lockFolder } from '../../server/store/folder-lock.ts';
import { packageHome, prepareBinaries } from '../../server/store/postgres-binaries.ts';
import { runProgram } from '../../server/store/run-program.ts';
import { testDevice } from './device.ts';
import {
  endOf,
  launchServer,
  postmasterPid,
  runServer,
  spawnServer,
  startInProcess,
  startTestServer,
  temporaryFolder,
  type TestServer,
} from './start.ts';

// Several tests start the server two or three times, and machines that test everything at once are slow.
vi.setConfig({ testTimeout: 60_000 });

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.dispose());

const asRoot = process.getuid?.() === 0;
const serve = (folder: string, ...more: string[]) => ['serve', '--data', folder, '--port', '0', ...more];
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
async function until(met: () => boolean, ms = 10_000): Promise<void> {
  for (const end = Date.now() + ms; !met() && Date.now() < end;)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Another database of the same PostgreSQL. */
async function databaseNamed(name: string): Promise<string> {
  await server.query(`create database ${name}`);
  return Object.assign(new URL(server.database.url), { pathname: `/${name}` }).href;
}
const sentenceOf = (start: Promise<unknown>): Promise<string> =>
  start.then(
    () => 'started',
    (error: unknown) => (error instanceof ServerFault ? error.sentence : String(error)),
  );

describe('a start that cannot be', () => {
  it('tells its parent that the folder is in use, also by another name', async () => {
    const parent = temporaryFolder();
    symlinkSync(server.dataFolder, join(parent, 'link'));
    await expect(launchServer(serve(join(parent, 'link')))).rejects.toThrow(/正在被另一个服务器使用.*--data/);
    expect(isAlive(postmasterPid(server.dataFolder))).toBe(true);
    rmSync(parent, { recursive: true });
  });

  it('says that the port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const sentence = await sentenceOf(startInProcess(server.database.url, { port }));
    expect(sentence).toMatch(/端口 \d+ 已被占用.*--port/);
    taken.close();
  });

  it('says that the machine has no such address', async () => {
    // TEST-NET-1 of RFC 5737 belongs to nobody.
    const sentence = await sentenceOf(startInProcess(server.database.url, { host: '192.0.2.1' }));
    expect(sentence).toMatch(/没有地址 192\.0\.2\.1.*--host/);
  });

  it.runIf(process.platform === 'linux')('says that the folder cannot be made', async () => {
    // In /proc the system says of a new folder that the way to it does not exist, although it does.
    expect(await sentenceOf(lockFolder('/proc/zongchuang/data'))).toMatch(/数据目录无法写入.*--data/);
  });

  it('says that the folder cannot be written', async () => {
    const parent = temporaryFolder();
    // A file where a folder should be: root may write anywhere else.
    const file = join(parent, 'file');
    writeFileSync(file, '');
    for (const folder of [file, join(file, 'data')])
      expect(await sentenceOf(lockFolder(folder))).toMatch(/数据目录无法写入.*--data/);
    rmSync(parent, { recursive: true });
  });

  it('says that the database does not answer, without its password', async () => {
    const sentence = await sentenceOf(startInProcess('postgres://nobody:secret@127.0.0.1:1/none'));
    expect(sentence).toMatch(/无法连接数据库.*DATABASE_URL/);
    expect(sentence).not.toContain('secret');
  });

  it('says that a later version has used the database', async () => {
    const url = await databaseNamed('later');
    const first = await startInProcess(url);
    await first.store.database.pool.query('insert into migration (step) values (999)');
    await first.stop();
    expect(await sentenceOf(startInProcess(url))).toMatch(/更新版本/);
  });

  it.each([
    [['--prot', '1']],
    [['--port', '70000']],
    [['start']],
    [['code', '--hall', '3301 02']],
    [['--station', '']],
  ])('says that it does not understand %j', (args) => {
    expect(() => readArguments(args, {})).toThrow(ServerFault);
  });

  it('takes the database of DATABASE_URL, and its own when that is empty', () => {
    expect(readArguments([], { DATABASE_URL: 'postgres://a/b' }).databaseUrl).toBe('postgres://a/b');
    expect(readArguments([], { DATABASE_URL: '' }).databaseUrl).toBeUndefined();
  });

  it('shows its switches', async () => {
    const { code, out } = await runServer(['--help']);
    expect(code).toBe(0);
    for (const word of ['--data', '--port', '--host', '--demo', '--hall', 'DATABASE_URL'])
      expect(out).toContain(word);
  });
});

describe('one database for several servers', () => {
  it('is set up once although all start at the same moment', async () => {
    const url = await databaseNamed('shared');
    const servers = await Promise.all([1, 2, 3].map(() => startInProcess(url)));
    const epochs = await Promise.all(
      servers.map(
        async ({ url }) => ((await (await fetch(`${url}/v1/health`)).json()) as { epoch: string }).epoch,
      ),
    );
    expect(new Set(epochs).size).toBe(1);
    await Promise.all(servers.map((one) => one.stop()));
  });
});

describe('codes from the command line', () => {
  const place = [
    '--hall',
    '330199',
    '--hall-name',
    '测试大厅',
    '--station',
    '7',
    '--station-name',
    '综合窗口七',
  ];

  it('are made beside a running server and can be used at once', async () => {
    const { code, out } = await runServer(['code', '--data', server.dataFolder, ...place]);
    expect(code).toBe(0);
    expect(out).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\n$/);
    const answer = await testDevice(() => server.url).enrol(out.trim());
    expect(answer.body).toMatchObject({
      hall: '330199',
      hallName: '测试大厅',
      station: '7',
      stationName: '综合窗口七',
    });
  });

  it('are made while no server runs', async () => {
    await server.stop();
    const { code, out } = await runServer(['code', '--data', server.dataFolder, ...place]);
    expect(code).toBe(0);
    await server.start();
    expect((await testDevice(() => server.url).enrol(out.trim())).status).toBe(201);
  });

  it('want a name for a hall that is new', async () => {
    const { code, err } = await runServer(['code', '--data', server.dataFolder, '--hall', '330198']);
    expect(code).toBe(1);
    expect(err).toContain('--hall-name');
  });
});

describe('the demo hall', () => {
  it('has one code ready at each start, and the one before no longer counts', async () => {
    const demo = await startInProcess(await databaseNamed('demo'));
    const { pool } = demo.store.database;
    const { place } = readArguments(['--demo'], {});
    const [first, second] = [await createDemoCode(pool, place), await createDemoCode(pool, place)];
    const byHand = await createCode(pool, place);
    const enrol = (code: string) => testDevice(() => demo.url).enrol(code);
    expect((await enrol(first)).status).toBe(403);
    expect((await enrol(second)).body).toMatchObject({
      hall: '330102',
      hallName: '演示政务服务大厅',
      station: '3',
      stationName: '综合窗口3',
      series: 'A',
    });
    expect((await enrol(byHand)).status).toBe(201);
    await demo.stop();
  });
});

describe('the data folder', () => {
  it('keeps the database’s password and address to itself', () => {
    for (const name of ['postgres-password', 'database-url'])
      expect(statSync(join(server.dataFolder, name)).mode & 0o077).toBe(0);
  });

  it('is opened by one of two servers that start at once', async () => {
    const folder = temporaryFolder();
    const starts = await Promise.allSettled(Array.from({ length: 2 }, () => launchServer(serve(folder))));
    const started = starts.filter((start) => start.status === 'fulfilled');
    expect(started).toHaveLength(1);
    for (const start of starts)
      if (start.status === 'rejected') expect(String(start.reason)).toContain('正在被另一个服务器使用');
    await endOf(started[0]!.value.child, 'SIGTERM');
    rmSync(folder, { recursive: true });
  });

  it('is left by the database of a killed server, without anybody’s help', async () => {
    await server.kill();
    const pidFile = join(server.dataFolder, 'postgres/postmaster.pid');
    await until(() => !existsSync(pidFile));
    expect(existsSync(pidFile)).toBe(false);
    await server.start();
  });

  it('is taken over from a database that an earlier run left behind', async () => {
    await server.stop();
    const { path, user } = await clusterPlace(server.dataFolder);
    const binaries = await prepareBinaries(packageHome()!, user, server.dataFolder);
    const stray = runProgram(
      binaries!.postgres,
      ['-D', path, '-c', 'port=1', '-c', 'listen_addresses=', '-c', `unix_socket_directories=${path}`],
      user,
    );
    await until(() => existsSync(join(path, 'postmaster.pid')));
    const old = postmasterPid(server.dataFolder);
    expect(old).toBe(stray.child.pid);
    await server.start();
    expect(await stray.ended).toBe(0);
    expect(postmasterPid(server.dataFolder)).not.toBe(old);
    expect(await server.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('is opened although the pid left behind belongs to another program by now, which is left alone', async () => {
    await server.stop();
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const pidFile = join(server.dataFolder, 'postgres/postmaster.pid');
    writeFileSync(
      pidFile,
      `${stranger.pid}\n${join(server.dataFolder, 'postgres')}\n0\n5432\n\n127.0.0.1\n0 0\n`,
    );
    await server.start();
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    await endOf(stranger, 'SIGKILL');
  });

  it('is started on anew when making the database was cut short', async () => {
    const folder = temporaryFolder();
    const half = join(folder, 'postgres.new-0123abcd');
    mkdirSync(half);
    writeFileSync(join(half, 'PG_VERSION'), '18\n');
    const first = await spawnServer(serve(folder));
    await until(() => readdirSync(folder).some((name) => /^postgres\.new-(?!0123abcd)/.test(name)));
    await endOf(first, 'SIGKILL');
    const { child, url } = await launchServer(serve(folder));
    expect((await fetch(`${url}/v1/health`)).status).toBe(200);
    expect(existsSync(half)).toBe(false);
    await endOf(child, 'SIGTERM');
    // The killed start's initdb may still be writing to what it began.
    rmSync(folder, { recursive: true, maxRetries: 10, retryDelay: 200 });
  });

  it.runIf(asRoot)(
    'may stand where the database’s account cannot go: then it says where the database is',
    async () => {
      const closed = temporaryFolder();
      chmodSync(closed, 0o700);
      // Not ours to open: somebody else's things are in it.
      writeFileSync(join(closed, 'private'), '');
      const folder = join(closed, 'data');
      const first = await launchServer(serve(folder, '--demo'));
      const elsewhere = readFileSync(join(folder, 'postgres-elsewhere'), 'utf8');
      expect(existsSync(join(elsewhere, 'PG_VERSION'))).toBe(true);
      expect(statSync(closed).mode & 0o777).toBe(0o700);
      const device = testDevice(() => first.url);
      await device.enrol(first.code!);
      await endOf(first.child, 'SIGTERM');
      const second = await launchServer(serve(folder));
      const again = testDevice(() => second.url);
      expect((await again.enrol(first.code!)).status).toBe(403);
      await endOf(second.child, 'SIGTERM');
      for (const path of [elsewhere, closed]) rmSync(path, { recursive: true });
    },
  );
});

describe('the parent', () => {
  it('that goes away takes the server and its database with it', async () => {
    await server.stop();
    const { child } = await launchServer(serve(server.dataFolder));
    const database = postmasterPid(server.dataFolder);
    const gone = new Promise<number | null>((done) => child.once('exit', done));
    child.disconnect();
    expect(await gone).toBe(0);
    expect(isAlive(database)).toBe(false);
  });

  it('may stop it before it is up', async () => {
    const child = await spawnServer(serve(server.dataFolder));
    const pidFile = join(server.dataFolder, 'postgres/postmaster.pid');
    await until(() => existsSync(pidFile));
    expect(await endOf(child, 'SIGTERM')).toBe(0);
    expect(existsSync(pidFile)).toBe(false);
  });
});
