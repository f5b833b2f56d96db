import { createPublicKey, verify } from 'node:crypto';
import type { HttpPort, HttpRequest, HttpResponse } from '../../../electron/core/ports/http.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import { deviceId } from '../../../shared/sync/device-id.ts';
import { readEvent } from '../../../shared/sync/event.ts';
import { hashText, nextStreamHash, STREAM_HASH_OF_NOTHING } from '../../../shared/sync/hash.ts';
import {
  enrolRequest,
  helloRequest,
  helloText,
  pushRequest,
  SERVER_HEADER,
  wantRequest,
} from '../../../shared/sync/messages.ts';

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  contentType: 'application/json; charset=utf-8',
  headers: { [SERVER_HEADER]: '1', ...headers },
  body: JSON.stringify(body),
});
export const refuse = (status: number, error: string, more: object = {}, headers = {}): HttpResponse =>
  json(status, { error, message: error, ...more }, headers);
/** What a hotel's, airport's or office's gateway says to everything. */
export const portal: HttpResponse = {
  status: 200,
  contentType: 'text/html',
  headers: {},
  body: '<html>请先登录上网</html>',
};

/** Replaces or precedes an answer: a response, 'lost-before' (nothing arrived) or 'lost-after' (carried out, answer lost). */
export type Fault = HttpResponse | 'lost-before' | 'lost-after';

