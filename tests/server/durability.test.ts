import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextStreamHash, STREAM_HASH_OF_NOTHING } from '../../shared/sync/hash.ts';
import { testDevice } from './device.ts';
import { postmasterPid, startTestServer, type TestServer } from './start.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.dispose());

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function enrolled(hall: string, station: string) {
  const device = testDevice(() => server.url);
  await device.enrol(await server.newCode(hall, station));
  await device.hello();
  return device;
}

/** Pushes batches one after the other until told to stop or until the server does not answer. @returns how far it was acknowledged */
async function pushUntil(device: Awaited<ReturnType<typeof enrolled>>, size: number, stop: () => boolean) {
  let acknowledged = 0;
  while (!stop()) {
    const answer = await device.push(device.make(size), acknowledged + 1).catch(() => null);
    if (answer?.status === 429) {
      device.events.splice(acknowledged);
      await sleep(100);
      continue;
    }
    if (answer?.status !== 200) break;
    acknowledged = answer.body.upTo;
  }
  return acknowledged;
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
        await sleep(20);
      }
    })();
    await Promise.all(
      devices.map(async (device) => {
        const events = device.make(200);
        for (let from = 0; from < 200; from += 20) {
          while ((await device.push(events.slice(from, from + 20), from + 1)).status !== 200) await sleep(50);
        }
      }),
    );
    await follow;
    expect(followed.map((event) => event.cursor)).toEqual(Array.from({ length: total }, (_, i) => i + 1));
    const pushed = devices.flatMap((device) => device.events.map((event) => event.hash));
    expect(new Set(followed.map((event) => event.hash))).toEqual(new Set(pushed));
    const { body } = await reader.pull(total);
    expect(body.streamHash).toBe(
      followed.map((event) => event.hash).reduce(nextStreamHash, STREAM_HASH_OF_NOTHING),
    );
  });
});

describe('what was acknowledged is there (S2)', () => {
  it('after kill -9 in the middle of pushing, and the next start needs no hand', async () => {
    const device = await enrolled('550002', '1');
    let killed = false;
    const pushing = pushUntil(device, 4, () => killed);
    await sleep(400);
    await server.kill();
    killed = true;
    const acknowledged = await pushing;
    await server.start();
    expect(acknowledged).toBeGreaterThan(0);
    const { events } = device;
    // The session outlived the server.
    expect((await device.pull(0, 1)).status).toBe(200);
    expect((await device.hello()).body.action).toBe('ok');
    const { body } = await device.pull(0);
    expect(body.events.length).toBeGreaterThanOrEqual(acknowledged);
    // The device sends everything again from where it believes to stand; nothing is doubled.
    const again = await device.push(events.slice(0, 500), 1);
    expect(again.body.upTo).toBe(events.length);
    expect((await device.pull(0, 1000)).body.events.map((event) => event.hash)).toEqual(
      events.map((event) => event.hash),
    );
  });

  it('after kill -9 of server and database together, and a pid file that names a process of before', async () => {
    const device = await enrolled('550003', '1');
    const acknowledged = (await device.push(device.make(50), 1)).body.upTo;
    const pid = postmasterPid(server.dataFolder);
    process.kill(pid, 'SIGKILL');
    await server.kill();
    await server.start();
    await device.hello();
    expect((await device.pull(0)).body.head).toBe(acknowledged);
  });

  it('after kill -9 of the database alone: the server starts it again and goes on by itself', async () => {
    const device = await enrolled('550004', '1');
    await device.push(device.make(20), 1);
    process.kill(postmasterPid(server.dataFolder), 'SIGKILL');
    const batch = device.make(20);
    const statuses = new Set<number>();
    for (const until = Date.now() + 15_000; Date.now() < until;) {
      const { status, header } = await device.push(batch, 21);
      expect(header).toBe('1');
      statuses.add(status);
      if (status === 200) break;
      await sleep(100);
    }
    expect([...statuses].filter((status) => status !== 503)).toEqual([200]);
    expect((await device.pull(0)).body.events.map((event) => event.hash)).toEqual(
      device.events.map((event) => event.hash),
    );
  });

  it('is nothing while the database takes no writes: the device is asked to come again', async () => {
    const device = await enrolled('550006', '1');
    const batch = device.make(5);
    await server.query('alter system set default_transaction_read_only = on');
    await server.query('select pg_reload_conf()');
    try {
      await sleep(300);
      const answer = await device.push(batch, 1);
      expect(answer).toMatchObject({ status: 503, header: '1', body: { error: 'busy' } });
      expect(Number(answer.retryAfter)).toBeGreaterThan(0);
      expect((await device.pull(0)).body.head).toBe(0);
    } finally {
      await server.query('alter system reset default_transaction_read_only');
      await server.query('select pg_reload_conf()');
    }
    await sleep(300);
    expect((await device.push(batch, 1)).body.upTo).toBe(5);
  });

  it('flushes before it acknowledges, whatever the database was set to', async () => {
    await server.query('alter database zongchuang set synchronous_commit = off');
    try {
      await server.restart();
      const [row] = await server.query(
        "select current_setting('synchronous_commit') as commit, current_setting('fsync') as fsync",
      );
      expect(row).toEqual({ commit: 'on', fsync: 'on' });
    } finally {
      await server.query('alter database zongchuang reset synchronous_commit');
    }
  });
});

describe('stopping', () => {
  it('answers what is parked and ends in order within five seconds', async () => {
    const device = await enrolled('550005', '1');
    const parked = device.call<{ head: number }>('GET', '/v1/hints?since=99');
    await sleep(300);
    const pid = postmasterPid(server.dataFolder);
    const began = performance.now();
    expect(await server.stop()).toBe(0);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect((await parked).status).toBe(200);
    expect(() => process.kill(pid, 0)).toThrow();
    await server.start();
  });
});
