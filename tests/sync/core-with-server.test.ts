import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createFetchHttp } from '../../electron/adapters/node/http.ts';
import type { Draft } from '../../shared/contract/journal.ts';
import { readEvent, type HallEvent } from '../../shared/sync/event.ts';
import { nextStreamHash, STREAM_HASH_OF_NOTHING } from '../../shared/sync/hash.ts';
import { retireDevice } from '../../server/store/device-list.ts';
import { makeTestCore, type TestCore } from '../fixtures/core.ts';
import { startTestServer, type TestServer } from '../server/start.ts';

let server: TestServer;
let hallNo = 330100;

beforeAll(async () => {
  server = await startTestServer();
}, 60_000);
afterAll(() => server.dispose());

const http = createFetchHttp();
const NOWHERE = { cursor: 0, streamHash: STREAM_HASH_OF_NOTHING };

const draft = (n: number): Draft => ({
  type: 'ticket.taken',
  typeV: 1,
  agg: `ticket/t-${n}-${Math.random().toString(36).slice(2, 8)}`,
  seen: { last: '', cursor: 0 },
  user: 'clerk-1',
  body: { no: `A${n}`, class: 'normal', day: '2026-11-21' },
});

/** A machine enrolled in a hall of its own, unless one is given. */
async function machineIn(hall = String(++hallNo), folder?: string): Promise<TestCore & { hall: string }> {
  const machine = await makeTestCore({ http, ...(folder === undefined ? {} : { folder }) });
  if (folder === undefined) {
    await machine.call('central.enrol', { server: server.url, code: await server.newCode(hall, '1') });
  }
  return { ...machine, hall };
}

async function work(machine: TestCore, from: number, count: number): Promise<void> {
  for (let n = from; n < from + count; n++) {
    await machine.call('journal.append', { cmd: `command-${n}`, drafts: [draft(n), draft(n)] });
  }
}

async function pushAll(machine: TestCore): Promise<void> {
  for (let calls = 0; (await machine.call('central.push', {})).left > 0; calls++)
    expect(calls).toBeLessThan(50);
}

/** The hall's whole stream, checked against its hashes. */
async function streamOf(machine: TestCore): Promise<HallEvent[]> {
  const events: HallEvent[] = [];
  let hash = STREAM_HASH_OF_NOTHING;
  for (;;) {
    const page = await machine.call('central.pull', { since: events.length, limit: 200 });
    for (const { bytes, hash: of } of page.events) {
      const read = readEvent(bytes, of);
      if (!read.ok) throw new Error(read.fault);
      events.push(read.kept.event);
      hash = nextStreamHash(hash, of);
    }
    expect(page.streamHash).toBe(hash);
    if (events.length >= page.head) return events;
  }
}

const commands = (events: HallEvent[]): string[] => events.map(({ cmd }) => cmd);
const twice = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => [`command-${from + i}`, `command-${from + i}`]).flat();

