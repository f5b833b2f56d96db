import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Dice } from './random.ts';

/**
 * A network between window and server that does what hall networks do (faults 12, 13 and 15): everything that passes
 * it is treated by the fault of the moment.
 */
export const FAULTS = [
  'cut',
  'stall',
  'request-cut',
  'answer-cut',
  'answer-dropped',
  'twice',
  'portal',
  'status',
  'old-answer',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface FaultyLine {
  url: string;
  /** null: a sound network again. */
  set(fault: Fault | null): void;
  /** How often each fault met a call. */
  met: Readonly<Record<string, number>>;
  close(): Promise<void>;
}

const PORTAL = '<!doctype html><title>欢迎使用大厅无线网络</title><form action="/login">登录后上网</form>';
/** What proxies and our own server say when they do not take a call. */
const REFUSALS = [
  { status: 502, type: 'text/html', body: '<h1>502 Bad Gateway</h1>', headers: {} },
  { status: 503, type: 'text/html', body: '<h1>503</h1>', headers: { 'retry-after': '1' } },
  { status: 413, type: 'text/html', body: '<h1>413 Request Entity Too Large</h1>', headers: {} },
  { status: 429, type: 'text/plain', body: 'slow down', headers: { 'retry-after': '1' } },
  {
    status: 503,
    type: 'application/json; charset=utf-8',
    body: '{"error":"busy","message":"come again","retryAfterMs":300}',
    headers: { 'retry-after': '1', 'x-zongchuang': '1' },
  },
  {
    status: 413,
    type: 'application/json; charset=utf-8',
    body: '{"error":"too-large","message":"send fewer"}',
    headers: { 'x-zongchuang': '1' },
  },
];
const KILOBYTE = 1024;

/** @param stallMs how long a stalled call hangs; two minutes in a hall, shorter here */
export async function startFaultyLine(target: string, dice: Dice, stallMs: number): Promise<FaultyLine> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const met: Record<string, number> = {};
  const remembered = new Map<string, { status: number; headers: IncomingMessage['headers']; body: Buffer }>();
  let fault: Fault | null = null;

  const proxy = createServer((near, reply) => {
    void treat(near, reply).catch(() => near.socket.destroy());
  });
  proxy.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    if (fault !== 'cut') return;
    met['cut'] = (met['cut'] ?? 0) + 1;
    socket.destroy();
  });

  async function treat(near: IncomingMessage, reply: ServerResponse): Promise<void> {
    const now = fault;
    if (now) met[now] = (met[now] ?? 0) + 1;
    if (now === 'cut') {
      near.socket.destroy();
      return;
    }
    if (now === 'portal') return void reply.writeHead(200, { 'content-type': 'text/html' }).end(PORTAL);
    if (now === 'status') {
      const { status, type, body, headers } = dice.pick(REFUSALS);
      return void reply.writeHead(status, { 'content-type': type, ...headers }).end(body);
    }
    if (now === 'stall') await new Promise((wake) => setTimeout(wake, stallMs));
    // Waiting for news ends when there is some; nothing is gained by holding it back.
    const waits = (near.url ?? '').includes('/hints');
    if (now === null || waits) {
      pass(near, reply);
      return;
    }
    const body = await whole(near);
    if (now === 'request-cut') {
      // As many whole kilobytes as the dice say, and then nothing.
      cutRequest(near, body.subarray(0, dice.between(0, Math.floor(body.length / KILOBYTE)) * KILOBYTE));
      near.socket.destroy();
      return;
    }
    const path = (near.url ?? '').replace(/&n=\w+/, '');
    if (now === 'old-answer' && near.method === 'GET' && remembered.has(path)) {
      const { status, headers, body: old } = remembered.get(path)!;
      return void reply.writeHead(status, headers).end(old);
    }
    let answer = await forward(near, body);
    if (now === 'twice') answer = await forward(near, body);
    if (near.method === 'GET') remembered.set(path, answer);
    if (remembered.size > 50) remembered.clear();
    if (now === 'answer-dropped') {
      near.socket.destroy();
      return;
    }
    if (now === 'answer-cut') {
      reply.writeHead(answer.status, answer.headers);
      reply.write(
        answer.body.subarray(0, dice.between(0, Math.floor(answer.body.length / KILOBYTE)) * KILOBYTE),
      );
      setTimeout(() => near.socket.destroy(), 5);
      return;
    }
    reply.writeHead(answer.status, answer.headers).end(answer.body);
  }

  const options = (near: IncomingMessage) => ({
    hostname,
    port,
    method: near.method,
    path: near.url,
    headers: { ...near.headers, connection: 'close' },
  });

  function pass(near: IncomingMessage, reply: ServerResponse): void {
    const far = ask(options(near), (answer) => {
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(reply);
      answer.on('error', () => near.socket.destroy());
    });
    far.on('error', () => near.socket.destroy());
    reply.on('close', () => far.destroy());
    near.pipe(far);
  }

  function forward(
    near: IncomingMessage,
    body: Buffer,
  ): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
    return new Promise((done, failed) => {
      const far = ask({ ...options(near), timeout: 30_000 }, (answer) => {
        whole(answer).then(
          (text) => done({ status: answer.statusCode ?? 502, headers: answer.headers, body: text }),
          failed,
        );
      });
      far.on('error', failed);
      far.end(body);
    });
  }

  /** The server sees a request that ends in the middle. */
  function cutRequest(near: IncomingMessage, part: Buffer): void {
    const far = ask(options(near));
    far.on('error', () => undefined);
    far.write(part, () => far.destroy());
  }

  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    set(next) {
      fault = next;
      if (next === 'cut') sockets.forEach((socket) => socket.destroy());
    },
    met,
    async close() {
      sockets.forEach((socket) => socket.destroy());
      await new Promise((done) => proxy.close(done));
    },
  };
}

async function whole(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
