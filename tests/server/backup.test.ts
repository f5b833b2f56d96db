import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readArchive } from '../../server/backup/read-archive.ts';
import { restoreBackup } from '../../server/backup/restore-backup.ts';
import { writeBackup } from '../../server/backup/write-backup.ts';
import { testDevice } from './device.ts';
import { runServer, startTestServer, temporaryFolder, type TestServer } from './start.ts';

/** A backup is only as good as its restore: both against a real PostgreSQL, the program called as a person calls it. */
let server: TestServer;
const folder = temporaryFolder();
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server.dispose();
  rmSync(folder, { recursive: true, force: true });
});

async function enrolled(hall: string) {
  const device = testDevice(() => server.url);
  await device.enrol(await server.newCode(hall));
  await device.hello();
  return device;
}
const here = (...args: string[]) => runServer([...args, '--data', server.dataFolder]);
const file = (name: string): string => join(folder, name);
const epochNow = async (): Promise<string> =>
  ((await (await fetch(`${server.url}/v1/health`)).json()) as { epoch: string }).epoch;

describe('backup and restore', () => {
  it('a backup taken while windows push is one moment; after a restore they send what came later, by themselves', async () => {
    const [device, other] = [await enrolled('660001'), await enrolled('660002')];
    // What COPY must escape and what jsonb would break.
    device.make(1, { body: { no: 'A\\.\n\t"\\\\N\u0000\ud83d\ude00', class: 'normal', day: '' } });
    device.make(300);
    await device.push(device.events, 1);
    await other.push(other.make(3), 1);
    const pushing = (async () => {
      for (let i = 0; i < 20; i++) await device.push(device.make(5), device.events.length - 4);
    })();
    const backup = await here('backup', '--to', file('one.backup'));
    await pushing;
    expect(backup).toMatchObject({ code: 0, err: '' });
    expect(backup.out).toMatch(/已备份 2 个大厅.*SHA-256 [0-9a-f]{64}/s);
    expect(statSync(file('one.backup')).mode & 0o777).toBe(0o600);
    const { header } = await readArchive(file('one.backup'));
    const kept = header.halls.find(({ hall }) => hall === '660001')!.head;
    expect(kept).toBeGreaterThanOrEqual(301);
    expect(kept).toBeLessThanOrEqual(401);
    const epoch = await epochNow();

    // Not under a running server, and a backup not over a file that is there.
    expect((await here('restore', '--from', file('one.backup'))).err).toMatch(/正在被另一个服务器使用/);
    await expect(writeBackup(server.database.url, file('one.backup'), 'test')).rejects.toThrow(
      /another name/,
    );

    await server.stop();
    const restore = await here('restore', '--from', file('one.backup'));
    expect(restore).toMatchObject({ code: 0, err: '' });
    expect(restore.out).toMatch(/逐条核对.*660001.*现名 zongchuang_before_\d{14}.*重新停用/s);
    await server.start();
    expect(await epochNow()).not.toBe(epoch);
    expect((await device.pull(0)).status).toBe(401);
    const { body } = await device.hello({ cursor: 400, streamHash: 'f'.repeat(64) });
    expect(body).toMatchObject({ action: 'rewound', epoch: await epochNow() });
    const again = await device.push(device.events.slice(0, 500), 1);
    expect(again.body.upTo).toBe(device.events.length);
    const pulled: string[] = [];
    while (pulled.length < device.events.length)
      pulled.push(...(await device.pull(pulled.length)).body.events.map(({ hash }) => hash));
    expect(pulled).toEqual(device.events.map(({ hash }) => hash));
    // What stood there before is still there, under another name.
    const [old] = await server.query<{ datname: string }>(
      "select datname from pg_database where datname like 'zongchuang_before_%'",
    );
    expect(old).toBeDefined();
  });

  it('a backup cut short, changed by one byte or not there restores nothing and says so', async () => {
    const { url } = server.database;
    await writeBackup(url, file('two.backup'), 'test');
    const whole = readFileSync(file('two.backup'));
    writeFileSync(file('short'), whole.subarray(0, whole.length - 9));
    const text = gunzipSync(whole);
    text[text.indexOf('A002')] = 0x42;
    writeFileSync(file('changed'), gzipSync(text));
    for (const name of ['short', 'changed', 'absent'])
      await expect(restoreBackup(url, file(name)), name).rejects.toMatchObject({ code: 'BACKUP_UNREADABLE' });
    expect(await databases()).toEqual(['zongchuang']);
  });

  it('a stream that does not fit its hashes is not put in the place of one that may', async () => {
    const { url } = server.database;
    await server.query(`update event set bytes = replace(bytes, 'A003', 'A993') where hall = '660002'`);
    await writeBackup(url, file('lie.backup'), 'test');
    await expect(restoreBackup(url, file('lie.backup'))).rejects.toThrow(/660002 .*event 3 was changed/);
    await server.query(`update event set bytes = replace(bytes, 'A993', 'A003') where hall = '660002'`);
    expect(await databases()).toEqual(['zongchuang']);
    expect((await fetch(`${server.url}/v1/health`)).status).toBe(200);
  });

  it('a folder that is not there or takes no files leaves no half backup that could be taken for one', async () => {
    const { url } = server.database;
    await expect(writeBackup(url, file('none/x.backup'), 'test')).rejects.toThrow(/cannot be written/);
    await expect(writeBackup(url, '/dev/full/x', 'test')).rejects.toThrow(/cannot be written/);
    expect(readdirSync(folder).filter((name) => name.includes('.half-'))).toEqual([]);
    expect(existsSync(file('none'))).toBe(false);
  });

  it('epoch renew is for those who restored with their own tools, and ends every session', async () => {
    const device = await enrolled('660003');
    const epoch = await epochNow();
    expect((await here('epoch', 'renew')).out).toMatch(/纪元已更换.*重启/);
    expect((await device.pull(0)).status).toBe(401);
    await server.restart();
    expect(await epochNow()).not.toBe(epoch);
  });

  /** But for the ones an earlier test left on purpose. */
  async function databases(): Promise<string[]> {
    const rows = await server.query<{ datname: string }>(
      "select datname from pg_database where datname like 'zongchuang%' and datname not like '%before%' order by 1",
    );
    return rows.map(({ datname }) => datname);
  }
});
