import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scanSegment, segmentName } from '../../../electron/core/journal/segment.ts';
import { makeEvent } from '../../../shared/sync/event.ts';
import { cmdOf, draft, eventOf, expectWholeChains, readAll } from '../journal/harness.ts';
import { createFakeServer, json, portal, refuse } from './fake-server.ts';
import { enrolledMachine, memorySecrets, NOWHERE, openMachine, pushAll, until } from './harness.ts';

const other = (n: number) =>
  makeEvent(
    draft(n),
    { hall: 'hall-1', dev: 'OTHER', inc: 'a'.repeat(32), station: 'w-9' },
    { seq: n, prev: '', cmd: cmdOf(n), at: '2026-11-21T09:00:00.000+08:00' },
  ).bytes;

describe('enrolment', () => {
  it('gives the device its place and remembers it across a restart', async () => {
    const server = createFakeServer();
    const machine = await openMachine({ http: server.http });
    expect(machine.central.status()).toMatchObject({ server: null, state: 'unset' });
    const device = await machine.central.enrol({ server: 'central.test:8790/', code: 'CODE-1234' });
    expect(device).toMatchObject({ hall: 'hall-1', series: 'C', dev: machine.journal.head().dev });
    expect(machine.central.status()).toMatchObject({ server: 'http://central.test:8790', state: 'online' });
    await machine.work(1);
    const again = await machine.restart();
    expect(again.central.status()).toMatchObject({ server: 'http://central.test:8790', state: 'offline' });
    expect(again.journal.head()).toMatchObject({ seq: 1, dev: device.dev });
    await again.central.hello(NOWHERE);
    expect(again.central.status().state).toBe('online');
  });

  it.each(['', 'http://', 'ftp://a.b', 'http://user:pass@a.b', 'http://a.b/?q=1', 'a b', 'http://a.b/#x'])(
    'refuses the address %j',
    async (server) => {
      const machine = await openMachine({ http: createFakeServer().http });
      await expect(machine.central.enrol({ server, code: 'CODE-1234' })).rejects.toMatchObject({
        code: 'CENTRAL_BAD_ADDRESS',
      });
    },
  );

  it('tells a wrong code, a stranger that answers, a stranger that answers JSON, and silence apart', async () => {
    const server = createFakeServer();
    const machine = await openMachine({ http: server.http });
    const enrol = (code = 'CODE-1234') => machine.central.enrol({ server: 'http://central.test', code });
    await expect(enrol('CODE-9999')).rejects.toMatchObject({ code: 'CENTRAL_CODE_REFUSED' });
    server.fault(
      '/enrol',
      portal,
      { ...json(200, { ok: true }), headers: {} },
      'lost-before',
      json(201, { hall: 'x' }),
    );
    await expect(enrol()).rejects.toMatchObject({ code: 'CENTRAL_NOT_OURS' });
    await expect(enrol()).rejects.toMatchObject({ code: 'CENTRAL_NOT_OURS' });
    await expect(enrol()).rejects.toMatchObject({ code: 'CENTRAL_UNREACHABLE' });
    await expect(enrol()).rejects.toMatchObject({ code: 'CENTRAL_BAD_ANSWER' });
    expect(machine.central.status().state).toBe('unset');
    expect(readdirSync(machine.base).filter((name) => name.startsWith('device'))).toEqual([]);
  });

  it('refuses hello, push and pull before', async () => {
    const machine = await openMachine({ http: createFakeServer().http });
    const notEnrolled = { code: 'DEVICE_NOT_ENROLLED' };
    await expect(machine.central.hello(NOWHERE)).rejects.toMatchObject(notEnrolled);
    await expect(machine.central.push()).rejects.toMatchObject(notEnrolled);
    await expect(machine.central.pull({ since: 0, limit: 10 })).rejects.toMatchObject(notEnrolled);
  });

  it('comes back from its copy when the file is damaged, and keeps the damaged one', async () => {
    const { machine } = await enrolledMachine();
    writeFileSync(join(machine.base, 'device.json'), '{"device":');
    const again = await machine.restart();
    expect(again.notices).toEqual(['device-restored']);
    expect(again.central.status().server).toBe('http://central.test');
    expect(readdirSync(machine.base).some((name) => name.startsWith('device.corrupt-'))).toBe(true);
    expect(JSON.parse(readFileSync(join(machine.base, 'device.json'), 'utf8'))).toMatchObject({
      server: 'http://central.test',
    });
  });

  it('says so when both are damaged, and when the key is another one', async () => {
    const { server, machine } = await enrolledMachine();
    await machine.stop();
    const stranger = await openMachine({ http: server.http, base: machine.base, secrets: memorySecrets() });
    expect(stranger.notices).toEqual(['device-key-lost']);
    expect(stranger.central.status().state).toBe('unset');
    await stranger.central.enrol({ server: 'http://central.test', code: 'CODE-1234' });
    await stranger.stop();
    for (const name of ['device.json', 'device.backup.json']) writeFileSync(join(machine.base, name), '');
    const lost = await openMachine({ http: server.http, base: machine.base });
    expect(lost.notices).toEqual(['device-lost']);
  });
});

