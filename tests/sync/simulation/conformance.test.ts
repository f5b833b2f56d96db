import { createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deviceId } from '../../../shared/sync/device-id.ts';
import { makeEvent, type KeptEvent } from '../../../shared/sync/event.ts';
import { nextStreamHash, STREAM_HASH_OF_NOTHING } from '../../../shared/sync/hash.ts';
import { headText, helloText } from '../../../shared/sync/messages.ts';
import { startTestServer, type TestServer } from '../../server/start.ts';
import { createModelServer, type ModelServer } from './model-server.ts';
import { createRandom, type Random } from './random.ts';

/** What the two may differ in: clocks, secrets, words for people, the series of letters, flags that need a fold. */
const OWN_AFFAIR = [
  'now',
  'token',
  'challenge',
  'message',
  'series',
  'epoch',
  'notes',
  'certificate',
  'place',
];
const CALLS = 280;
const SEED = Number(process.env['ZC_SEED'] ?? 20261121);
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

interface Answer {
  status: number;
  body: Record<string, unknown>;
}
/** One of the two servers, as a client sees it. */
interface Side {
  call(method: 'GET' | 'POST', path: string, body: unknown, token: string): Promise<Answer>;
  newCode(station: string): Promise<string>;
  retire(dev: string): Promise<void>;
}

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.dispose());

it('the model of the server answers a random day of calls as the real server does', async () => {
  const random = createRandom(SEED);
  const sides = [realSide(server), modelSide()];
  const clients = Array.from({ length: 5 }, (_, i) => createClient(random.fork(`client-${i}`), sides, i));
  const statuses = new Map<string, number>();
  for (let i = 0; i < CALLS; i++) {
    const { what, answers } = await random.pick(clients).doSomething();
    const [real, model] = answers.map(({ status, body }) => ({ status, ...shown(body) }));
    expect(model, `seed ${SEED}, call ${i}: ${what}`).toEqual(real);
    const said = (real ?? {}) as Record<string, string | number | undefined>;
    const key = `${what.split(' ')[0]} ${said['status'] ?? ''} ${said['error'] ?? said['action'] ?? ''}`;
    statuses.set(key, (statuses.get(key) ?? 0) + 1);
  }
  // The day must have had all of it, or the comparison says little.
  const seen = [...statuses.keys()];
  for (const must of [
    'enrol 201 ',
    'enrol 403 code',
    'hello 200 ok',
    'hello 200 fork',
    'hello 200 rewound',
    'hello 401 signature',
    'push 200 ',
    'push 409 gap',
    'push 409 fork',
    'push 400 bad-request',
    'pull 200 ',
    'pull 401 token',
    'hints 200 ',
    'hello 200 cloned',
    'snapshot 200 ',
    'want 200 ',
    'donate 200 ',
    'donate 400 bad-request',
  ])
    expect(seen, `seed ${SEED}`).toContain(must);
}, 180_000);

const shown = (body: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(body).filter(([key]) => !OWN_AFFAIR.includes(key)));

function realSide(real: TestServer): Side {
  return {
    async call(method, path, body, token) {
      const response = await fetch(real.url + path, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as Answer['body'] };
    },
    newCode: (station) => real.newCode('330102', station),
    retire: async (dev) => {
      await real.query(`update device set state = 'retired' where dev = $1`, [dev]);
    },
  };
}

