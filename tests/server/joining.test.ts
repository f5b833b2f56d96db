import { generateKeyPairSync } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from './device.ts';
import { startInProcess, startTestServer, type TestServer } from './start.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.dispose());

const device = () => testDevice(() => server.url);
/** Enrolled and greeted, in a hall of its own unless told otherwise. */
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
    const digits = code.replaceAll('0', 'o').replaceAll('1', 'l');
    const typed = ` ${digits.slice(0, 4).toLowerCase()}-${digits.slice(4)} `;
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
    await server.query(
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

  it('gives every device of a hall its own series, also when they all come at once', async () => {
    const codes: string[] = [];
    for (let i = 0; i < 30; i++) codes.push(await server.newCode('330109', String(i)));
    const answers = await Promise.all(codes.map((code) => device().enrol(code)));
    const series = answers.map((answer) => answer.body.series);
    expect(new Set(series).size).toBe(30);
    expect([...series].sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).slice(-7)).toEqual([
      'Z',
      'AA',
      'AB',
      'AC',
      'AD',
      'AE',
      'AF',
    ]);
    expect(series.join('')).not.toMatch(/[IO]/);
  });

  it('lets one code be redeemed by one of many who try at the same moment', async () => {
    const code = await server.newCode();
    const answers = await Promise.all(Array.from({ length: 6 }, () => device().enrol(code)));
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(answers.filter((answer) => answer.body.error === 'code')).toHaveLength(5);
  });

  it('keeps the series of a device that is given another window, and never reuses one', async () => {
    const [a, b] = [device(), device()];
    expect((await a.enrol(await server.newCode('330110', '1'))).body.series).toBe('A');
    expect((await a.enrol(await server.newCode('330110', '2'))).body).toMatchObject({
      series: 'A',
      station: '2',
    });
    await a.enrol(await server.newCode('330111', '1'));
    expect((await b.enrol(await server.newCode('330110', '1'))).body.series).toBe('B');
    expect((await a.enrol(await server.newCode('330110', '3'))).body.series).toBe('C');
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
  it('is stopped after ten wrong ones, also when they come all at once, also for the right one', async () => {
    const other = await startInProcess(server.database.url);
    const guesser = testDevice(() => other.url);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => guesser.enrol(String(i).padStart(8, '0'))),
    );
    expect(answers.filter((answer) => answer.status === 403)).toHaveLength(10);
    const late = await guesser.enrol(await server.newCode());
    expect(late).toMatchObject({ status: 429, body: { error: 'busy' } });
    expect(Number(late.retryAfter)).toBeGreaterThan(0);
    await other.stop();
  });

  it('does not count right ones', async () => {
    for (let i = 0; i < 15; i++) {
      expect((await device().enrol(await server.newCode('330112', String(i)))).status).toBe(201);
    }
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

  it('refuses a challenge made for another device, and one it did not make', async () => {
    const [a, b] = [await ready(), await ready()];
    expect((await a.made.hello({ challenge: await b.made.challenge() })).body.error).toBe('signature');
    const challenge = await a.made.challenge();
    const later = challenge.replace(/^\d+/, (at) => String(Number(at) + 1));
    expect((await a.made.hello({ challenge: later })).body.error).toBe('signature');
    expect((await a.made.hello({ challenge: 'x' })).body.error).toBe('signature');
  });

  it('tells a retired device so, gives it no session and ends the one it had', async () => {
    const { made } = await ready();
    await server.query("update device set state = 'retired' where dev = $1", [made.dev]);
    expect((await made.pull(0)).body).toMatchObject({ error: 'token' });
    const answer = await made.hello();
    expect(answer).toMatchObject({ status: 200, body: { action: 'retired', token: '' } });
    expect((await made.pull(0)).status).toBe(401);
  });

  it('takes a device that has pulled nothing for what it is, however it writes the hash of nothing', async () => {
    const { made } = await ready();
    expect((await made.hello({ cursor: 0, streamHash: '' })).body.action).toBe('ok');
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
    await server.query("update session set expires_at = now() - interval '1 second' where dev = $1", [
      made.dev,
    ]);
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
    ['POST', '/v1/enrol', { proto: 2 }],
    ['POST', '/v1/challenge', { dev: 7 }],
    ['GET', '/v1/nothing', undefined],
    ['GET', '/v1/%zz', undefined],
    ['DELETE', '/v1/push', undefined],
  ])('%s %s with nonsense is refused in our own words', async (method, path, body) => {
    const answer = await device().call<{ error: string }>(method, path, body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.header).toBe('1');
    expect(answer.body.error).toBeTruthy();
  });

  it('a NUL where a name should be is refused, not thrown at the database', async () => {
    const { made } = await ready();
    const hello = {
      proto: 1,
      app: '',
      dev: '\u0000',
      inc: made.inc,
      bootNonce: '',
      challenge: 'x',
      signature: 'AA==',
    };
    const rest = { head: { seq: 0, hash: '' }, cursor: 0, streamHash: '', now: '' };
    expect((await made.call('POST', '/v1/hello', { ...hello, ...rest })).status).toBe(401);
    expect((await made.push(made.make(1), 1, { inc: '\u0000' })).status).toBe(400);
  });

  it('a page in a browser gets nothing', async () => {
    const answer = await new Promise<number | undefined>((done, failed) => {
      const call = request(
        `${server.url}/v1/health`,
        { headers: { origin: 'http://evil.example' } },
        (response) => {
          response.resume();
          done(response.statusCode);
        },
      );
      call.on('error', failed).end();
    });
    expect(answer).toBe(403);
  });

  it('what is not HTTP is answered in our own words and let go', async () => {
    const { hostname, port } = new URL(server.url);
    const text = await new Promise<string>((done) => {
      const socket = connect(Number(port), hostname, () => socket.write('what is this\r\n\r\n'));
      let said = '';
      socket.on('data', (chunk) => (said += chunk.toString())).on('close', () => done(said));
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('x-zongchuang: 1');
    expect(text).toContain('"error":"bad-request"');
  });
});
