import { WebSocket } from 'ws';
import type { EventName } from '../../shared/contract/names.ts';
import type { Message, Reply } from '../../shared/contract/wire.ts';
import { contractSuite } from './contract-suite.ts';
import { exchange, knock, startLoopback } from './loopback.ts';

// The whole way of the plain shell: HTTP, secret, cookie, upgrade, messages.
contractSuite('the loopback WebSocket', async (core, log) => {
  const server = await startLoopback(core, log);
  const cookie = await exchange(server.invite(1_000));
  const socket = await knock(server.origin, { cookie: cookie ?? '' });
  if (!(socket instanceof WebSocket)) throw new Error(`refused with ${socket}`);
  const waiting = new Map<number, (reply: Reply) => void>();
  const listeners: ((name: EventName, payload: unknown) => void)[] = [];
  let lastId = 0;
  socket.on('message', (data) => {
    const message = JSON.parse((data as Buffer).toString()) as Message;
    if (message.kind === 'reply') waiting.get(message.id)?.(message.reply);
    if (message.kind === 'event') listeners.forEach((listener) => listener(message.name, message.payload));
  });
  return {
    call(name, input) {
      const id = ++lastId;
      socket.send(JSON.stringify({ kind: 'call', id, name, input } satisfies Message));
      return new Promise((resolve) => waiting.set(id, resolve));
    },
    onEvent: (listener) => void listeners.push(listener),
    async close() {
      socket.terminate();
      await server.close();
    },
  };
});
