import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { MESSAGE_LIMIT, MOST_SOCKETS } from '../../electron/standalone/wire-sockets.ts';
import { fakeCore } from '../fixtures/fake-core.ts';
import { exchange, knock, startLoopback } from './loopback.ts';

describe('who may speak to the core over loopback', () => {
  let server: Awaited<ReturnType<typeof startLoopback>>;
  let fake: ReturnType<typeof fakeCore>;
  const logged: string[] = [];

  beforeEach(async () => {
    fake = fakeCore();
    logged.length = 0;
    server = await startLoopback(fake.core, {
      write: (_l, _a, text, data) => void logged.push(`${text} ${JSON.stringify(data)}`),
    });
  });
  afterEach(() => server.close());

  const letIn = async (): Promise<string> => (await exchange(server.invite(1_000)))!;

  it('a window with the cookie of a redeemed secret', async () => {
    const socket = await knock(server.origin, { cookie: await letIn() });
    expect(socket).toBeInstanceOf(WebSocket);
    expect(server.connections()).toBe(1);
  });

  it('the same window again after a reload, by its cookie alone', async () => {
    const cookie = await letIn();
    for (let reload = 0; reload < 3; reload += 1) {
      const socket = await knock(server.origin, { cookie });
      expect(socket).toBeInstanceOf(WebSocket);
      (socket as WebSocket).close();
      await once(socket as WebSocket, 'close');
    }
  });

  it('the cookie is for this browser alone: no script reads it, no other site sends it, no other port shares its name', async () => {
    const { origin, hash } = new URL(server.invite(1_000));
    const answer = await fetch(`${origin}/session`, {
      method: 'POST',
      body: hash.slice(1),
      headers: { origin },
    });
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Strict/);
    expect(cookie).toContain(`-${new URL(origin).port}=`);
    expect(cookie).not.toContain(hash.slice(1));
  });

  it.each([
    ['no cookie', (): Record<string, string | undefined> => ({})],
    [
      'a cookie of the right name and a wrong value',
      () => ({ cookie: `zongchuang-${new URL(server.origin).port}=x` }),
    ],
    ['an empty cookie', () => ({ cookie: `zongchuang-${new URL(server.origin).port}=` })],
  ])('not without a session: %s', async (_, headers) => {
    expect(await knock(server.origin, headers())).toBe(403);
  });

  it.each([
    ['a foreign page', (): string => 'https://evil.example'],
    ['a page of another local program', () => 'http://127.0.0.1:8080'],
    ['the same machine by another name', () => server.origin.replace('127.0.0.1', 'localhost')],
    ['our address over another scheme', () => server.origin.replace('http', 'https')],
    ['a file or a sandboxed frame', () => 'null'],
    ['an address that begins like ours', () => `${server.origin}.evil.example`],
    ['no origin at all', () => undefined],
  ])('not %s, even with a good cookie', async (_, origin) => {
    expect(await knock(server.origin, { cookie: await letIn(), origin: origin() })).toBe(403);
    expect(fake.received).toEqual([]);
  });

  it.each(['evil.example', 'localhost', '127.0.0.1', '127.0.0.1:80'])(
    'not under the name %s (DNS rebinding), neither the socket nor the page',
    async (host) => {
      expect(await knock(server.origin, { cookie: await letIn(), host })).toBe(403);
      const page = connect(Number(new URL(server.origin).port), '127.0.0.1');
      page.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect(await readAll(page)).toMatch(/^HTTP\/1\.1 403/);
    },
  );

  it('a secret is good once', async () => {
    const address = server.invite(1_000);
    expect(await exchange(address)).not.toBeNull();
    expect(await exchange(address)).toBeNull();
  });

  it('a secret is good for its time only', async () => {
    const address = server.invite(30);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await exchange(address)).toBeNull();
  });

  it('a secret cannot be redeemed by a foreign page, and that does not use it up', async () => {
    const address = server.invite(1_000);
    expect(await exchange(address, { origin: 'https://evil.example' })).toBeNull();
    expect(await exchange(address)).not.toBeNull();
  });

  it('a guessed, empty or endless secret is refused', async () => {
    for (const secret of ['x', '', 'y'.repeat(1_000_000)]) {
      expect(await exchange(`${server.origin}/#${secret}`).catch(() => null)).toBeNull();
    }
  });

  it('refusals stand in the log with their reason and without the secret', async () => {
    const address = server.invite(1_000);
    await exchange(address);
    await exchange(address);
    await knock(server.origin, { origin: 'https://evil.example' });
    expect(logged).toEqual(['request refused {"why":"secret"}', 'request refused {"why":"origin"}']);
  });

  it('a message beyond the limit ends the connection before it is read', async () => {
    const socket = (await knock(server.origin, { cookie: await letIn() })) as WebSocket;
    const closed = once(socket, 'close');
    socket.on('error', () => undefined);
    socket.send(
      JSON.stringify({ kind: 'call', id: 1, name: 'app.boot', input: { x: 'x'.repeat(MESSAGE_LIMIT) } }),
    );
    expect((await closed)[0]).toBe(1009);
    expect(fake.received).toEqual([]);
  });

  it.each([
    ['not JSON', 'hello'],
    ['null', 'null'],
    ['an event', '{"kind":"event","name":"card.read","payload":{}}'],
    ['a reply', '{"kind":"reply","id":1,"reply":{"ok":true}}'],
    ['a call without a number', '{"kind":"call","name":"app.boot","input":{}}'],
    ['a call without a name', '{"kind":"call","id":1,"name":{},"input":{}}'],
    ['bytes', Buffer.from('{"kind":"call","id":1,"name":"app.boot","input":{}}')],
  ])('whoever sends %s is disconnected', async (_, message) => {
    const socket = (await knock(server.origin, { cookie: await letIn() })) as WebSocket;
    const closed = once(socket, 'close');
    socket.send(message);
    expect((await closed)[0]).toBe(1008);
    expect(fake.received).toEqual([]);
  });

  it('so many windows and no more; a closed one makes room', async () => {
    const cookie = await letIn();
    const sockets: WebSocket[] = [];
    for (let n = 0; n < MOST_SOCKETS; n += 1)
      sockets.push((await knock(server.origin, { cookie })) as WebSocket);
    expect(await knock(server.origin, { cookie })).toBe(503);
    sockets[0]!.close();
    await once(sockets[0]!, 'close');
    expect(await knock(server.origin, { cookie })).toBeInstanceOf(WebSocket);
  });

  it('whoever connects and says nothing is cut off', { timeout: 15_000 }, async () => {
    const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: ');
    const began = Date.now();
    await readAll(socket);
    expect(Date.now() - began).toBeLessThan(8_000);
  });

  it('files come with the policy, unknown paths and methods do not come', async () => {
    const page = await fetch(`${server.origin}/`);
    expect(await page.text()).toContain('综窗');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('content-security-policy')).toContain(`ws://${server.authority}`);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    const again = await fetch(`${server.origin}/`, {
      headers: { 'if-none-match': page.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
    expect((await fetch(`${server.origin}/none.js`)).status).toBe(404);
    expect((await fetch(`${server.origin}/`, { method: 'POST' })).status).toBe(405);
    expect((await fetch(`${server.origin}/session`)).status).toBe(405);
  });
});

async function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (data) => (text += data.toString()));
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return text;
}
