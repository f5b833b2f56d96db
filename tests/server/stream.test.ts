import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../shared/sync/canonical-json.ts';
import { makeEvent } from '../../shared/sync/event.ts';
import { hashText, nextStreamHash, STREAM_HASH_OF_NOTHING } from '../../shared/sync/hash.ts';
import { acceptedBody } from '../fixtures/cases.ts';
import { testDevice } from './device.ts';
import { startInProcess, startTestServer, type TestServer } from './start.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.dispose());

/** Enrolled and greeted, in a hall of its own unless told otherwise. */
let halls = 0;
async function ready(hall = `44${String(++halls).padStart(4, '0')}`, station = '3') {
  const made = testDevice(() => server.url);
  await made.enrol(await server.newCode(hall, station));
  await made.hello();
  return { made, hall };
}
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

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

  it('refuses a first event that claims to follow another', async () => {
    const { made } = await ready();
    const [event] = made.make(1);
    const forged = makeEvent(
      { ...event!.event, body: {} },
      { ...event!.event },
      { seq: 1, prev: 'a'.repeat(64), cmd: 'cmd-00001', at: event!.event.at },
    );
    expect(await made.push([forged], 1)).toMatchObject({
      status: 400,
      body: { error: 'bad-request', seq: 1 },
    });
  });

  it('names the fork when a new event follows another past than the one here', async () => {
    const { made } = await ready();
    const [first] = made.make(1);
    await made.push([first!], 1);
    const next = makeEvent(
      { ...first!.event, body: {} },
      { ...first!.event },
      { seq: 2, prev: 'a'.repeat(64), cmd: 'cmd-00002', at: first!.event.at },
    );
    expect(await made.push([next], 2)).toMatchObject({
      status: 409,
      body: { error: 'fork', seq: 1, hash: first!.hash },
    });
  });

  it('refuses bytes that are not in canonical form', async () => {
    const { made } = await ready();
    const [event] = made.make(1);
    const bytes = event!.bytes.replace('{', '{ ');
    const answer = await made.push([{ bytes, hash: hashText(bytes) }], 1);
    expect(answer.body.message).toContain('not-canonical');
  });

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

  it('no content of an honest event can hold up those behind it (S6)', async () => {
    const { made } = await ready();
    const deep = JSON.parse('['.repeat(500) + ']'.repeat(500)) as Json;
    const batch = [
      ...made.make(1, { type: 'ticket.taken\u0000' }),
      ...made.make(1, { agg: `case/${'长'.repeat(5000)}` }),
      ...made.make(1, { agg: 'ticket/\u0000' }),
      ...made.make(1, { typeV: 1e300 }),
      ...made.make(1, { type: 'case.accepted', agg: 'case/odd', body: { caseNo: '\u0000', deep } }),
      ...made.make(1, {
        type: 'case.accepted',
        agg: 'case/nul',
        body: { ...acceptedBody(1), caseNo: `\u0000${'9'.repeat(5000)}` } as never,
      }),
      ...made.make(1, {
        agg: 'ticket/nul',
        body: { no: '\u0000', class: 'normal', day: '\ud83d\ude00'.repeat(300) },
      }),
      ...made.make(1, { agg: '__proto__', body: { constructor: 'x', toString: 1 } }),
      ...made.make(1),
    ];
    const answer = await made.push(batch, 1);
    expect(answer.body.upTo).toBe(batch.length);
    expect((await made.pull(0)).body.events.map((event) => event.bytes)).toEqual(
      batch.map((event) => event.bytes),
    );
    expect(answer.body.notes).toContainEqual({ seq: 5, note: 'unreadable' });
    // The answer may have been lost: the repeat says the same.
    expect((await made.push(batch, 1)).body).toEqual(answer.body);
  });

  it('pushes of one incarnation that cross on the way leave one chain', async () => {
    const { made } = await ready();
    const batch = made.make(30);
    const answers = await Promise.all(
      [1, 1, 1, 11, 11, 21].map((from) => made.push(batch.slice(from - 1, from + 9), from)),
    );
    for (const { status, body } of answers) {
      if (status !== 200) expect(body).toMatchObject({ error: 'gap' });
    }
    expect((await made.push(batch, 1)).body.upTo).toBe(30);
    expect((await made.pull(0)).body.events.map((event) => event.hash)).toEqual(
      batch.map((event) => event.hash),
    );
  });

  it('takes one event that is as large as a batch may be', async () => {
    const { made } = await ready();
    const [event] = made.make(1, { body: { text: '"'.repeat(400_000) } });
    expect((await made.push([event!], 1)).status).toBe(200);
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
    const found = await server.query('select * from case_row where hall = $1', [hall]);
    expect(found).toMatchObject([
      { case_no: acceptedBody(1).caseNo, item_name: '灵活就业参保登记', status: 'accepted' },
    ]);
    expect(JSON.stringify(found)).not.toContain('110101190001017777');
  });

  it('flags the same conflict the windows show', async () => {
    const a = await ready();
    const { made: b } = await ready(a.hall, '4');
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

  it('ends a page early when its events are large, and leaves none out', async () => {
    const { made } = await ready();
    for (let seq = 1; seq <= 6; seq++) {
      await made.push(made.make(1, { body: { text: 'x'.repeat(900_000) } }), seq);
    }
    const first = (await made.pull(0)).body;
    expect(first.events.map((event) => event.cursor)).toEqual([1, 2, 3, 4]);
    const second = (await made.pull(4)).body;
    expect(second.events.map((event) => event.cursor)).toEqual([5, 6]);
    const hashes = [...first.events, ...second.events].map((event) => event.hash);
    expect(second.streamHash).toBe(hashes.reduce(nextStreamHash, STREAM_HASH_OF_NOTHING));
  });

  it('wakes a parked hint within 200 ms of the acknowledgement', async () => {
    const { made } = await ready();
    let wokenAt = 0;
    const hint = made.call<{ head: number }>('GET', '/v1/hints?since=0').then((answer) => {
      wokenAt = performance.now();
      return answer;
    });
    await sleep(300);
    expect(wokenAt).toBe(0);
    await made.push(made.make(1), 1);
    const acknowledgedAt = performance.now();
    expect((await hint).body.head).toBe(1);
    expect(wokenAt - acknowledgedAt).toBeLessThan(200);
  });

  it('wakes a hint that is parked at another server on the same database', async () => {
    const other = await startInProcess(server.database.url);
    const { made, hall } = await ready();
    const reader = testDevice(() => other.url);
    await reader.enrol(await server.newCode(hall, '9'));
    await reader.hello();
    const hint = reader.call<{ head: number }>('GET', '/v1/hints?since=0');
    await sleep(300);
    const began = performance.now();
    await made.push(made.make(1), 1);
    expect((await hint).body.head).toBe(1);
    // Far below the parking time: it was told, it did not merely look again.
    expect(performance.now() - began).toBeLessThan(5_000);
    await other.stop();
  });

  it('does not wake the hints of another hall', async () => {
    const [a, b] = [await ready(), await ready()];
    let woken = false;
    const hint = b.made.call<{ head: number }>('GET', '/v1/hints?since=0').then((answer) => {
      woken = true;
      return answer;
    });
    await sleep(100);
    await a.made.push(a.made.make(1), 1);
    await sleep(200);
    expect(woken).toBe(false);
    await b.made.push(b.made.make(1), 1);
    expect((await hint).body.head).toBe(1);
  });

  it('tells a stream the head at once and then whenever it moves, and nothing of another hall', async () => {
    const [a, b] = [await ready(), await ready()];
    await a.made.push(a.made.make(2), 1);
    const control = new AbortController();
    const response = await fetch(`${server.url}/v1/hints/stream`, {
      headers: { authorization: `Bearer ${a.made.token()}` },
      signal: control.signal,
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(response.headers.get('x-zongchuang')).toBe('1');
    let said = '';
    const reading = (async () => {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>)
        said += Buffer.from(chunk).toString();
    })().catch(() => undefined);
    const heads = (): number[] => [...said.matchAll(/"head":(\d+)/g)].map(([, head]) => Number(head));
    const until = async (head: number) => {
      for (let i = 0; heads().at(-1) !== head && i < 100; i++) await sleep(20);
    };
    await until(2);
    await b.made.push(b.made.make(1), 1);
    await a.made.push(a.made.make(3), 3);
    await until(5);
    expect(heads()).toEqual([2, 5]);
    control.abort();
    await reading;
    expect((await fetch(`${server.url}/v1/hints/stream`)).status).toBe(401);
  });

  it('answers a hint at once when the news is older than the question', async () => {
    const { made } = await ready();
    await made.push(made.make(2), 1);
    expect((await made.call<{ head: number }>('GET', '/v1/hints?since=1')).body.head).toBe(2);
  });
});
