import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextStreamHash, STREAM_HASH_OF_NOTHING } from '../../shared/sync/hash.ts';
import { testDevice } from './device.ts';
import { launchServer, startTestServer, type TestServer } from './start.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.dispose());

async function enrolled(hall: string, station: string) {
  const device = testDevice(() => server.url);
  await device.enrol(await server.newCode(hall, station));
  await device.hello();
  return device;
}

describe('one order for a hall (S1, S4)', () => {
  it('eight devices pushing at once leave no gap, and a reader that follows misses nothing', async () => {
    const devices = await Promise.all(Array.from({ length: 8 }, (_, i) => enrolled('550001', String(i))));
    const reader = await enrolled('550001', 'r');
    const total = 8 * 200;
    const followed: { cursor: number; hash: string }[] = [];
    const follow = (async () => {
      while (followed.length < total) {
        const { body, status } = await reader.pull(followed.at(-1)?.cursor ?? 0, 100);
        if (status === 200) followed.push(...body.events);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    await Promise.all(
      devices.map(async (device) => {
        const events = device.make(200);
        for (let from = 0; from < 200; from += 20) {
          while ((await device.push(events.slice(from, from + 20), from + 1)).status !== 200) {
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
        }
      }),
    );
    await follow;
    expect(followed.map((event) => event.cursor)).toEqual(Array.from({ length: total }, (_, i) => i + 1));
    expect(new Set(followed.map((event) => event.hash)).size).toBe(total);
    const { body } = await reader.pull(total);
    expect(body.streamHash).toBe(
      followed.reduce((hash, event) => nextStreamHash(hash, event.hash), STREAM_HASH_OF_NOTHING),
    );
  });
});

describe('what was acknowledged is there (S2)', () => {
  it('after kill -9 in the middle of pushing, and the next start needs no hand', async () => {
    const device = await enrolled('550002', '1');
    const events = device.make(400);
    let acknowledged = 0;
    const pushing = (async () => {
      for (let from = 0; from < 400; from += 4) {
        const answer = await device.push(events.slice(from, from + 4), from + 1).catch(() => null);
        if (answer?.status !== 200) return;
        acknowledged = answer.body.upTo;
      }
    })();
    await new Promise((resolve) => setTimeout(resolve, 60));
    await server.kill();
    await pushing;
    await server.start();
    await device.hello({ head: { seq: 400, hash: events[399]!.hash } });
    expect(acknowledged).toBeGreaterThan(0);
    expect(acknowledged).toBeLessThan(400);
    const { body } = await device.pull(0);
    expect(body.events.length).toBeGreaterThanOrEqual(acknowledged);
    // The device sends everything again from where it believes to stand; nothing is doubled.
    expect((await device.push(events.slice(0, 200), 1)).body.upTo).toBe(Math.max(200, body.head));
    expect((await device.push(events.slice(200), 201)).body.upTo).toBe(400);
    expect((await device.pull(0, 1000)).body.events.map((event) => event.hash)).toEqual(
      events.map((event) => event.hash),
    );
  });

  it('stops in order within its limit although a hint is parked', async () => {
    const device = await enrolled('550003', '1');
    const parked = device.call('GET', '/v1/hints?since=99').catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await server.stop()).toBe(0);
    await parked;
    await server.start();
  });
});

describe('a start that cannot be', () => {
  it('says that the folder is in use', async () => {
    await expect(launchServer(['serve', '--data', server.dataFolder, '--port', '0'])).rejects.toThrow(
      /正在被另一个服务器使用/,
    );
  });

  it('says that the port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const folder = mkdtempSync(join(tmpdir(), 'zc-port-'));
    const { port } = taken.address() as AddressInfo;
    await expect(launchServer(['serve', '--data', folder, '--port', String(port)])).rejects.toThrow(
      /端口 \d+ 已被占用/,
    );
    taken.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says that the folder cannot be written', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'zc-file-'));
    // A file where a folder should be: root may write anywhere else.
    const file = join(parent, 'file');
    writeFileSync(file, '');
    await expect(launchServer(['serve', '--data', join(file, 'data'), '--port', '0'])).rejects.toThrow(
      /数据目录无法写入/,
    );
    rmSync(parent, { recursive: true, force: true });
  });

  it('says that the database does not answer', async () => {
    await expect(
      launchServer(['serve', '--port', '0'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }),
    ).rejects.toThrow(/无法连接数据库/);
  });

  it('says what it does not understand', async () => {
    await expect(launchServer(['serve', '--prot', '1'])).rejects.toThrow(/无法识别的参数/);
  });
});

describe('a database of the hall’s own', () => {
  it('is used when DATABASE_URL names one', async () => {
    await server.database.pool.query('create database second');
    const url = new URL(server.database.url);
    url.pathname = '/second';
    const other = await startTestServer({ env: { DATABASE_URL: url.href } });
    const device = testDevice(() => other.url);
    expect((await device.enrol(await other.newCode())).status).toBe(201);
    await other.dispose();
  });
});
