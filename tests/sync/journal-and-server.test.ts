import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFetchHttp } from '../../electron/adapters/node/http.ts';
import { startServer, type RunningServer } from '../../server/start-server.ts';
import { createCode } from '../../server/store/codes.ts';
import { takeExport } from '../../server/store/take-export.ts';
import { STREAM_HASH_OF_NOTHING } from '../../shared/sync/hash.ts';
import { makeTestCore, NO_LINE, type TestCore } from '../fixtures/core.ts';
import { temporaryFolder } from '../server/start.ts';

const http = createFetchHttp();
const NOWHERE = { cursor: 0, streamHash: STREAM_HASH_OF_NOTHING };
let folder: string;
let server: RunningServer;
let halls = 330400;

beforeAll(async () => {
  folder = temporaryFolder();
  const quiet = { version: 'test', log: () => undefined };
  server = await startServer({ folder, databaseUrl: undefined, host: '127.0.0.1', port: 0, ...quiet });
}, 90_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function machineIn(hall = String(++halls)): Promise<TestCore & { hall: string }> {
  const machine = await makeTestCore({ http });
  const place = { hall, hallName: `测试大厅${hall}`, station: '1', stationName: '综合窗口1' };
  const code = await createCode(server.store.database.pool, place);
  await machine.call('central.enrol', { server: server.url, code });
  return { ...machine, hall };
}

async function work(machine: TestCore, from: number, count: number): Promise<void> {
  for (let n = from; n < from + count; n++)
    await machine.call('journal.append', {
      cmd: `command-${n}`,
      drafts: [1, 2].map((i) => ({
        type: 'case.noted',
        typeV: 1,
        agg: `case/c-${n}-${i}`,
        seen: { last: '', cursor: 0 },
        user: 'clerk-1',
        body: { text: `第 ${n} 件,材料齐全` },
      })),
    });
}

/** What follows a hello comes a few seconds after it. */
async function until(what: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await what()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('it did not come to that');
}

const hasKey = (machine: TestCore) =>
  until(() => Promise.resolve(readdirSync(join(machine.folder, 'profile')).includes('export-key.json')));
const readAll = (machine: TestCore) =>
  machine.call('journal.read', { inc: null, after: 0, limit: 1000 }).then(({ events }) => events);
const headOf = async (machine: TestCore): Promise<number> =>
  (await machine.call('central.pull', { since: 0, limit: 1 })).head;
/** Takes the network cable out: the same folder, started without a line. */
async function offline(machine: TestCore): Promise<TestCore> {
  await machine.core.stop();
  return makeTestCore({ folder: machine.folder, http: NO_LINE });
}

describe('a journal that was emptied', () => {
  it('gets back from the server what that has, and reports nothing missing any more', async () => {
    const machine = await machineIn();
    await machine.call('central.hello', NOWHERE);
    await work(machine, 1, 300);
    while ((await machine.call('central.push', {})).left > 0);
    const before = await readAll(machine);
    await machine.core.stop();
    rmSync(join(machine.folder, 'profile', 'journal'), { recursive: true });
    rmSync(join(machine.folder, 'profile', 'journal-head.json'));

    const again = await makeTestCore({ folder: machine.folder, http });
    await again.call('central.hello', NOWHERE);
    await until(async () => (await readAll(again)).length === 600);
    expect(await readAll(again)).toEqual(before);
    const status = await again.call('journal.status', {});
    expect(status).toMatchObject({ missing: [], unsent: 0, incarnations: 2 });
  }, 40_000);
});

describe('days without a line', () => {
  it('end with a file at the server: every event once, and twice changes nothing', async () => {
    const machine = await machineIn();
    await machine.call('central.hello', NOWHERE);
    await hasKey(machine);
    await work(machine, 1, 5);
    await machine.call('central.push', {});
    const alone = await offline(machine);
    await work(alone, 6, 300);
    const stick = join(machine.folder, 'stick');
    mkdirSync(stick);
    const made = await alone.call('journal.export', { folder: stick });
    expect(made).toMatchObject({ events: 600, bytes: readFileSync(made.file).length });
    expect(readFileSync(made.file).includes('材料齐全')).toBe(false);

    const { database, identity } = server.store;
    const take = () => takeExport(database, identity.exportKey, readFileSync(made.file));
    expect(await take()).toMatchObject({ ok: true, events: 600, added: 600, left: [] });
    expect(await take()).toMatchObject({ ok: true, events: 600, added: 0, left: [] });
    await alone.core.stop();
    const back = await makeTestCore({ folder: machine.folder, http });
    await back.call('central.hello', NOWHERE);
    while ((await back.call('central.push', {})).left > 0);
    expect(await headOf(back)).toBe(610);
    await expect(back.call('journal.export', { folder: stick })).rejects.toMatchObject({
      code: 'JOURNAL_EXPORT_EMPTY',
    });
  }, 40_000);

  it('end at any other device of the hall, which hands the file on and cannot read it', async () => {
    const one = await machineIn();
    const two = await machineIn(one.hall);
    await one.call('central.hello', NOWHERE);
    await hasKey(one);
    const alone = await offline(one);
    await work(alone, 1, 10);
    const { file } = await alone.call('journal.export', { folder: alone.folder });
    // Its own journal knows all of it.
    expect(await alone.call('journal.import', { file })).toEqual({
      events: 20,
      added: 0,
      hall: one.hall,
      held: false,
    });

    const cut = await offline(two);
    expect(await cut.call('journal.import', { file })).toMatchObject({ added: 0, held: true });
    await cut.core.stop();
    const three = await makeTestCore({ folder: two.folder, http });
    await three.call('central.hello', NOWHERE);
    await until(async () => (await headOf(three)) === 20);
    expect(await three.call('journal.import', { file })).toMatchObject({ added: 0, held: false });
    expect(await headOf(three)).toBe(20);
  }, 40_000);

  it('end with nothing when the file was changed, cut off, or is not theirs', async () => {
    const one = await machineIn();
    const foreign = await machineIn();
    await one.call('central.hello', NOWHERE);
    await hasKey(one);
    await work(one, 1, 10);
    const { file } = await one.call('journal.export', { folder: one.folder });
    const whole = readFileSync(file);
    const refusal = async (bytes: Uint8Array, machine = one): Promise<unknown> => {
      const path = join(one.folder, 'other.zcx');
      writeFileSync(path, bytes);
      return machine.call('journal.import', { file: path }).then(
        () => 'taken',
        (error: unknown) => (error as { code: string }).code,
      );
    };
    for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 60)) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect([at, await refusal(changed)]).toEqual([
        at,
        at < 10 ? 'JOURNAL_IMPORT_UNREADABLE' : 'JOURNAL_IMPORT_DAMAGED',
      ]);
      expect(await refusal(whole.subarray(0, at))).toMatch(/JOURNAL_IMPORT_(UNREADABLE|DAMAGED)/);
      const { database, identity } = server.store;
      expect((await takeExport(database, identity.exportKey, changed)).ok).toBe(false);
    }
    expect(await refusal(whole, foreign)).toBe('JOURNAL_IMPORT_FOREIGN');
    await expect(one.call('journal.import', { file: join(one.folder, 'none') })).rejects.toMatchObject({
      code: 'JOURNAL_IMPORT_UNREADABLE',
    });
    expect(await headOf(one)).toBe(0);
    copyFileSync(file, join(one.folder, 'same.zcx'));
    const { database, identity } = server.store;
    expect(await takeExport(database, identity.exportKey, whole, 'another')).toEqual({
      ok: false,
      why: 'other-hall',
    });
  }, 40_000);

  it('cannot begin before a server was ever heard: nobody could open the file', async () => {
    const machine = await machineIn();
    await work(machine, 1, 1);
    await expect(machine.call('journal.export', { folder: machine.folder })).rejects.toMatchObject({
      code: 'JOURNAL_EXPORT_NO_KEY',
    });
  });

  it('says so when the stick is not there', async () => {
    const machine = await machineIn();
    await machine.call('central.hello', NOWHERE);
    await hasKey(machine);
    await work(machine, 1, 1);
    const gone = machine.call('journal.export', { folder: join(machine.folder, 'no-stick') });
    await expect(gone).rejects.toMatchObject({ code: 'JOURNAL_EXPORT_FAILED' });
  });
});
