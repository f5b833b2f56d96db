import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { headText } from '../../shared/sync/messages.ts';
import { nextStreamHash, STREAM_HASH_OF_NOTHING } from '../../shared/sync/hash.ts';
import { testDevice } from './device.ts';
import { listDevices } from '../../server/store/device-list.ts';
import { runServer, startTestServer, type TestServer } from './start.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.dispose());

let halls = 0;
async function ready(hall = `66${String(++halls).padStart(4, '0')}`, station = '3') {
  const made = testDevice(() => server.url);
  await made.enrol(await server.newCode(hall, station));
  await made.hello();
  return { made, hall };
}
type Made = Awaited<ReturnType<typeof ready>>['made'];

/** Pushes in signed batches of `size`. */
async function pushSigned(made: Made, count: number, size = count): Promise<void> {
  for (let left = count; left > 0; left -= size) {
    const from = made.events.length + 1;
    const answer = await made.pushSigned(made.make(Math.min(size, left)), from);
    expect(answer.status).toBe(200);
  }
}

/** As a restore of an older backup leaves it: the hall goes back to its first `keep` events. */
async function rewind(hall: string, keep: number): Promise<void> {
  await server.query('delete from event where hall = $1 and cursor > $2', [hall, keep]);
  await server.query(
    `update hall set head = $2, stream_hash = coalesce((select stream_hash from event where hall = $1 and cursor = $2), repeat('0', 64)) where hall = $1`,
    [hall, keep],
  );
  await server.query('delete from incarnation where hall = $1', [hall]);
  await server.query(
    `insert into incarnation (hall, dev, inc, seq, hash)
     select distinct on (dev, inc) hall, dev, inc, seq, hash from event where hall = $1 order by dev, inc, seq desc`,
    [hall],
  );
}

describe('a server that went back in time', () => {
  it('names the newest place that device and server agree on', async () => {
    const { made, hall } = await ready();
    await pushSigned(made, 40, 10);
    const checkpoints = [];
    for (const cursor of [40, 39, 37, 33, 25, 9])
      checkpoints.push({ cursor, streamHash: (await made.pull(cursor - 1, 1)).body.streamHash });
    const [newest] = checkpoints;
    expect((await made.hello({ ...newest!, checkpoints })).body).toMatchObject({ action: 'ok', common: 40 });
    await rewind(hall, 30);
    const { body } = await made.hello({ ...newest!, checkpoints });
    expect(body).toMatchObject({ action: 'rewound', common: 25, head: 30 });
    const lies = checkpoints.map(({ cursor }) => ({ cursor, streamHash: 'f'.repeat(64) }));
    expect((await made.hello({ ...newest!, checkpoints: lies })).body).toMatchObject({ common: 0 });
  });

  it('gets back from another device what it lost, proven by chain and signature', async () => {
    const { made, hall } = await ready();
    const { made: other } = await ready(hall, '4');
    await pushSigned(made, 30, 10);
    const held = (await other.pull(0)).body.events;
    expect(held.filter(({ sig }) => sig !== undefined).map(({ cursor }) => cursor)).toEqual([10, 20, 30]);
    await rewind(hall, 10);
    const heads = [{ dev: made.dev, inc: made.inc, seq: 30 }];
    const { body } = await other.call<{ want: unknown[] }>('POST', '/v1/want', { heads });
    expect(body.want).toEqual([{ dev: made.dev, inc: made.inc, from: 11, to: 30 }]);
    const donate = (events: unknown) =>
      other.call<{ taken: number; upTo: number; error: string; expected: number }>('POST', '/v1/donate', {
        dev: made.dev,
        inc: made.inc,
        events,
      });
    const part = (from: number, to: number) =>
      held.slice(from - 1, to).map(({ bytes, hash, sig }) => ({ bytes, hash, ...(sig ? { sig } : {}) }));
    // Not signed at its end: what follows the last signature is left out.
    expect((await donate(part(11, 25))).body).toMatchObject({ taken: 10, upTo: 20 });
    expect((await donate(part(23, 30))).body).toMatchObject({ error: 'gap', expected: 21 });
    expect((await donate(part(21, 29))).status).toBe(400);
    const forged = part(21, 30).map((event, i) => (i === 9 ? { ...event, sig: held[9]!.sig } : event));
    expect((await donate(forged)).status).toBe(400);
    expect((await donate(part(21, 30))).body).toMatchObject({ taken: 10, upTo: 30 });
    expect((await donate(part(21, 30))).body).toMatchObject({ upTo: 30 });
    const again = (await other.pull(0)).body;
    expect(again.events.map(({ hash }) => hash)).toEqual(held.map(({ hash }) => hash));
    expect(again.head).toBe(30);
  });

  it('takes back by its certificate a device it does not know any more, without a person', async () => {
    const { made, hall } = await ready();
    await pushSigned(made, 3);
    const { body: greeted } = await made.hello({ checkpoints: [] });
    const certificate = greeted.certificate!;
    await server.query('delete from session where dev = $1', [made.dev]);
    await server.query('delete from enrolment_code where used_by = $1', [made.dev]);
    await server.query('delete from device where dev = $1', [made.dev]);
    await server.query('update hall set devices = 0 where hall = $1', [hall]);
    // Another device has its series by now.
    const { made: thief } = await ready(hall, '9');
    expect((await made.hello()).body.error).toBe('signature');
    const forged = { ...certificate, text: certificate.text.replace('"station":"3"', '"station":"8"') };
    expect((await made.hello({ checkpoints: [], certificate: forged })).body.error).toBe('signature');
    expect((await thief.hello({ checkpoints: [], certificate })).body.place?.station).toBe('9');
    const { status, body } = await made.hello({ checkpoints: [], certificate });
    expect(status).toBe(200);
    expect(body.place).toMatchObject({ hall, station: '3', series: 'B' });
    expect((await made.push(made.make(1), 4)).body.upTo).toBe(4);
    const { made: next } = await ready(hall, '10');
    expect((await next.hello({ checkpoints: [] })).body.place?.series).toBe('C');
  });
});