function modelSide(): Side {
  let fresh = 0;
  const model: ModelServer = createModelServer({
    now: () => Date.now(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    epoch: 'epoch-0',
    fresh: (what) => `${what}-${++fresh}`,
    verify: (publicKey, text, signature) => {
      const der = Buffer.concat([SPKI, Buffer.from(publicKey, 'base64')]);
      const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
      return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
    },
  });
  return {
    async call(method, path, body, token) {
      const { status, body: text } = await model.handle({
        method,
        url: `http://model${path}`,
        headers: token === '' ? {} : { authorization: `Bearer ${token}` },
        timeoutMs: 10_000,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status, body: JSON.parse(text) as Answer['body'] };
    },
    newCode: (station) =>
      Promise.resolve(
        model.newCode({
          hall: '330102',
          hallName: '测试大厅330102',
          station,
          stationName: `综合窗口${station}`,
          series: 'A',
        }),
      ),
    retire: async (dev) => model.retire(dev),
  };
}

/** What everybody has made, by `dev/inc`, and with which key. */
const everybody = new Map<string, KeptEvent[]>();
const keys = new Map<string, KeyObject>();

/** A device that tells the truth most of the time, and both servers the same. */
function createClient(random: Random, sides: Side[], no: number) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const dev = deviceId(raw);
  const incs = [hex(random), hex(random)];
  const chains = new Map<string, KeptEvent[]>(incs.map((inc) => [inc, []]));
  const sent = new Map<string, number>();
  keys.set(dev, privateKey);
  for (const [inc, chain] of chains) everybody.set(`${dev}/${inc}`, chain);
  const tokens = sides.map(() => '');
  const usedChallenges: string[][] = sides.map(() => []);
  let codes: string[] | null = null;
  let enrolled = false;
  let wrongLeft = 1;
  /** What this device has seen of the stream. */
  let [cursor, streamHash] = [0, STREAM_HASH_OF_NOTHING];
  const seen: { cursor: number; streamHash: string }[] = [];

  const both = (method: 'GET' | 'POST', path: string, body: unknown): Promise<Answer[]> =>
    Promise.all(sides.map((side, i) => side.call(method, path, body, tokens[i] ?? '')));

  async function enrol() {
    codes ??= await Promise.all(sides.map((side) => side.newCode(String(no))));
    // Guessing is slowed down by the real one, which is another test's affair.
    const wrong = wrongLeft > 0 && random.chance(0.4);
    if (wrong) wrongLeft--;
    const answers = await Promise.all(
      sides.map((side, i) =>
        side.call(
          'POST',
          '/v1/enrol',
          {
            proto: 1,
            code: wrong ? 'XXXX-0000' : codes![i],
            dev,
            publicKey: raw.toString('base64'),
          },
          '',
        ),
      ),
    );
    enrolled ||= answers[0]?.status === 201;
    return { what: `enrol${wrong ? ' with a wrong code' : ''}`, answers };
  }

  async function hello() {
    const inc = random.pick(incs);
    const chain = chains.get(inc)!;
    const seq = random.chance(0.7) ? chain.length : random.below(chain.length + 1);
    const hash = random.chance(0.85) ? (chain[seq - 1]?.hash ?? '') : 'f'.repeat(64);
    const place = random.chance(0.8) ? { cursor, streamHash } : { cursor: cursor + 3, streamHash };
    const lies = random.chance(0.1);
    const again = random.chance(0.1);
    const bootNonce = random.chance(0.8) ? 'first' : 'second';
    const checkpoints = random.chance(0.6) ? seen.slice(-3).reverse() : undefined;
    const answers = await Promise.all(
      sides.map(async (side, i) => {
        const old = usedChallenges[i]!.at(-1);
        const asked = await side.call('POST', '/v1/challenge', { dev }, '');
        const challenge = again && old !== undefined ? old : String(asked.body['challenge']);
        usedChallenges[i]!.push(challenge);
        const text = helloText({ challenge, dev, inc, seq, hash });
        const answer = await side.call(
          'POST',
          '/v1/hello',
          {
            proto: 1,
            app: 'test',
            dev,
            inc,
            bootNonce,
            challenge,
            signature: signed(lies ? `${text}!` : text, privateKey),
            head: { seq, hash },
            ...place,
            ...(checkpoints ? { checkpoints } : {}),
            now: '2026-11-21T09:00:00.000+08:00',
          },
          '',
        );
        if (answer.status === 200) tokens[i] = String(answer.body['token']);
        return answer;
      }),
    );
    return {
      what: `hello ${inc.slice(0, 4)}/${seq} at ${place.cursor}${lies ? ', badly signed' : ''}${again ? ', old challenge' : ''}`,
      answers,
    };
  }

  function grow(inc: string): void {
    const chain = chains.get(inc)!;
    const seq = chain.length + 1;
    chain.push(
      makeEvent(
        {
          type: random.pick(['ticket.taken', 'weather.noted']),
          typeV: 1,
          agg: `ticket/${no}-${inc.slice(0, 4)}-${seq}`,
          seen: { last: '', cursor: 0 },
          user: 'u',
          body: { no: `A${String(seq).padStart(3, '0')}`, class: 'normal', day: '2026-11-21' },
        },
        { hall: '330102', dev, inc, station: String(no) },
        { seq, prev: chain.at(-1)?.hash ?? '', cmd: `cmd-${no}-${seq}`, at: '2026-11-21T09:00:00.000+08:00' },
      ),
    );
  }

  async function push() {
    const inc = random.pick(incs);
    const chain = chains.get(inc)!;
    for (let i = random.below(4); i > 0; i--) grow(inc);
    // Its disk was put back: what it had sent it makes again, with other words.
    const was = sent.get(inc) ?? 0;
    if (was > 0 && random.chance(0.15)) {
      chain.splice(was - 1);
      sent.set(inc, was - random.below(2));
      for (let i = 0; i < 2; i++) grow(inc);
    }
    if (chain.length === 0) grow(inc);
    const honest = Math.min(sent.get(inc) ?? 0, chain.length - 1) + 1;
    const from = random.chance(0.7) ? honest : random.between(1, chain.length + 1);
    const events = chain.slice(from - 1, from + 5).map(({ bytes, hash }) => ({ bytes, hash }));
    const lie = random.chance(0.15) ? random.pick(['dev', 'inc', 'hash', 'from', 'none']) : '';
    const end = { seq: from + events.length - 1, hash: events.at(-1)?.hash ?? '' };
    const head = headText({ hall: '330102', dev, inc, ...end });
    const body = { dev, inc, from, events } as Record<string, unknown>;
    if (random.chance(0.7)) body['signature'] = signed(random.chance(0.9) ? head : `${head}!`, privateKey);
    if (lie === 'dev') body['dev'] = 'X'.repeat(26);
    if (lie === 'inc') body['inc'] = hex(random);
    if (lie === 'hash') events[0]!.hash = '0'.repeat(64);
    if (lie === 'from') body['from'] = from + 1;
    if (lie === 'none') body['events'] = [];
    const answers = await both('POST', '/v1/push', body);
    if (answers[0]?.status === 200) sent.set(inc, Number(answers[0].body['upTo']));
    return { what: `push ${inc.slice(0, 4)}/${from} ×${events.length} ${lie}`, answers };
  }

  async function pull() {
    const since = random.chance(0.7) ? cursor : random.below(cursor + 5);
    const limit = random.pick([1, 3, 500, 1000, 0, 1001]);
    const answers = await both('GET', `/v1/pull?since=${since}&limit=${limit}`, undefined);
    const events = (answers[0]?.body['events'] ?? []) as { cursor: number; hash: string }[];
    if (since === cursor)
      for (const event of events)
        [cursor, streamHash] = [event.cursor, nextStreamHash(streamHash, event.hash)];
    return { what: `pull ${since} ${limit}`, answers };
  }

  async function snapshot() {
    const query = `before=${random.below(cursor + 4)}&limit=${random.pick([1, 4, 500])}`;
    return { what: `snapshot ${query}`, answers: await both('GET', `/v1/snapshot?${query}`, undefined) };
  }

  async function want() {
    const heads = [...everybody].map(([key, chain]) => {
      const [by = '', inc = ''] = key.split('/');
      return { dev: by, inc, seq: chain.length + 1 };
    });
    return { what: 'want', answers: await both('POST', '/v1/want', { heads }) };
  }

  /** Somebody else's events, some signed, as after a restore. */
  async function donate() {
    const [key, chain] = random.pick([...everybody]);
    const [by = '', inc = ''] = key.split('/');
    const start = random.below(chain.length + 1);
    const run = chain.slice(start, start + 4);
    const author = keys.get(by)!;
    const events = run.map(({ bytes, hash, event: { seq } }) => {
      const head = headText({ hall: '330102', dev: by, inc, seq, hash });
      const sig = random.chance(0.5) ? signed(random.chance(0.8) ? head : `${head}!`, author) : undefined;
      return sig === undefined ? { bytes, hash } : { bytes, hash, sig };
    });
    const answers = await both('POST', '/v1/donate', { dev: by, inc, events });
    return { what: `donate ${inc.slice(0, 4)}/${start + 1} ×${events.length}`, answers };
  }

  async function hints() {
    // Only what is answered at once: parking is a matter of time, not of content.
    const answers = await both('GET', `/v1/hints?since=0`, undefined);
    return { what: 'hints 0', answers };
  }

  async function retire() {
    await Promise.all(sides.map((side) => side.retire(dev)));
    return { what: 'retire', answers: sides.map(() => ({ status: 0, body: {} })) };
  }

  return {
    doSomething() {
      const dice = random.float();
      if (!enrolled && dice < 0.5) return enrol();
      if (dice < 0.05) return enrol();
      if (dice < 0.28) return hello();
      if (dice < 0.75) return push();
      if (dice < 0.86) return pull();
      if (dice < 0.9) return snapshot();
      if (dice < 0.93) return want();
      if (dice < 0.97) return donate();
      if (dice < 0.99 && cursor > 0) return hints();
      return no === 4 ? retire() : pull();
    },
  };
}

const hex = (random: Random): string => Buffer.from(random.bytes(16)).toString('hex');
const signed = (text: string, key: KeyObject): string =>
  sign(null, Buffer.from(text), key).toString('base64');