describe('the core and the real server', () => {
  it('carry a day of work from one device to the hall, and news of it to another', async () => {
    const one = await machineIn();
    const two = await machineIn(one.hall);
    expect((await two.call('app.boot', {})).device?.series).not.toBe(
      (await one.call('app.boot', {})).device?.series,
    );
    await two.call('central.hello', NOWHERE);
    await one.call('central.hello', NOWHERE);
    await work(one, 0, 300);
    await pushAll(one);
    expect(await one.call('central.status', {})).toMatchObject({ state: 'online', acknowledgedSeq: 600 });
    await two.hear('central.hint', ({ head }) => head === 600);
    expect(commands(await streamOf(two))).toEqual(twice(0, 300));
  });

  it('refuse a wrong code and a strange address in words', async () => {
    const machine = await makeTestCore({ http });
    const enrol = (address: string, code: string) => machine.call('central.enrol', { server: address, code });
    await expect(enrol(server.url, 'WRONG-CODE')).rejects.toMatchObject({ code: 'CENTRAL_CODE_REFUSED' });
    await expect(enrol('http://127.0.0.1:9', 'ABCD1234')).rejects.toMatchObject({
      code: 'CENTRAL_UNREACHABLE',
    });
    await expect(enrol('not an address', 'ABCD1234')).rejects.toMatchObject({ code: 'CENTRAL_BAD_ADDRESS' });
  });

  it(
    'lose nothing and double nothing when the server is killed between and during pushes',
    { timeout: 120_000 },
    async () => {
      const machine = await machineIn();
      for (let round = 0; round < 4; round++) {
        await work(machine, round * 60, 60);
        const pushing = machine.call('central.push', {}).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, round * 4));
        await server.kill();
        await pushing;
        await expect(machine.call('central.push', {})).rejects.toMatchObject({ code: 'CENTRAL_UNREACHABLE' });
        expect((await machine.call('central.status', {})).state).toBe('offline');
        await server.start();
        await machine.call('central.hello', NOWHERE);
      }
      await pushAll(machine);
      expect(commands(await streamOf(machine))).toEqual(twice(0, 240));
    },
  );

  it('go on with the same session after a token has run out', async () => {
    const machine = await machineIn();
    await machine.call('central.hello', NOWHERE);
    await work(machine, 0, 2);
    await server.database.pool.query('delete from session');
    await pushAll(machine);
    expect(await streamOf(machine)).toHaveLength(4);
  });

  it('send what was made in one hall before the machine moves to another (fault 26)', async () => {
    const stays = await machineIn();
    const moves = await machineIn(stays.hall);
    await work(moves, 0, 3);
    await moves.call('central.enrol', { server: server.url, code: await server.newCode('339999', '1') });
    expect(commands(await streamOf(stays))).toEqual(twice(0, 3));
    expect(await streamOf(moves)).toEqual([]);
    expect((await moves.call('app.boot', {})).notices).not.toContain('unsent-elsewhere');
  });

  it('keep the unsent work of a retired device, and bring it when the device is enrolled again', async () => {
    const machine = await machineIn();
    await work(machine, 0, 3);
    await pushAll(machine);
    await work(machine, 3, 3);
    const { dev } = await machine.call('journal.head', {});
    await retireDevice(server.database, machine.hall, dev);
    await expect(machine.call('central.push', {})).rejects.toMatchObject({ code: 'CENTRAL_DEVICE_REFUSED' });
    expect((await machine.call('central.status', {})).state).toBe('refused');
    const restarted = await machine.restart();
    await expect(restarted.call('central.hello', NOWHERE)).rejects.toMatchObject({
      code: 'CENTRAL_DEVICE_REFUSED',
    });
    const code = await server.newCode(machine.hall, '1');
    await restarted.call('central.enrol', { server: server.url, code });
    await pushAll(restarted);
    expect(commands(await streamOf(restarted))).toEqual(twice(0, 6));
  });

  it('tell two machines that run with one key at once apart, and lose the work of neither (fault 23)', async () => {
    const original = await machineIn();
    await work(original, 0, 2);
    await pushAll(original);
    await original.core.stop();
    const folder = mkdtempSync(join(tmpdir(), 'zc-twin-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    cpSync(original.folder, folder, { recursive: true });
    const first = await original.restart();
    await first.call('central.hello', NOWHERE);
    const twin = await machineIn(original.hall, folder);
    await twin.call('central.hello', NOWHERE);
    // The first speaks again although the second took its key over: it goes on under a new incarnation by itself.
    await work(first, 10, 2);
    await work(twin, 20, 2);
    await pushAll(first);
    await pushAll(twin);
    await twin.call('central.hello', NOWHERE);
    const ends = await Promise.all([first, twin].map((machine) => machine.call('journal.head', {})));
    expect(ends[0]?.inc).not.toBe(ends[1]?.inc);
    for (const machine of [first, twin])
      expect((await machine.call('app.boot', {})).notices).toContain('device-cloned');
    expect(commands(await streamOf(first)).sort()).toEqual(
      [...twice(0, 2), ...twice(10, 2), ...twice(20, 2)].sort(),
    );
  });

  it('give a cloned machine an incarnation of its own and bring the work of both to the server', async () => {
    const original = await machineIn();
    await work(original, 0, 5);
    await pushAll(original);
    await original.core.stop();
    const folder = mkdtempSync(join(tmpdir(), 'zc-clone-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    cpSync(original.folder, folder, { recursive: true });

    const first = await original.restart();
    const clone = await machineIn(original.hall, folder);
    await work(first, 100, 4);
    await work(clone, 200, 4);
    await pushAll(first);
    await pushAll(clone);
    await work(clone, 300, 1);
    await work(first, 400, 1);
    await pushAll(clone);
    await pushAll(first);

    const events = await streamOf(first);
    expect(commands(events)).toEqual([
      ...twice(0, 5),
      ...twice(100, 4),
      ...twice(200, 4),
      ...twice(300, 1),
      ...twice(400, 1),
    ]);
    expect(new Set(events.map(({ inc }) => inc)).size).toBe(2);
    expect((await clone.call('app.boot', {})).notices).toContain('central-fork');
    expect((await first.call('app.boot', {})).notices).toEqual(['device-cloned']);
  });

  it('lose nothing of a PC that worked offline while its copy sent fewer events into the same places', async () => {
    const original = await machineIn();
    await work(original, 0, 3);
    await pushAll(original);
    await original.core.stop();
    const folder = mkdtempSync(join(tmpdir(), 'zc-copy-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    cpSync(original.folder, folder, { recursive: true });

    // Offline, and longer at work than the copy: the server's end of the branch lies within what it made itself.
    const first = await original.restart();
    await work(first, 100, 9);
    await first.core.stop();
    const copy = await machineIn(original.hall, folder);
    await work(copy, 200, 4);
    await pushAll(copy);
    await copy.core.stop();
    const again = await first.restart();
    await again.call('central.hello', NOWHERE);
    await work(again, 300, 1);
    await pushAll(again);
    expect(commands(await streamOf(again)).sort()).toEqual(
      [...twice(0, 3), ...twice(100, 9), ...twice(200, 4), ...twice(300, 1)].sort(),
    );
  });

  it('give a machine that lost its newest work a new incarnation at hello, also when nothing on it remembers', async () => {
    const machine = await machineIn();
    await work(machine, 0, 3);
    await pushAll(machine);
    await machine.core.stop();
    const before = mkdtempSync(join(tmpdir(), 'zc-before-'));
    onTestFinished(() => rmSync(before, { recursive: true, force: true }));
    cpSync(machine.folder, before, { recursive: true });
    const later = await machine.restart();
    await work(later, 3, 3);
    await pushAll(later);
    await later.core.stop();

    // The disk image of this morning is put back.
    const restored = await machineIn(machine.hall, before);
    const { inc } = await restored.call('journal.head', {});
    expect((await restored.call('central.hello', NOWHERE)).action).toBe('fork');
    expect((await restored.call('journal.head', {})).inc).not.toBe(inc);
    await work(restored, 10, 1);
    await pushAll(restored);
    expect(commands(await streamOf(restored))).toEqual([...twice(0, 6), ...twice(10, 1)]);
  });

  it('bring everything back to a server that was restored from a backup', async () => {
    const machine = await machineIn();
    await work(machine, 0, 10);
    await pushAll(machine);
    const before = await streamOf(machine);
    const { streamHash } = await machine.call('central.pull', { since: 19, limit: 5 });
    const cut = 'delete from event where hall = $1 and cursor > 6';
    await server.database.pool.query(cut, [machine.hall]);
    await server.database.pool.query(
      'update hall set head = 6, stream_hash = (select stream_hash from event where hall = $1 and cursor = 6) where hall = $1',
      [machine.hall],
    );
    await server.database.pool.query(
      'update incarnation set seq = 6, hash = (select hash from event where hall = $1 and cursor = 6) where hall = $1',
      [machine.hall],
    );
    expect((await machine.call('central.hello', { cursor: 20, streamHash })).action).toBe('rewound');
    await pushAll(machine);
    expect(await streamOf(machine)).toEqual(before);
  });

  it('refuse a retired device, which keeps its work and sends it when it is taken back', async () => {
    const machine = await machineIn();
    const { dev } = await machine.call('journal.head', {});
    await server.database.pool.query("update device set state = 'retired' where dev = $1", [dev]);
    await expect(machine.call('central.hello', NOWHERE)).rejects.toMatchObject({
      code: 'CENTRAL_DEVICE_REFUSED',
    });
    expect((await machine.call('central.status', {})).state).toBe('refused');
    await work(machine, 0, 2);
    await expect(machine.call('central.push', {})).rejects.toMatchObject({ code: 'CENTRAL_DEVICE_REFUSED' });
    await server.database.pool.query("update device set state = 'active' where dev = $1", [dev]);
    await pushAll(machine);
    expect(commands(await streamOf(machine))).toEqual(twice(0, 2));
  });
});
