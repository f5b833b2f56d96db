import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEvent } from '../../shared/sync/event.ts';
import { nextStreamHash, STREAM_HASH_OF_NOTHING } from '../../shared/sync/hash.ts';
import { HINT_PARK_SECONDS } from '../../shared/sync/messages.ts';
import { acceptedBody } from '../fixtures/cases.ts';
import { testDevice } from './device.ts';
import { startTestServer, type TestServer } from './start.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.dispose());

const device = () => testDevice(() => server.url);
/** Enrolled, greeted, in a hall of its own unless told otherwise. */
let halls = 0;
async function ready(hall = `44${String(++halls).padStart(4, '0')}`) {
  const made = device();
  await made.enrol(await server.newCode(hall));
  await made.hello();
  return { made, hall };
}

describe('enrolment', () => {
  it('gives a place and a series of its own for a one-time code', async () => {
    const [a, b] = [device(), device()];
    const first = await a.enrol(await server.newCode('330108', '5'));
    const second = await b.enrol(await server.newCode('330108', '6'));
    expect(first).toMatchObject({
      status: 201,
      header: '1',
      body: { hall: '330108', station: '5', stationName: '综合窗口5', series: 'A' },
    });
    expect(second.body.series).toBe('B');
  });

  it('takes the code as a person types it', async () => {
    const code = await server.newCode();
    const typed = ` ${code.slice(0, 4).toLowerCase()}-${code.slice(4)} `;
    expect((await device().enrol(typed)).status).toBe(201);
  });

  it('answers a repeat by the same device alike, because the first answer may have been lost', async () => {
    const a = device();
    const code = await server.newCode();
    const [first, second] = [await a.enrol(code), await a.enrol(code)];
    expect(second.body).toEqual(first.body);
  });

  it('answers wrong, used and expired codes all the same', async () => {
    const used = await server.newCode();
    await device().enrol(used);
    const old = await server.newCode();
    await server.database.pool.query(
      "update enrolment_code set expires_at = now() - interval '1 minute' where used_by is null",
    );
    const answers = await Promise.all([
      device().enrol('00000000'),
      device().enrol(used),
      device().enrol(old),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ status: 403, body: { error: 'code' } });
    expect(new Set(answers.map((answer) => answer.body.message)).size).toBe(1);
  });

  it('refuses an id that does not follow from the key', async () => {
    const a = device();
    const answer = await a.call('POST', '/v1/enrol', {
      proto: 1,
      code: 'x',
      dev: 'Z'.repeat(26),
      publicKey: a.publicKey,
    });
    expect(answer.status).toBe(400);
  });
});

describe('guessing codes', () => {
  it('is stopped after ten wrong ones, also for the right one', async () => {
    const other = await startTestServer();
    const guesser = testDevice(() => other.url);
    for (let i = 0; i < 10; i++) expect((await guesser.enrol(`0000000${i}`)).status).toBe(403);
    expect(await guesser.enrol(await other.newCode())).toMatchObject({
      status: 429,
      body: { error: 'busy' },
    });
    await other.dispose();
  });
});

describe('hello', () => {
  it('opens a session for a signature over a fresh challenge', async () => {
    const { made } = await ready();
    expect(made.token()).toMatch(/^[\w-]{40,}$/);
  });

  it('refuses a wrong key, an unknown device and a challenge used before', async () => {
    const { made } = await ready();
    const other = generateKeyPairSync('ed25519').privateKey;
    expect((await made.hello({ key: other })).body.error).toBe('signature');
    expect((await device().hello()).body.error).toBe('signature');
    const challenge = await made.challenge();
    expect((await made.hello({ challenge })).status).toBe(200);
    expect((await made.hello({ challenge })).body.error).toBe('signature');
  });

  it('refuses a retired device in words of its own', async () => {
    const { made } = await ready();
    await server.database.pool.query("update device set state = 'retired' where dev = $1", [made.dev]);
    expect(await made.hello()).toMatchObject({ status: 403, body: { error: 'device' } });
    expect((await made.pull(0)).status).toBe(401);
  });

  it('finds a device that lost its tail, and a past that is not its own', async () => {
    const { made } = await ready();
    await made.push(made.make(3), 1);
    expect((await made.hello({ head: { seq: 2, hash: made.events[1]!.hash } })).body.action).toBe('fork');
    expect((await made.hello({ head: { seq: 3, hash: 'f'.repeat(64) } })).body.action).toBe('fork');
    const page = (await made.pull(0)).body;
    expect((await made.hello({ cursor: 3, streamHash: page.streamHash })).body.action).toBe('ok');
    expect((await made.hello({ cursor: 3, streamHash: 'e'.repeat(64) })).body.action).toBe('rewound');
    expect((await made.hello({ cursor: 9, streamHash: page.streamHash })).body.action).toBe('rewound');
  });
});

