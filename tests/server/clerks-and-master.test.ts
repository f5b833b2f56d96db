import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFetchHttp } from '../../electron/adapters/node/http.ts';
import { checkSecret } from '../../shared/clerks/verifier.ts';
import type { ClerkRecord } from '../../shared/contract/master.ts';
import { STREAM_HASH_OF_NOTHING } from '../../shared/sync/hash.ts';
import { addClerk, listClerks, resetClerk, retireClerk } from '../../server/store/clerks.ts';
import { setMaster } from '../../server/store/master.ts';
import { makeTestCore } from '../fixtures/core.ts';
import { testDevice } from './device.ts';
import { runServer, startTestServer, type TestServer } from './start.ts';

let server: TestServer;
let halls = 550000;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.dispose());

async function newHall() {
  const hall = String(++halls);
  const device = testDevice(() => server.url);
  await device.enrol(await server.newCode(hall));
  await device.hello();
  return { hall, device };
}
const clerk = (hall: string, id = 'w01', roles = ['window']) =>
  addClerk(server.database.pool, { hall, id, name: '测试甲', roles });
const calendar = readFileSync(resolve(import.meta.dirname, '../../resources/calendar/cn.json'), 'utf8');

describe('clerks of a hall', () => {
  it('are added on the command line beside the running server; the secret is shown once and kept nowhere', async () => {
    const { hall, device } = await newHall();
    const run = (...args: string[]) =>
      runServer(['clerk', ...args, '--hall', hall, '--data', server.dataFolder]);
    const added = await run('add', '--id', 'w01', '--name', '测试甲', '--role', 'window,office');
    expect(added.code).toBe(0);
    const secret = added.out.trim();
    expect(secret).toMatch(/^\w{5}-\w{5}$/);
    const { body } = await device.call<{ value: ClerkRecord[] }>('GET', '/v1/master/clerks');
    expect(body.value).toMatchObject([{ id: 'w01', name: '测试甲', roles: ['window', 'office'] }]);
    expect(await checkSecret(secret, body.value[0]!.verifier)).toBe(true);
    const kept = await server.query('select * from clerk');
    expect(JSON.stringify(kept)).not.toContain(secret);
    expect((await run('list')).out).toContain('w01\t测试甲\twindow,office\tactive');
    expect(await run('add', '--id', 'w01', '--name', '测试乙')).toMatchObject({ code: 1 });
    expect((await run('add', '--id', 'w02', '--name', '测试乙', '--role', 'king')).err).toContain('window,');
  });

  it('get a new secret, are retired, and come back with another', async () => {
    const { hall, device } = await newHall();
    const first = await clerk(hall);
    const second = await resetClerk(server.database.pool, hall, 'w01');
    expect(second).not.toBe(first);
    await retireClerk(server.database.pool, hall, 'w01');
    expect((await device.call<{ value: unknown[] }>('GET', '/v1/master/clerks')).body.value).toEqual([]);
    await expect(resetClerk(server.database.pool, hall, 'w01')).rejects.toThrow('no active clerk');
    await clerk(hall, 'w01', ['manager']);
    expect(await listClerks(server.database.pool, hall)).toEqual([
      { id: 'w01', name: '测试甲', roles: ['manager'], state: 'active' },
    ]);
  });
});