describe('the snapshot', () => {
  it('gives the stream backwards, each page proven by the hash before and after it', async () => {
    const { made } = await ready();
    await pushSigned(made, 25, 7);
    const seen: string[] = [];
    let before = 26;
    let after = (await made.pull(25)).body.streamHash;
    while (before > 1) {
      const { body } = await made.call<{
        events: { cursor: number; hash: string }[];
        streamHash: string;
        streamHashBefore: string;
      }>('GET', `/v1/snapshot?before=${before}&limit=10`);
      expect(body.streamHash).toBe(after);
      expect(body.events.at(-1)?.cursor).toBe(before - 1);
      const hashes = body.events.map(({ hash }) => hash);
      expect(hashes.reduce(nextStreamHash, body.streamHashBefore)).toBe(body.streamHash);
      seen.unshift(...hashes);
      before = body.events[0]!.cursor;
      after = body.streamHashBefore;
    }
    expect(after).toBe(STREAM_HASH_OF_NOTHING);
    expect(seen).toEqual(made.events.map(({ hash }) => hash));
  });
});

describe('two machines with one key (fault 23, 25)', () => {
  it('are told apart by their starts: the one that speaks again takes a new incarnation, both are told', async () => {
    const { made, hall } = await ready();
    const hello = (bootNonce: string, machine: string) => made.hello({ checkpoints: [], bootNonce, machine });
    expect((await hello('a', 'PC-3')).body.action).toBe('ok');
    const first = made.token();
    expect((await hello('b', 'PC-3-copy')).body).toMatchObject({ action: 'ok' });
    // A start that follows another is no clone as long as the one before keeps silent.
    expect(await server.query('select * from device_notice where hall = $1', [hall])).toEqual([]);
    made.setToken(first);
    expect((await made.pull(0)).body).toMatchObject({ error: 'token' });
    const told = (await hello('a', 'PC-3')).body;
    expect(told).toMatchObject({ action: 'cloned', token: '' });
    expect((await hello('b', 'PC-3-copy')).body).toMatchObject({ action: 'ok', twin: true });
    const [notice] = await server.query<{ name: string; detail: string }>(
      'select name, detail from device_notice where hall = $1',
      [hall],
    );
    expect(notice!.name).toBe('cloned');
    expect(JSON.parse(notice!.detail)).toMatchObject({
      first: { machine: 'PC-3' },
      second: { machine: 'PC-3-copy' },
    });
  });

  it('a device of before, which does not know the word, is told to fork', async () => {
    const { made } = await ready();
    for (const bootNonce of ['a', 'b']) await made.hello({ bootNonce });
    expect((await made.hello({ bootNonce: 'a' })).body.action).toBe('fork');
  });
});