describe('push', () => {
  it('takes events, and a repeat changes nothing (C8)', async () => {
    const { made } = await ready();
    const batch = made.make(5);
    const first = await made.push(batch, 1);
    const second = await made.push(batch, 1);
    expect(first.body).toMatchObject({ upTo: 5, hash: batch[4]!.hash, notes: [] });
    expect(second.body).toMatchObject({ upTo: 5 });
    expect((await made.pull(0)).body.head).toBe(5);
  });

  it('takes the new part of a batch whose first part it knows', async () => {
    const { made } = await ready();
    const batch = made.make(6);
    await made.push(batch.slice(0, 4), 1);
    expect((await made.push(batch.slice(2), 3)).body.upTo).toBe(6);
    expect((await made.pull(0)).body.events.map((event) => event.hash)).toEqual(
      batch.map((event) => event.hash),
    );
  });

  it('names what it expects when events are missing', async () => {
    const { made } = await ready();
    const batch = made.make(5);
    expect(await made.push(batch.slice(3), 4)).toMatchObject({
      status: 409,
      body: { error: 'gap', expected: 1 },
    });
  });

  it('names the place where two pasts part', async () => {
    const { made } = await ready();
    await made.push(made.make(3), 1);
    const [, , third] = made.events.splice(2);
    expect(third).toBeUndefined();
    const other = made.make(2, { agg: 'ticket/other' });
    const answer = await made.push(other, 3);
    expect(answer).toMatchObject({ status: 409, body: { error: 'fork', seq: 3 } });
    expect(answer.body.hash).not.toBe(other[0]!.hash);
    expect((await made.pull(0)).body.head).toBe(3);
  });

  it.each(['hall', 'dev', 'inc', 'seq', 'prev'] as const)(
    'refuses a whole batch when an envelope lies about its %s',
    async (field) => {
      const { made } = await ready();
      const [good, bad] = made.make(2);
      const lie = { ...bad!.event, [field]: field === 'seq' ? 7 : 'x' };
      const draft = { ...lie, seen: lie.seen, body: lie.body as never };
      const forged = makeEvent(
        draft,
        { hall: lie.hall, dev: lie.dev, inc: lie.inc, station: lie.station },
        lie,
      );
      const answer = await made.push([good!, forged], 1);
      expect(answer).toMatchObject({ status: 400, body: { error: 'bad-request', seq: 2 } });
      expect((await made.pull(0)).body.head).toBe(0);
    },
  );

  it('refuses bytes that are not what their hash says', async () => {
    const { made } = await ready();
    const [event] = made.make(1);
    const answer = await made.push([{ bytes: event!.bytes.replace('A001', 'A002'), hash: event!.hash }], 1);
    expect(answer.body.message).toContain('hash-differs');
  });

  it('stores, numbers and flags what it cannot interpret, so that nothing behind it waits (S6)', async () => {
    const { made } = await ready();
    const batch = [
      ...made.make(1, { type: 'future.thing', agg: 'future/1', body: { x: '\u0000 and \ud83d\ude00' } }),
      ...made.make(1, { type: 'case.accepted', agg: 'case/broken', body: { nonsense: true } }),
      ...made.make(1),
    ];
    const answer = await made.push(batch, 1);
    expect(answer.body.upTo).toBe(3);
    expect(answer.body.notes).toContainEqual({ seq: 1, note: 'unknown-type' });
    expect((await made.pull(0)).body.events.map((event) => event.bytes)).toEqual(
      batch.map((event) => event.bytes),
    );
  });

  it('asks for smaller batches in its own words', async () => {
    const { made } = await ready();
    const big = made.make(2, { body: { text: 'x'.repeat(1_500_000) } });
    expect(await made.push(big, 1)).toMatchObject({ status: 413, header: '1', body: { error: 'too-large' } });
  });

  it('keeps a picture of cases that a back office can query, without ID numbers', async () => {
    const { made, hall } = await ready();
    await made.push(
      made.make(1, { type: 'case.accepted', agg: 'case/c1', body: acceptedBody(1) as never }),
      1,
    );
    const found = await server.database.pool.query('select * from case_row where hall = $1', [hall]);
    expect(found.rows).toMatchObject([
      { case_no: acceptedBody(1).caseNo, item_name: '灵活就业参保登记', status: 'accepted' },
    ]);
    expect(JSON.stringify(found.rows)).not.toContain('110101190001017777');
  });

  it('flags the same conflict the windows show', async () => {
    const a = await ready();
    const b = device();
    await b.enrol(await server.newCode(a.hall, '4'));
    await b.hello();
    await a.made.push(a.made.make(1, { agg: 'ticket/t1' }), 1);
    await a.made.push(a.made.make(1, { type: 'ticket.called', agg: 'ticket/t1', body: { station: '3' } }), 2);
    const answer = await b.push(
      b.make(1, { type: 'ticket.called', agg: 'ticket/t1', body: { station: '4' } }),
      1,
    );
    expect(answer.body.notes).toEqual([{ seq: 1, note: 'conflict' }]);
  });
});