/** A server in memory that keeps the protocol's promises, with a place to put faults. */
export function createFakeServer() {
  const events: { bytes: string; hash: string }[] = [];
  const heads = new Map<string, { seq: number; hash: string }[]>();
  const devices = new Map<string, Buffer>();
  const tokens = new Map<string, string>();
  const faults: { path: string; fault: Fault }[] = [];
  const requests: { path: string; body: string | undefined; authorization: string | undefined }[] = [];
  const parked = new Set<() => void>();
  let tokenNo = 0;
  const server = {
    epoch: 'epoch-1',
    codes: new Set(['CODE-1234']),
    hall: 'hall-1',
    retired: false,
    unknown: false,
    down: false,
    pushLimit: 500,
    events,
    requests,
    heads,
    /** The next requests whose path begins so meet this. */
    fault(path: string, ...some: Fault[]) {
      for (const fault of some) faults.push({ path, fault });
    },
    calls: (path: string): number => requests.filter((request) => request.path.startsWith(path)).length,
    expireTokens: () => tokens.clear(),
    /** Goes back to the first `n` events, as after a restore. */
    restore(n: number) {
      events.splice(n);
      heads.clear();
      for (const { bytes, hash } of events) admit(bytes, hash);
    },
    /** Something of another device arrives in the hall. */
    arrive(bytes: string) {
      events.push({ bytes, hash: hashText(bytes) });
      server.wake();
    },
    /** Another machine with the same key and incarnation was here first. */
    clone(inc: string, seq: number, hash: string) {
      const head = heads.get(inc) ?? [];
      head[seq - 1] = { seq, hash };
      heads.set(inc, head);
    },
    wake() {
      for (const go of parked) go();
      parked.clear();
    },
    http: { request } satisfies HttpPort,
  };

  function admit(bytes: string, hash: string): void {
    const read = readEvent(bytes, hash);
    if (!read.ok) throw new Error(`the client sent an event that is not one: ${read.fault}`);
    const { inc, seq } = read.kept.event;
    const head = heads.get(inc) ?? [];
    head.push({ seq, hash });
    heads.set(inc, head);
  }

  const streamHash = (cursor: number): string =>
    events.slice(0, cursor).reduce((hash, event) => nextStreamHash(hash, event.hash), STREAM_HASH_OF_NOTHING);

  async function request(asked: HttpRequest): Promise<HttpResponse> {
    const url = new URL(asked.url);
    const path = url.pathname.replace('/v1', '');
    requests.push({ path, body: textOf(asked), authorization: asked.headers['authorization'] });
    await new Promise((resolve) => setImmediate(resolve));
    const at = faults.findIndex((each) => path.startsWith(each.path));
    const fault = at >= 0 ? faults.splice(at, 1)[0]?.fault : undefined;
    if (server.down || fault === 'lost-before') throw new CodedError('CENTRAL_UNREACHABLE', 'no route');
    if (fault && fault !== 'lost-after') return fault;
    const answer = await route(path, url, asked);
    if (fault === 'lost-after') throw new CodedError('CENTRAL_UNREACHABLE', 'cut off');
    return answer;
  }

  async function route(path: string, url: URL, asked: HttpRequest): Promise<HttpResponse> {
    const body: unknown = asked.body === undefined ? undefined : JSON.parse(textOf(asked) ?? '');
    if (path === '/enrol') return enrol(body);
    if (path === '/challenge')
      return server.unknown ? refuse(401, 'device') : json(200, { challenge: 'challenge-1' });
    if (path === '/hello') return hello(body);
    const dev = tokens.get(asked.headers['authorization']?.replace('Bearer ', '') ?? '');
    if (dev === undefined) return refuse(401, 'token');
    if (path === '/push') return push(body);
    if (path === '/want') {
      const asked = wantRequest.parse(body).heads;
      const lacking = asked.map((head) => ({ head, has: heads.get(head.inc)?.length ?? 0 }));
      const want = lacking
        .filter(({ head, has }) => has < head.seq)
        .map(({ head, has }) => ({ dev: head.dev, inc: head.inc, from: has + 1, to: head.seq }));
      return json(200, { want });
    }
    const since = Number(url.searchParams.get('since'));
    if (path === '/pull') {
      const page = events.slice(since, since + Number(url.searchParams.get('limit')));
      const numbered = page.map(({ bytes, hash }, i) => ({ cursor: since + 1 + i, bytes, hash }));
      return json(200, {
        epoch: server.epoch,
        events: numbered,
        head: events.length,
        streamHash: streamHash(since + page.length),
      });
    }
    if (path === '/hints') {
      while (events.length <= since && !asked.signal?.aborted) {
        await new Promise<void>((resolve) => {
          parked.add(resolve);
          asked.signal?.addEventListener('abort', () => resolve());
        });
      }
      if (asked.signal?.aborted) throw new CodedError('CENTRAL_UNREACHABLE', 'aborted');
      return json(200, { epoch: server.epoch, head: events.length });
    }
    return refuse(404, 'not-found');
  }

  function enrol(body: unknown): HttpResponse {
    const { code, dev, publicKey } = enrolRequest.parse(body);
    const key = Buffer.from(publicKey, 'base64');
    if (deviceId(key) !== dev) return refuse(400, 'bad-request');
    if (!server.codes.has(code)) return refuse(403, 'code');
    devices.set(dev, key);
    return json(201, {
      dev,
      hall: server.hall,
      hallName: '测试大厅',
      station: 'w-3',
      stationName: '三号窗口',
      series: 'C',
    });
  }

  function hello(body: unknown): HttpResponse {
    const said = helloRequest.parse(body);
    const raw = devices.get(said.dev);
    if (!raw) return refuse(401, 'device');
    // RFC 8410: the fixed start of an Ed25519 SubjectPublicKeyInfo.
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]);
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    const text = helloText({ ...said, seq: said.head.seq, hash: said.head.hash });
    if (!verify(null, Buffer.from(text), key, Buffer.from(said.signature, 'base64')))
      return refuse(401, 'signature');
    const head = heads.get(said.inc) ?? [];
    const device = head.at(-1) ?? { seq: 0, hash: '' };
    const theirs = head[said.head.seq - 1];
    const fork = theirs !== undefined && theirs.hash !== said.head.hash;
    const rewound = said.cursor > events.length || streamHash(said.cursor) !== said.streamHash;
    const token = `token-${++tokenNo}`;
    tokens.set(token, said.dev);
    const action = server.retired ? 'retired' : fork ? 'fork' : rewound ? 'rewound' : 'ok';
    return json(200, {
      epoch: server.epoch,
      now: new Date(Date.now() + 90_000).toISOString(),
      token,
      device,
      head: events.length,
      action,
    });
  }

  function push(body: unknown): HttpResponse {
    const sent = pushRequest.parse(body);
    if (sent.events.length > server.pushLimit) return refuse(413, 'too-large');
    const head = heads.get(sent.inc) ?? [];
    if (sent.from > head.length + 1) return refuse(409, 'gap', { expected: head.length + 1 });
    for (const [i, { hash }] of sent.events.entries()) {
      const theirs = head[sent.from - 1 + i];
      if (theirs && theirs.hash !== hash) return refuse(409, 'fork', { seq: theirs.seq, hash: theirs.hash });
    }
    sent.events.slice(Math.max(0, head.length - sent.from + 1)).forEach(({ bytes, hash }) => {
      admit(bytes, hash);
      events.push({ bytes, hash });
    });
    server.wake();
    const upTo = sent.from + sent.events.length - 1;
    return json(200, { upTo, hash: sent.events.at(-1)?.hash, epoch: server.epoch, notes: [] });
  }

  return server;
}
export type FakeServer = ReturnType<typeof createFakeServer>;

/** Everything that is not a blob travels as text. */
const textOf = ({ body }: HttpRequest): string | undefined => (typeof body === 'string' ? body : undefined);
