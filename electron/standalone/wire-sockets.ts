import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { Handlers } from '../../shared/contract/index.ts';
import { dispatch, type Message } from '../../shared/contract/wire.ts';
import type { Core } from '../core/core.ts';
import type { LogPort } from '../core/ports/log.ts';

/** Largest message, bytes: the largest blob (8 MB) as base64, with room for its envelope. */
export const MESSAGE_LIMIT = 12 * 1024 * 1024;
/** The counter, the citizen's screen, the display and one more. */
export const MOST_SOCKETS = 4;
/** Calls of one window that may be under way. */
const MOST_CALLS = 200;
/** A window that does not read while this much waits for it, bytes, is cut off; it connects again and re-reads. */
const MOST_UNSENT = 32 * 1024 * 1024;
/** How long a window may take to answer the closing handshake, milliseconds. */
const FAREWELL_MS = 300;

export interface WireSockets {
  /** Takes an upgrade the gatekeeper has admitted. */
  take: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Windows connected at this moment. */
  count(): number;
  /** The returned function ends it. */
  onCount(listener: (count: number) => void): () => void;
  close(): void;
}

/**
 * The contract over WebSocket: calls go through the one `dispatch`, events go to every window.
 * Whoever sends anything else than a call is disconnected, because our own window never does.
 */
export function createWireSockets(core: Pick<Core, 'handlers' | 'subscribe'>, log: LogPort): WireSockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_LIMIT, perMessageDeflate: false });
  const sockets = new Set<WebSocket>();
  const countListeners = new Set<(count: number) => void>();
  const counted = (): void => countListeners.forEach((listener) => listener(sockets.size));

  const unsubscribe = core.subscribe((name, payload) => {
    const text = JSON.stringify({ kind: 'event', name, payload } satisfies Message);
    for (const socket of sockets) send(socket, text);
  });

  function welcome(socket: WebSocket): void {
    sockets.add(socket);
    counted();
    let calls = 0;
    socket.on('error', (error) => log.write('warning', 'wire', 'socket failed', { error: error.message }));
    socket.on('close', () => {
      sockets.delete(socket);
      counted();
    });
    socket.on('message', (data, isBinary) => {
      const call = isBinary ? null : readCall(data);
      if (call === null || calls >= MOST_CALLS) {
        socket.close(1008, 'not a call');
        return;
      }
      calls += 1;
      void serve(core.handlers, call, log).then((reply) => {
        calls -= 1;
        send(socket, JSON.stringify({ kind: 'reply', id: call.id, reply } satisfies Message));
      });
    });
  }

  return {
    take(request, socket, head) {
      if (sockets.size >= MOST_SOCKETS) {
        log.write('warning', 'wire', 'too many windows');
        socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, welcome);
    },
    count: () => sockets.size,
    onCount(listener) {
      countListeners.add(listener);
      return () => void countListeners.delete(listener);
    },
    close() {
      unsubscribe();
      for (const socket of sockets) {
        socket.close(1001, 'the program ends');
        setTimeout(() => socket.terminate(), FAREWELL_MS).unref();
      }
      server.close();
    },
  };
}

function send(socket: WebSocket, text: string): void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > MOST_UNSENT) socket.terminate();
  else socket.send(text);
}

type Call = Extract<Message, { kind: 'call' }>;

function readCall(data: RawData): Call | null {
  try {
    const message = JSON.parse((data as Buffer).toString('utf8')) as Partial<Call> | null;
    const sound =
      typeof message === 'object' &&
      message?.kind === 'call' &&
      Number.isSafeInteger(message.id) &&
      typeof message.name === 'string';
    return sound ? (message as Call) : null;
  } catch {
    return null;
  }
}

function serve(handlers: Handlers, { name, input }: Call, log: LogPort): ReturnType<typeof dispatch> {
  return dispatch(handlers, name, input, (method, error) =>
    log.write('error', 'wire', `${method} failed unexpectedly`, { error }),
  );
}