describe('push', () => {
  it('sends everything in order, and nothing twice', async () => {
    const { server, machine } = await enrolledMachine();
    await machine.central.hello(NOWHERE);
    await machine.work(7);
    expect(await machine.central.push()).toEqual({ acknowledgedSeq: 7, left: 0 });
    expect(server.events).toEqual(await readAll(machine.journal));
    const calls = server.calls('/push');
    expect(await machine.central.push()).toEqual({ acknowledgedSeq: 7, left: 0 });
    expect(server.calls('/push')).toBe(calls);
    expect(machine.states.at(-1)).toMatchObject({ state: 'online', acknowledgedSeq: 7 });
  });

  it('sends at most 500 events and 1 MB at a time', async () => {
    const { server, machine } = await enrolledMachine();
    await Promise.all(
      Array.from({ length: 13 }, (_, i) =>
        machine.journal.append({ cmd: cmdOf(i), drafts: Array.from({ length: 50 }, () => draft(i)) }),
      ),
    );
    // Back to back in one call, so that the window does not have to ask for each.
    expect(await machine.central.push()).toEqual({ acknowledgedSeq: 650, left: 0 });
    expect(server.calls('/push')).toBe(2);
    const body = { text: '长"'.repeat(30_000) };
    for (let i = 100; i < 112; i++)
      await machine.journal.append({ cmd: cmdOf(i), drafts: [draft(i, { body })] });
    await pushAll(machine.central);
    const sizes = server.requests
      .filter(({ path }) => path === '/push')
      .map((request) => Buffer.byteLength(request.body ?? ''));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000_000);
    expect(server.events).toHaveLength(662);
  });

  it('repeats itself when the answer was lost, and the server has each event once', async () => {
    const { server, machine } = await enrolledMachine();
    await machine.work(5);
    server.fault('/push', 'lost-after');
    await expect(machine.central.push()).rejects.toMatchObject({ code: 'CENTRAL_UNREACHABLE' });
    expect(machine.states).toContainEqual(
      expect.objectContaining({ state: 'offline', error: 'CENTRAL_UNREACHABLE' }),
    );
    await machine.work(2);
    await pushAll(machine.central);
    expect(server.events).toEqual(await readAll(machine.journal));
  });

  it('goes back to what the server expects when it was told of a gap', async () => {
    const { server, machine } = await enrolledMachine();
    await machine.work(6);
    await pushAll(machine.central);
    server.restore(2);
    await machine.work(1);
    await pushAll(machine.central);
    expect(server.events).toEqual(await readAll(machine.journal));
  });

  it('opens a new incarnation at a fork, carries over what the server lacks, and says so', async () => {
    const { server, machine } = await enrolledMachine();
    await machine.work(3);
    await pushAll(machine.central);
    const old = machine.journal.head().inc;
    server.clone(old, 4, 'f'.repeat(64));
    await machine.work(3);
    await pushAll(machine.central);
    const { inc, seq } = machine.journal.head();
    expect(inc).not.toBe(old);
    expect(seq).toBe(3);
    expect(machine.notices).toEqual(['central-fork']);
    expect(machine.states.some(({ error }) => error === 'CENTRAL_FORK')).toBe(true);
    const onServer = server.events.map(eventOf);
    expect(onServer.map(({ cmd }) => cmd)).toEqual([0, 1, 2, 3, 4, 5].map(cmdOf));
    expect(onServer.slice(3).every((event) => event.inc === inc)).toBe(true);
    expectWholeChains(await readAll(machine.journal));
    // The branch itself is still on the medium.
    expect(await machine.journal.status()).toMatchObject({ incarnations: 2, unsent: 0, stuck: 0 });
  });

  it('carries over what stands behind events that were lost here before they were sent', async () => {
    const { server, machine } = await enrolledMachine();
    await machine.work(6);
    await machine.stop();
    const path = join(machine.base, 'journal', segmentName(1));
    const bytes = readFileSync(path);
    const third = scanSegment(bytes).records[3]!;
    bytes[third.offset + 100]! ^= 0xff;
    writeFileSync(path, bytes);
    const again = await machine.restart();
    expect(again.journal.notices).toEqual(['journal-damaged']);
    await again.work(1);
    await pushAll(again.central);
    expect(server.events.map((kept) => eventOf(kept).cmd)).toEqual([0, 1, 6, 3, 4, 5].map(cmdOf));
    expect(await again.journal.status()).toMatchObject({ unsent: 0, stuck: 0 });
  });

  it('does not believe a fork that is none, or an acknowledgement that does not fit', async () => {
    const { server, machine } = await enrolledMachine();
    await machine.work(2);
    const [first] = await readAll(machine.journal);
    const { inc } = machine.journal.head();
    server.fault(
      '/push',
      refuse(409, 'fork', { seq: 1, hash: first?.hash }),
      refuse(409, 'gap', { expected: 1 }),
      json(200, { upTo: 2, hash: 'f'.repeat(64), epoch: 'epoch-1', notes: [] }),
      json(200, { upTo: 0, hash: '', epoch: 'epoch-1', notes: [] }),
    );
    for (let i = 0; i < 4; i++)
      await expect(machine.central.push()).rejects.toMatchObject({ code: 'CENTRAL_BAD_ANSWER' });
    expect(machine.journal.head().inc).toBe(inc);
    expect(machine.journal.unsentCount()).toBe(2);
    await pushAll(machine.central);
    expect(server.events).toHaveLength(2);
  });

  it('sends less at a time when the server says it is too much, and more again later', async () => {
    const { server, machine } = await enrolledMachine();
    await machine.work(20);
    server.pushLimit = 3;
    await pushAll(machine.central);
    expect(server.events).toEqual(await readAll(machine.journal));
    server.pushLimit = 500;
    await machine.work(20);
    expect(await pushAll(machine.central)).toBeLessThan(6);
  });

  it('leaves a busy server alone for as long as it asks', async () => {
    const { server, machine } = await enrolledMachine();
    await machine.central.hello(NOWHERE);
    await machine.work(1);
    server.fault('/push', refuse(429, 'busy', {}, { 'retry-after': '1' }));
    await expect(machine.central.push()).rejects.toMatchObject({ code: 'CENTRAL_BUSY' });
    const calls = server.requests.length;
    await expect(machine.central.push()).rejects.toMatchObject({ code: 'CENTRAL_BUSY' });
    await expect(machine.central.hello(NOWHERE)).rejects.toMatchObject({ code: 'CENTRAL_BUSY' });
    expect(server.requests.length).toBe(calls);
    expect(machine.central.status()).toMatchObject({ state: 'online', error: 'CENTRAL_BUSY' });
    // Up to a quarter later than asked for, so that a hall does not come back as one.
    await new Promise((resolve) => setTimeout(resolve, 1300));
    expect(await machine.central.push()).toEqual({ acknowledgedSeq: 1, left: 0 });
  });

  it('renews a token that has run out with one hello', async () => {
    const { server, machine } = await enrolledMachine();
    await machine.central.hello(NOWHERE);
    await machine.work(1);
    server.expireTokens();
    expect(await machine.central.push()).toEqual({ acknowledgedSeq: 1, left: 0 });
    expect(server.calls('/hello')).toBe(2);
    server.fault('/push', refuse(401, 'token'), refuse(401, 'token'));
    await machine.work(1);
    await expect(machine.central.push()).rejects.toMatchObject({ code: 'CENTRAL_BAD_ANSWER' });
    expect(machine.journal.unsentCount()).toBe(1);
  });

  it('believes nothing but our own server, whatever a portal or proxy answers', async () => {
    const { server, machine } = await enrolledMachine();
    await machine.work(2);
    await machine.central.hello(NOWHERE);
    const cut = json(200, { upTo: 2, hash: '', epoch: 'epoch-1', notes: [] });
    server.fault(
      '/push',
      portal,
      { ...cut, headers: {} },
      { ...cut, body: cut.body.slice(0, 20) },
      { ...cut, contentType: 'text/plain' },
      { ...portal, status: 502 },
      { ...portal, status: 302 },
      json(500, { oops: true }),
      refuse(500, 'internal'),
    );
    const codes: unknown[] = [];
    for (let i = 0; i < 8; i++)
      codes.push(await machine.central.push().catch((error: unknown) => (error as { code: string }).code));
    const bad = 'CENTRAL_BAD_ANSWER';
    expect(codes).toEqual([bad, bad, bad, bad, 'CENTRAL_UNREACHABLE', bad, bad, bad]);
    expect(machine.journal.unsentCount()).toBe(2);
    await pushAll(machine.central);
    expect(server.events).toHaveLength(2);
  });
});