describe('pull and hints', () => {
  it('pages through the stream and proves each page by its stream hash', async () => {
    const { made } = await ready();
    await made.push(made.make(25), 1);
    let since = 0;
    let hash = STREAM_HASH_OF_NOTHING;
    const seen: string[] = [];
    for (;;) {
      const page = (await made.pull(since, 10)).body;
      hash = page.events.reduce((before, event) => nextStreamHash(before, event.hash), hash);
      expect(page.streamHash).toBe(hash);
      seen.push(...page.events.map((event) => event.hash));
      since = page.events.at(-1)?.cursor ?? since;
      if (since === page.head) break;
    }
    expect(seen).toEqual(made.events.map((event) => event.hash));
  });

  it('wakes a parked hint soon after the commit', async () => {
    const { made } = await ready();
    const hint = made.call<{ head: number }>('GET', '/v1/hints?since=0');
    await new Promise((resolve) => setTimeout(resolve, 200));
    const began = performance.now();
    await made.push(made.make(1), 1);
    expect((await hint).body.head).toBe(1);
    // Not a benchmark: it tells being woken from being let go after the parking time.
    expect(performance.now() - began).toBeLessThan((HINT_PARK_SECONDS * 1000) / 5);
  });

  it('answers a hint at once when the news is older than the question', async () => {
    const { made } = await ready();
    await made.push(made.make(2), 1);
    expect((await made.call<{ head: number }>('GET', '/v1/hints?since=1')).body.head).toBe(2);
  });
});

describe('who may see what (P3)', () => {
  it('a hall sees nothing of another', async () => {
    const [a, b] = [await ready(), await ready()];
    await a.made.push(a.made.make(4), 1);
    expect((await b.made.pull(0)).body).toMatchObject({ events: [], head: 0 });
    const answer = await b.made.push(a.made.events, 1, { dev: a.made.dev, inc: a.made.inc });
    expect(answer.status).toBe(400);
  });

  it.each(['/v1/pull?since=0', '/v1/hints?since=0'])('%s without a session gets nothing', async (path) => {
    expect((await device().call('GET', path)).status).toBe(401);
  });

  it('an old token gets nothing', async () => {
    const { made } = await ready();
    await server.database.pool.query(
      "update session set expires_at = now() - interval '1 second' where dev = $1",
      [made.dev],
    );
    expect(await made.pull(0)).toMatchObject({ status: 401, body: { error: 'token' } });
  });

  it('a device that asks too much is told to wait, and another is not touched by it', async () => {
    const [a, b] = [await ready(), await ready()];
    const flood = await Promise.all(Array.from({ length: 120 }, () => a.made.pull(0)));
    expect(flood.some((answer) => answer.status === 429)).toBe(true);
    expect((await b.made.pull(0)).status).toBe(200);
  });

  it.each([
    ['POST', '/v1/push', 'not an object'],
    ['POST', '/v1/hello', {}],
    ['GET', '/v1/nothing', undefined],
    ['GET', '/v1/../meta', undefined],
  ])('%s %s with nonsense is refused in our own words', async (method, path, body) => {
    const answer = await device().call<{ error: string }>(method, path, body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.header).toBe('1');
    expect(answer.body.error).toBeTruthy();
  });
});

describe('the documents it gives about itself', () => {
  it('describes every call in OpenAPI', async () => {
    const { body } = await device().call<{ paths: Record<string, unknown> }>('GET', '/v1/openapi.json');
    expect(Object.keys(body.paths)).toEqual([
      '/v1/enrol',
      '/v1/challenge',
      '/v1/hello',
      '/v1/push',
      '/v1/pull',
      '/v1/hints',
      '/v1/health',
    ]);
  });
});
