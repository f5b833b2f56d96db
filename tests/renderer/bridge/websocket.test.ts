// @vitest-environment node
import { afterEach, describe, expect, it } from 'vitest';
import type { AddressInfo } from 'node:net';
import { WebSocket as NodeWebSocket, WebSocketServer, type WebSocket as ServerSocket } from 'ws';
import type { Message } from '../../../shared/contract/wire.ts';
import { createWebSocketBridge } from '../../../renderer/src/bridge/websocket.ts';

type Call = Extract<Message, { kind: 'call' }>;

/** A shell's end of the wire that does what the test says. */
async function shell(onCall: (call: Call, socket: ServerSocket) => void, port = 0) {
  const server = new WebSocketServer({ port, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  const sockets: ServerSocket[] = [];
  server.on('connection', (socket) => {
    sockets.push(socket);
    socket.on('message', (data) => onCall(JSON.parse((data as Buffer).toString()) as Call, socket));
  });
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    cut: () => sockets.forEach((socket) => socket.terminate()),
    close: () => {
      sockets.forEach((socket) => socket.terminate());
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
const answer = (socket: ServerSocket, id: number, value: unknown): void =>
  socket.send(JSON.stringify({ kind: 'reply', id, reply: { ok: true, value } }));

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function bridgeTo(port: number) {
  const bridge = createWebSocketBridge({
    url: `ws://127.0.0.1:${port}/ws`,
    open: (url) => new NodeWebSocket(url) as unknown as WebSocket,
    retryMs: [10, 20],
  });
  closers.push(() => bridge.close());
  return bridge;
}
const until = async (holds: () => boolean): Promise<void> => {
  for (let i = 0; i < 200 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(holds()).toBe(true);
};

describe('the bridge over a WebSocket', () => {
  it('sends a call made before the connection stands, once it does', async () => {
    const server = await shell((call, socket) => answer(socket, call.id, [{ id: 'jia', label: call.name }]));
    closers.push(server.close);
    expect(await bridgeTo(server.port).call('card.demoCards', {})).toEqual([
      { id: 'jia', label: 'card.demoCards' },
    ]);
  });

  it('gives each call its own answer, whatever the order they come in', async () => {
    const waiting: { id: number; input: unknown; socket: ServerSocket }[] = [];
    const server = await shell((call, socket) => {
      waiting.push({ id: call.id, input: call.input, socket });
      if (waiting.length === 2) for (const one of waiting.reverse()) answer(one.socket, one.id, one.input);
    });
    closers.push(server.close);
    const bridge = bridgeTo(server.port);
    const [a, b] = await Promise.all([
      bridge.call('print.preview', { key: 'a' }),
      bridge.call('print.preview', { key: 'b' }),
    ]);
    expect([a, b]).toEqual([{ key: 'a' }, { key: 'b' }]);
  });

  it("turns a refusal into a CodedError with the machine's own code", async () => {
    const server = await shell((call, socket) =>
      socket.send(
        JSON.stringify({
          kind: 'reply',
          id: call.id,
          reply: { ok: false, error: { code: 'JOURNAL_DISK_FULL', detail: 'x' } },
        }),
      ),
    );
    closers.push(server.close);
    await expect(bridgeTo(server.port).call('journal.head', {})).rejects.toMatchObject({
      code: 'JOURNAL_DISK_FULL',
    });
  });

  it('rejects what is under way when the connection breaks, and comes back by itself', async () => {
    let silent = true;
    const server = await shell((call, socket) => {
      if (!silent) answer(socket, call.id, {});
    });
    closers.push(server.close);
    const bridge = bridgeTo(server.port);
    const seen: string[] = [];
    bridge.onConnection((state) => seen.push(state));
    const lost = bridge.call('journal.head', {});
    await until(() => server.sockets.length === 1);
    server.cut();
    await expect(lost).rejects.toMatchObject({ code: 'WIRE_CLOSED' });
    await until(() => seen.at(-1) === 'up' && seen.includes('down'));
    silent = false;
    expect(await bridge.call('journal.head', {})).toEqual({});
  });

  it('hears events again after a broken connection without being subscribed anew', async () => {
    const server = await shell(() => undefined);
    closers.push(server.close);
    const bridge = bridgeTo(server.port);
    const heard: number[] = [];
    const close = bridge.on('central.hint', ({ head }) => heard.push(head));
    const tell = (head: number): void =>
      server.sockets.at(-1)?.send(JSON.stringify({ kind: 'event', name: 'central.hint', payload: { head } }));
    await until(() => server.sockets.length === 1);
    tell(1);
    await until(() => heard.length === 1);
    server.cut();
    await until(() => server.sockets.length === 2);
    tell(2);
    await until(() => heard.length === 2);
    close();
    tell(3);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(heard).toEqual([1, 2]);
  });

  it('rejects at once while nothing listens, and pays no attention to garbage', async () => {
    const server = await shell((call, socket) => {
      socket.send('not json');
      socket.send('7');
      answer(socket, call.id + 1000, {});
      answer(socket, call.id, {});
    });
    const bridge = bridgeTo(server.port);
    expect(await bridge.call('journal.head', {})).toEqual({});
    await server.close();
    await expect(bridge.call('journal.head', {})).rejects.toMatchObject({ code: 'WIRE_CLOSED' });
  });
});