describe('hello', () => {
  it('sends everything again after the server was restored from a backup', async () => {
    const { server, machine } = await enrolledMachine();
    await machine.work(4);
    await pushAll(machine.central);
    await machine.journal.renew('damaged');
    await machine.work(4);
    await pushAll(machine.central);
    const before = [...server.events];
    server.restore(2);
    server.epoch = 'epoch-2';
    const greeting = await machine.central.hello({ cursor: 8, streamHash: 'f'.repeat(64) });
    expect(greeting).toMatchObject({ action: 'rewound', epoch: 'epoch-2', acknowledgedSeq: 0 });
    await pushAll(machine.central);
    expect(server.events).toEqual(before);
  });

  it('begins a new incarnation when the server knows more of this one than the journal', async () => {
    const { server, machine } = await enrolledMachine();
    await machine.work(2);
    await pushAll(machine.central);
    const old = machine.journal.head().inc;
    server.clone(old, 3, 'f'.repeat(64));
    const greeting = await machine.central.hello(NOWHERE);
    expect(greeting.action).toBe('fork');
    expect(machine.journal.head().inc).not.toBe(old);
    await machine.work(1);
    await pushAll(machine.central);
    expect(eventOf(server.events.at(-1)!)).toMatchObject({ inc: machine.journal.head().inc, seq: 1 });
  });

  it('is refused without losing anything, and accepted again when the admin takes the device back', async () => {
    const { server, machine } = await enrolledMachine();
    await machine.work(2);
    server.retired = true;
    await expect(machine.central.hello(NOWHERE)).rejects.toMatchObject({ code: 'CENTRAL_DEVICE_REFUSED' });
    expect(machine.central.status()).toMatchObject({ state: 'refused', error: 'CENTRAL_DEVICE_REFUSED' });
    server.retired = false;
    server.unknown = true;
    await expect(machine.central.push()).rejects.toMatchObject({ code: 'CENTRAL_DEVICE_REFUSED' });
    server.down = true;
    await expect(machine.central.push()).rejects.toMatchObject({ code: 'CENTRAL_UNREACHABLE' });
    expect(machine.central.status().state).toBe('refused');
    server.down = server.unknown = false;
    await machine.work(1);
    await pushAll(machine.central);
    expect(machine.central.status().state).toBe('online');
    expect(server.events).toEqual(await readAll(machine.journal));
  });

  it('does not take a refusal of what was said for a refusal of the device', async () => {
    const { server, machine } = await enrolledMachine();
    await machine.work(1);
    server.fault('/challenge', refuse(403, 'bad-request'));
    server.fault('/push', refuse(403, 'bad-request'));
    await expect(machine.central.push()).rejects.toMatchObject({ code: 'CENTRAL_BAD_ANSWER' });
    await expect(machine.central.push()).rejects.toMatchObject({ code: 'CENTRAL_BAD_ANSWER' });
    expect(machine.central.status().state).not.toBe('refused');
    await pushAll(machine.central);
  });

  it('measures the clocks against each other', async () => {
    const { machine } = await enrolledMachine();
    expect(machine.central.skewMs()).toBeNull();
    await machine.central.hello(NOWHERE);
    expect(Math.abs((machine.central.skewMs() ?? 0) - 90_000)).toBeLessThan(1000);
  });

  it('is said once when several calls find the session closed', async () => {
    const { server, machine } = await enrolledMachine();
    await Promise.all([
      machine.central.pull({ since: 0, limit: 1 }),
      machine.central.pull({ since: 0, limit: 1 }),
      machine.central.pull({ since: 0, limit: 1 }),
    ]);
    expect(server.calls('/hello')).toBe(1);
  });

  it('found necessary in between and finding a rewound server, makes the window say it itself', async () => {
    const { server, machine } = await enrolledMachine();
    await machine.work(3);
    await pushAll(machine.central);
    const page = await machine.central.pull({ since: 0, limit: 10 });
    await machine.central.hello({ cursor: 3, streamHash: page.streamHash });
    server.restore(1);
    server.expireTokens();
    for (let i = 0; i < 2; i++) {
      await expect(machine.central.pull({ since: 3, limit: 10 })).rejects.toMatchObject({
        code: 'CENTRAL_EPOCH_CHANGED',
      });
    }
    await machine.central.hello(NOWHERE);
    await pushAll(machine.central);
    expect(server.events).toHaveLength(3);
  });
});

