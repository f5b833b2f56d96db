import { request as httpRequest } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashText } from '../../../shared/sync/hash.ts';
import { refusal, SERVER_HEADER } from '../../../shared/sync/messages.ts';
import { testDevice } from '../device.ts';
import { startInProcess, startTestServer, type TestServer } from '../start.ts';
import type { RunningServer } from '../../../server/start-server.ts';
import { createServerLog } from '../../../server/api/log.ts';
import { broken, garbage, MARKER, valid, type Schema } from './from-schema.ts';

/** For each call and each way of being wrong; ZC_RUNS=2000 for an afternoon. */
const RUNS = Number(process.env['ZC_RUNS'] ?? 12);
const ANSWER_LIMIT_MS = 10_000;
/** Answers a caller may get for whatever was sent; 500 is none of them. */
const ALLOWED = [
  200, 201, 204, 304, 308, 400, 401, 403, 404, 405, 409, 411, 412, 413, 415, 416, 422, 429, 503,
];

interface Operation {
  requestBody?: { content: Record<string, { schema: Schema }> };
  parameters?: { name: string; in: string; schema: Schema }[];
  security?: unknown[];
}
interface Call {
  method: string;
  path: string;
  operation: Operation;
}
interface Got {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

let server: TestServer;
let running: RunningServer;
let calls: Call[];
const logged: string[] = [];
const devices: ReturnType<typeof testDevice>[] = [];
let at = 0;

beforeAll(async () => {
  server = await startTestServer();
  running = await startInProcess(server.database.url, { log: createServerLog((line) => logged.push(line)) });
  for (let i = 0; i < 4; i++) {
    const device = testDevice(() => running.url);
    await device.enrol(await server.newCode(i === 0 ? '440001' : '440002', String(i)));
    await device.hello();
    devices.push(device);
  }
  const document = (await (await fetch(`${running.url}/v1/openapi.json`)).json()) as {
    paths: Record<string, Record<string, Operation>>;
  };
  calls = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
});
afterAll(async () => {
  await running.stop();
  await server.dispose();
});

/** One raw exchange; streams are read for a moment and left. */
function send(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string | Uint8Array,
): Promise<Got> {
  const { hostname, port } = new URL(running.url);
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      request.destroy();
      reject(new Error(`${method} ${path} was left pending`));
    }, ANSWER_LIMIT_MS);
    const request = httpRequest({ hostname, port, method, path, headers }, (response) => {
      let text = '';
      const end = (): void => {
        clearTimeout(limit);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      };
      response.on('data', (data: Buffer) => {
        text += data.toString();
        if (/event-stream/.test(String(response.headers['content-type']))) {
          response.destroy();
          end();
        }
      });
      response.on('end', end);
      response.on('error', end);
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(limit);
      // Too much was sent and the server hung up while we were still sending: as good an answer as any.
      if (error.code === 'EPIPE' || error.code === 'ECONNRESET')
        resolve({
          status: 413,
          headers: { [SERVER_HEADER]: '1' },
          text: '{"error":"too-large","message":""}',
        });
      else reject(error);
    });
    request.end(body);
  });
}

/** What only somebody inside knows: true ids, and events of a true device that belong nowhere. It opens the deeper doors. */
function inside(): string[] {
  const device = devices[0]!;
  const [event] = device.make(1, { agg: 'ticket/forged' });
  device.events.pop();
  const forged = event!.bytes.replace('"seq":1', '"seq":99');
  return [device.dev, device.inc, forged, hashText(forged), event!.bytes, device.publicKey];
}

/** A lone surrogate has no place in an address. */
const encoded = (text: string): string => encodeURIComponent(text.replace(/[\ud800-\udfff]/g, '\ufffd'));

/** Path parameters and query of a call, good or bad. */
const address = ({ path, operation }: Call): fc.Arbitrary<string> =>
  fc
    .record({
      inPath: fc.oneof(fc.constantFrom('calendar', 'a'.repeat(64), '..%2f', MARKER), fc.string()),
      query: fc.array(
        fc.tuple(
          fc.constantFrom(...(operation.parameters ?? []).map(({ name }) => name), 'x'),
          fc.oneof(fc.constantFrom('0', '1', '-1', '1e9', '99999999999999999999', '', MARKER), fc.string()),
        ),
        { maxLength: 3 },
      ),
    })
    .map(({ inPath, query }) => {
      const filled = path.replace(/\{[^}]+\}/g, () => encoded(inPath) || 'x');
      const asked = query.map(([name, value]) => `${encodeURIComponent(name)}=${encoded(value)}`);
      return asked.length > 0 ? `${filled}?${asked.join('&')}` : filled;
    });