describe('what a push carries', () => {
  it('a wrong signature gets nothing and leaves a trace (P3)', async () => {
    const { made, hall } = await ready();
    const batch = made.make(2);
    const signature = made.signText(
      headText({ hall, dev: made.dev, inc: made.inc, seq: 1, hash: batch[0]!.hash }),
    );
    expect((await made.push(batch, 1, { signature })).status).toBe(400);
    expect((await made.pull(0)).body.head).toBe(0);
    const traces = await server.query('select name from device_notice where hall = $1', [hall]);
    expect(traces).toEqual([{ name: 'wrong-signature' }]);
  });

  it('comes as gzip as well, within the same limits', async () => {
    const { made } = await ready();
    const send = (events: { bytes: string; hash: string }[], from: number) =>
      fetch(`${server.url}/v1/push`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-encoding': 'gzip',
          authorization: `Bearer ${made.token()}`,
        },
        body: gzipSync(JSON.stringify({ dev: made.dev, inc: made.inc, from, events })),
      });
    const batch = made.make(50).map(({ bytes, hash }) => ({ bytes, hash }));
    expect((await send(batch, 1)).status).toBe(200);
    // A few kilobytes that become five million.
    const bomb = made.make(1, { body: { text: 'x'.repeat(5_000_000) } });
    expect((await send(bomb, 51)).status).toBe(413);
    // Cut off on the way, and refused before anybody read it: neither ends the server.
    const cut = gzipSync(JSON.stringify({ text: 'x'.repeat(100_000) })).subarray(0, 80);
    for (const type of ['application/json', 'text/html']) {
      const answer = await fetch(`${server.url}/v1/push`, {
        method: 'POST',
        headers: { 'content-type': type, 'content-encoding': 'gzip' },
        body: cut,
      });
      expect(answer.status).toBeGreaterThanOrEqual(400);
    }
    expect((await made.pull(0)).body.head).toBe(50);
  });

  it('of a hall the device has left is still taken there, and of one it never was in is not (fault 26)', async () => {
    const { made, hall } = await ready();
    const left = made.make(2);
    await made.enrol(await server.newCode('669999', '1'));
    await made.hello();
    expect((await made.push(left, 1)).status).toBe(200);
    const { made: stays } = await ready(hall, '5');
    expect((await stays.pull(0)).body.head).toBe(2);
    expect((await made.pull(0)).body.head).toBe(0);
    const { made: foreign, hall: other } = await ready();
    const lie = foreign.make(1);
    await server.query('delete from former_place where dev = $1', [made.dev]);
    expect((await made.push(left, 1)).status).toBe(400);
    expect((await stays.push(lie, 1, { dev: stays.dev })).status).toBe(400);
    expect((await foreign.pull(0)).body.head).toBe(0);
    expect(await server.query('select name from device_notice where hall = $1', [other])).toEqual([]);
    expect(
      await server.query("select dev from device_notice where name = 'foreign-hall' and dev = $1", [
        stays.dev,
      ]),
    ).toHaveLength(1);
  });
});

describe('a command', () => {
  const ask = (made: Made, agg: string, station: string, cmd = `cmd-${Math.random()}`) =>
    made.call<{ granted?: boolean; error?: string; reason?: string; by?: string }>('POST', '/v1/command', {
      cmd,
      agg,
      type: 'ticket.called',
      body: { station },
      seen: { last: '', cursor: 0 },
    });

  it('is granted to one of two windows that ask at once, and refused once the fact is there (P1)', async () => {
    const { made: three, hall } = await ready();
    const { made: four } = await ready(hall, '4');
    await three.push(three.make(1, { agg: 'ticket/t1' }), 1);
    const both = await Promise.all([ask(three, 'ticket/t1', '3'), ask(four, 'ticket/t1', '4')]);
    expect(both.filter(({ status }) => status === 200)).toHaveLength(1);
    const [winner, loser, station] = both[0].status === 200 ? [three, four, '3'] : [four, three, '4'];
    const other = station === '3' ? '4' : '3';
    expect((await ask(loser, 'ticket/t1', other)).body).toMatchObject({
      error: 'refused',
      reason: 'held',
      by: station,
    });
    // Asked twice, answered alike.
    expect((await ask(winner, 'ticket/t1', station)).status).toBe(200);
    await winner.push(
      winner.make(1, { type: 'ticket.called', agg: 'ticket/t1', body: { station } }),
      winner.events.length,
    );
    await server.query('delete from command_grant where hall = $1', [hall]);
    expect((await ask(loser, 'ticket/t1', other)).body).toMatchObject({
      error: 'refused',
      reason: 'called-twice',
      by: station,
    });
  });

  it('of another hall asks about nothing of this one (P3)', async () => {
    const [a, b] = [await ready(), await ready()];
    expect((await ask(a.made, 'ticket/t1', '3')).status).toBe(200);
    expect((await ask(b.made, 'ticket/t1', '3')).status).toBe(200);
  });
});

describe('the administrator', () => {
  it('sees the devices of a hall with what to look at, and shuts one out at once', async () => {
    const { made, hall } = await ready();
    await made.push(made.make(2), 1);
    const run = (...args: string[]) => runServer([...args, '--data', server.dataFolder, '--hall', hall]);
    const listed = await run('device', 'list');
    expect(listed.out).toMatch(new RegExp(`^${made.dev}\t3\tA\tactive\t.*\t2$`, 'm'));
    const [retired, unknown] = await Promise.all([
      run('device', 'retire', '--id', made.dev),
      run('device', 'retire', '--id', 'NOBODY'),
    ]);
    expect(retired.code).toBe(0);
    expect(unknown).toMatchObject({ code: 1 });
    expect((await made.pull(0)).body).toMatchObject({ error: 'token' });
    expect((await made.hello()).body).toMatchObject({ action: 'retired', token: '' });
    const names = (await listDevices(server.database.pool, hall))[0]!.notices.map(({ name }) => name);
    expect(names).toEqual(['retired-speaks', 'retired']);
  });
});