describe('pull and hints', () => {
  it('gives pages that are whole, and refuses one that is not', async () => {
    const { server, machine } = await enrolledMachine();
    for (let n = 1; n <= 5; n++) server.arrive(other(n));
    const page = await machine.central.pull({ since: 1, limit: 3 });
    expect(page.events.map(({ cursor }) => cursor)).toEqual([2, 3, 4]);
    expect(page.head).toBe(5);
    const { events, ...rest } = page;
    server.fault(
      '/pull',
      json(200, { ...rest, events: [events[0], events[2]] }),
      json(200, { ...rest, events: events.map((event) => ({ ...event, bytes: event.bytes + ' ' })) }),
      json(200, { ...rest, events: [{ ...events[0], cursor: 0 }] }),
    );
    for (let i = 0; i < 3; i++)
      await expect(machine.central.pull({ since: 1, limit: 3 })).rejects.toMatchObject({
        code: 'CENTRAL_BAD_ANSWER',
      });
  });

  it('tells of news in the hall while online, and stops when it should', async () => {
    const { server, machine } = await enrolledMachine();
    await machine.central.hello(NOWHERE);
    server.arrive(other(1));
    await until(() => machine.hints.includes(1));
    server.arrive(other(2));
    await until(() => machine.hints.includes(2));
    const from = performance.now();
    await machine.stop();
    expect(performance.now() - from).toBeLessThan(1000);
  });

  it('notices within one request that the server has gone, and listens again after the next hello', async () => {
    const { server, machine } = await enrolledMachine();
    await machine.central.hello(NOWHERE);
    await until(() => server.calls('/hints') === 1);
    server.fault('/hints', 'lost-before');
    server.fault('/challenge', 'lost-before');
    server.arrive(other(1));
    await until(() => machine.central.status().state === 'offline');
    await machine.central.hello(NOWHERE);
    server.arrive(other(2));
    await until(() => machine.hints.includes(2));
  });

  it('stays online when only long requests are cut', async () => {
    const { server, machine } = await enrolledMachine();
    server.fault('/hints', 'lost-before');
    await machine.central.hello(NOWHERE);
    await until(() => server.calls('/challenge') === 2);
    await until(() => machine.central.status().state === 'online');
  });
});

describe('what the line says in the log', () => {
  it('is never a body, a code, a token or a name', async () => {
    const { server, machine } = await enrolledMachine();
    await machine.work(2);
    server.fault('/push', refuse(409, 'gap', { expected: 1 }), refuse(500, 'internal'), portal);
    for (let i = 0; i < 3; i++) await machine.central.push().catch(() => undefined);
    const text = JSON.stringify(machine.log.lines);
    for (const secret of ['CODE-1234', 'token-', '材料', 'challenge-1']) expect(text).not.toContain(secret);
  });
});