describe('master data', () => {
  it('are given with a tag, and not again to somebody who has them', async () => {
    const { hall, device } = await newHall();
    expect((await device.call('GET', '/v1/master/calendar')).body).toEqual({
      name: 'calendar',
      tag: null,
      value: null,
    });
    const { tag } = await setMaster(server.database.pool, hall, 'calendar', calendar);
    const headers = { authorization: `Bearer ${device.token()}` };
    const first = await fetch(`${server.url}/v1/master/calendar`, { headers });
    expect(first.headers.get('etag')).toBe(`"${tag}"`);
    expect(await first.json()).toEqual({ name: 'calendar', tag, value: JSON.parse(calendar) as unknown });
    const again = await fetch(`${server.url}/v1/master/calendar`, {
      headers: { ...headers, 'if-none-match': `W/"${tag}"` },
    });
    expect(again.status).toBe(304);
    expect(again.headers.get('x-zongchuang')).toBe('1');
    const index = await device.call<{ tags: Record<string, string | null> }>('GET', '/v1/master');
    expect(index.body.tags).toMatchObject({ calendar: tag, catalogue: null, policy: null });
  });

  it('belong to the hall: another sees none of them, a stranger nothing at all', async () => {
    const [one, other] = [await newHall(), await newHall()];
    await clerk(one.hall);
    await setMaster(server.database.pool, one.hall, 'policy', '{"idleMinutes":10}');
    expect((await other.device.call('GET', '/v1/master/policy')).body).toMatchObject({ value: null });
    expect((await other.device.call('GET', '/v1/master/clerks')).body).toMatchObject({ value: [] });
    expect((await testDevice(() => server.url).call('GET', '/v1/master/clerks')).status).toBe(401);
    expect((await one.device.call('GET', '/v1/master/devices')).status).toBe(400);
  });

  it('are checked before they are set', async () => {
    const { hall } = await newHall();
    const set = (name: string, text: string) => setMaster(server.database.pool, hall, name, text);
    for (const [name, text] of [
      ['calendar', '{}'],
      ['catalogue', '[{}]'],
      ['catalogue', '{}'],
      ['policy', '{"idleMinutes":"ten"}'],
      ['policy', 'no json'],
      ['policy', '{"a":"\\u0000"}'],
      ['clerks', '[]'],
    ] as const)
      await expect(set(name, text), `${name} ${text}`).rejects.toMatchObject({ code: 'BAD_ARGUMENTS' });
    await expect(setMaster(server.database.pool, '999999', 'policy', '{}')).rejects.toThrow('not known');
  });

  it('are set from a file on the command line', async () => {
    const { hall, device } = await newHall();
    const file = join(server.dataFolder, 'policy.json');
    writeFileSync(file, '\uFEFF{"idleMinutes": 5}');
    const args = ['--hall', hall, '--name', 'policy', '--data', server.dataFolder];
    expect(await runServer(['master', 'set', '--file', file, ...args])).toMatchObject({ code: 0 });
    expect((await device.call('GET', '/v1/master/policy')).body).toMatchObject({ value: { idleMinutes: 5 } });
    expect((await runServer(['master', 'clear', ...args])).out).toContain('已清除');
    expect((await device.call('GET', '/v1/master/policy')).body).toMatchObject({ value: null });
  });
});

describe('a hall PC', () => {
  const hello = { cursor: 0, streamHash: STREAM_HASH_OF_NOTHING };

  it('knows its hall’s clerks and data also when the server is gone, after a restart, and hides them on disk', async () => {
    const { hall } = await newHall();
    const secret = await clerk(hall);
    await setMaster(server.database.pool, hall, 'policy', '{"idleMinutes":7}');
    const pc = await makeTestCore({ http: createFetchHttp() });
    expect(await pc.call('clerk.state', {})).toMatchObject({ required: false, offlineUntil: null });
    await pc.call('central.enrol', { server: server.url, code: await server.newCode(hall) });
    await pc.call('central.hello', hello);
    await pc.hear('master.changed', ({ name }) => name === 'policy');
    expect(await pc.call('clerk.state', {})).toMatchObject({ required: true, idleMinutes: 7 });
    expect(await pc.call('clerk.signIn', { id: 'w01', secret })).toMatchObject({
      name: '测试甲',
      how: 'online',
    });
    expect((await pc.call('app.boot', {})).clerk).toEqual({ id: 'w01', name: '测试甲' });
    const kept = readFileSync(join(pc.folder, 'profile/hall/clerks.sealed'), 'utf8');
    expect(Buffer.from(kept, 'base64').toString('utf8')).not.toMatch(/argon2id|测试甲/);

    await server.stop();
    const later = await pc.restart();
    expect(await later.call('clerk.state', {})).toMatchObject({ required: true, clerk: null });
    expect(await later.call('clerk.list', {})).toEqual([{ id: 'w01', name: '测试甲' }]);
    expect(await later.call('clerk.signIn', { id: 'w01', secret })).toMatchObject({ how: 'offline' });
    await expect(later.call('clerk.signIn', { id: 'w01', secret: 'no' })).rejects.toMatchObject({
      code: 'CLERK_WRONG_SECRET',
    });
    expect((await later.call('master.read', { name: 'policy' })).value).toEqual({ idleMinutes: 7 });
    await expect(later.call('master.read', { name: 'clerks' as never })).rejects.toMatchObject({
      code: 'WIRE_BAD_INPUT',
    });

    await server.start();
    await retireClerk(server.database.pool, hall, 'w01');
    await expect(later.call('clerk.signIn', { id: 'w01', secret })).rejects.toMatchObject({
      code: 'CLERK_UNKNOWN',
    });
    expect(await later.call('clerk.state', {})).toMatchObject({ required: false, clerk: null });
  });

  it('that moves to another hall forgets the clerks and data of the first', async () => {
    const [one, other] = [await newHall(), await newHall()];
    const secret = await clerk(one.hall);
    const pc = await makeTestCore({ http: createFetchHttp() });
    const enrol = async (hall: string) =>
      pc.call('central.enrol', { server: server.url, code: await server.newCode(hall) });
    await enrol(one.hall);
    await pc.call('clerk.signIn', { id: 'w01', secret });
    await enrol(other.hall);
    expect(await pc.call('clerk.state', {})).toMatchObject({ required: false, clerk: null });
    expect(await pc.call('clerk.list', {})).toEqual([]);
  });
});