const bodyOf = ({ operation }: Call): fc.Arbitrary<string | Uint8Array | undefined> => {
  const schema = operation.requestBody?.content['application/json']?.schema;
  if (!schema) return fc.oneof(fc.constant(undefined), garbage);
  const asJson = (value: unknown): string => JSON.stringify(value);
  return fc.oneof(valid(schema, inside()).map(asJson), broken(schema, inside()).map(asJson), garbage);
};

const headersOf = fc.record(
  {
    'content-type': fc.constantFrom(
      'application/json',
      'application/json; charset=utf-16',
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/octet-stream',
    ),
    'content-encoding': fc.constantFrom('gzip', 'br', 'nonsense'),
    'content-range': fc.constantFrom('bytes 0-9/10', 'bytes 5-1/3', 'bytes */*', 'x'),
    'if-none-match': fc.constantFrom('*', '""', 'W/"x"', 'x'.repeat(5000)),
  },
  { requiredKeys: [] },
);

function check(call: Call, got: Got): void {
  const what = `${call.method} ${call.path} → ${got.status} ${got.text.slice(0, 200)}`;
  expect(ALLOWED, what).toContain(got.status);
  expect(got.headers[SERVER_HEADER], what).toBe('1');
  expect(got.text, what).not.toContain(MARKER);
  if (got.status >= 400 && call.method !== 'HEAD') {
    expect(refusal.safeParse(JSON.parse(got.text)).success, what).toBe(true);
  }
}

const wants = (call: Call): boolean => (call.operation.security?.length ?? 0) > 0;
/** Answers that are meant to take long: a parked hint, and the stream of them, which does not end. */
const parked = (call: Call, path: string): boolean =>
  call.path === '/v1/hints/stream' || (call.path === '/v1/hints' && !path.includes('since=0'));

describe("the server's calls, asked by somebody who means no good", () => {
  it(
    'every answer to malformed, oversized and unexpected calls is one of the refusals, and soon',
    async () => {
      for (const call of calls) {
        await fc.assert(
          fc.asyncProperty(
            address(call),
            bodyOf(call),
            headersOf,
            fc.boolean(),
            async (path, body, more, signed) => {
              if (parked(call, path)) return;
              const token = devices[at++ % devices.length]!.token();
              const got = await send(
                call.method,
                path,
                {
                  ...(body === undefined
                    ? {}
                    : {
                        'content-type': 'application/json',
                        'content-length': String(Buffer.byteLength(body)),
                      }),
                  ...more,
                  ...(signed ? { authorization: `Bearer ${token}` } : {}),
                },
                body,
              );
              check(call, got);
            },
          ),
          { numRuns: RUNS, seed: Number(process.env['ZC_SEED'] ?? 20_261_121) },
        );
      }
      const stored = await server.query<{ n: number }>('select count(*)::int as n from event');
      expect(stored[0]?.n).toBe(0);
      const health = await send('GET', '/v1/health', {});
      expect(health.status).toBe(200);
    },
    120_000 + RUNS * 2_000,
  );

  it('whoever is not signed in, or was once, or is a web page, gets nothing and leaves a trace', async () => {
    const expired = devices[3]!;
    const stale = expired.token();
    await server.query('update session set expires_at = now() - interval $$1 second$$ where dev = $1', [
      expired.dev,
    ]);
    const before = logged.length;
    for (const call of calls.filter(wants)) {
      const path = call.path.replace(/\{[^}]+\}/g, 'calendar');
      for (const authorization of ['', 'Bearer', 'Bearer nonsense', `Bearer ${stale}`, `Basic ${MARKER}`]) {
        const got = await send(call.method, path, authorization === '' ? {} : { authorization });
        expect([401, 429], `${call.method} ${path} ${authorization}`).toContain(got.status);
        check(call, got);
      }
      const page = await send(call.method, path, {
        authorization: `Bearer ${devices[1]!.token()}`,
        origin: 'https://example.invalid',
      });
      expect(page.status, `${call.method} ${path} from a web page`).toBe(403);
    }
    expect(logged.length).toBeGreaterThan(before);
  });

  it('what was sent a second time, or by another device, is not taken again or at all', async () => {
    const [mine, other] = [devices[0]!, devices[1]!];
    const batch = mine.make(3);
    expect((await mine.push(batch, 1)).status).toBe(200);
    expect((await mine.push(batch, 1)).body.upTo).toBe(3);
    expect((await other.push(batch, 1)).status).toBe(400);
    expect((await other.push(batch, 1, { dev: mine.dev, inc: mine.inc })).status).toBe(400);
    const [counted] = await server.query<{ n: number }>('select count(*)::int as n from event');
    expect(counted?.n).toBe(3);
    expect((await other.pull(0)).body.events).toEqual([]);
  });

  it('no log line repeats a number, a token or a body', () => {
    const text = logged.join('');
    expect(text.length).toBeGreaterThan(0);
    expect(text).not.toContain(MARKER);
    for (const device of devices) expect(text).not.toContain(device.token());
    expect(text).not.toContain('drop table');
  });
});
