import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ClockPort } from '../core/ports/clock.ts';
import type { LogPort } from '../core/ports/log.ts';
import { readWindowFile, windowHeaders } from '../adapters/node/window-files.ts';
import { createGatekeeper, type Gatekeeper, type Knock } from './gatekeeper.ts';
import { createSessions } from './sessions.ts';

const HOST = '127.0.0.1';
/** Time a client may take to send its request, milliseconds: whoever connects and says nothing is cut off. */
const REQUEST_LIMIT_MS = 5_000;
const MOST_CONNECTIONS = 64;
const SECRET_LIMIT = 256;

export interface LoopbackServer {
  /** `http://127.0.0.1:21860` */
  origin: string;
  /** An address that lets one window in, once, within `validMs`. */
  invite(validMs: number): string;
  /** Takes over the upgrades the gatekeeper has let through; until then they wait. */
  onUpgrade(take: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): void;
  close(): Promise<void>;
}

export interface LoopbackOptions {
  /** Folder of the built window. */
  files: string;
  /** 0 takes any free port: for tests, because the window's store belongs to the port. */
  port: number;
  clock: Pick<ClockPort, 'monotonic'>;
  log: LogPort;
}

/**
 * Serves the window on loopback: files, the exchange of the one-time secret, and upgrades for the wire.
 * It answers before the core is there, so that the browser can load the page meanwhile.
 * @throws the system's error with `code` EADDRINUSE or EACCES when the port cannot be had
 */
export async function startLoopbackServer(options: LoopbackOptions): Promise<LoopbackServer> {
  const { files, log, clock } = options;
  const server = createServer({ connectionsCheckingInterval: 1_000, maxHeaderSize: 16_384 });
  server.headersTimeout = REQUEST_LIMIT_MS;
  server.requestTimeout = REQUEST_LIMIT_MS;
  server.maxConnections = MOST_CONNECTIONS;
  await listen(server, options.port);
  const { port } = server.address() as AddressInfo;
  const authority = `${HOST}:${port}`;
  const sessions = createSessions(clock, port);
  const gatekeeper = createGatekeeper(authority, sessions);
  const headers = windowHeaders(`ws://${authority}`);

  const turnAway = (why: string): void => log.write('warning', 'loopback', 'request refused', { why });
  server.on('request', (request, response) => {
    answer(request, response).catch((error: unknown) => {
      log.write('error', 'loopback', 'request failed', { error });
      if (response.headersSent) response.destroy();
      else plain(response, 500, 'Internal error');
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const path = (request.url ?? '/').replace(/[?#].*$/s, '');
    const knock = knockOf(request);
    if (path === '/session') {
      const refused = request.method === 'POST' ? gatekeeper.exchange(knock) : 'method';
      const cookie = refused === null ? sessions.redeem(await readSecret(request)) : null;
      if (cookie === null) {
        turnAway(refused ?? 'secret');
        plain(response, refused === 'method' ? 405 : 403, 'Forbidden');
        return;
      }
      response.setHeader('Set-Cookie', cookie).setHeader('Cache-Control', 'no-store').writeHead(204).end();
      return;
    }
    const refused = gatekeeper.file(knock);
    if (refused !== null) {
      turnAway(refused);
      plain(response, 403, 'Forbidden');
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      plain(response, 405, 'Method not allowed');
      return;
    }
    const served = await readWindowFile(files, path);
    if (served === null) {
      plain(response, 404, 'Not found');
      return;
    }
    for (const [name, value] of Object.entries(served.headers)) response.setHeader(name, value);
    if (request.headers['if-none-match'] === served.headers['ETag']) response.writeHead(304).end();
    else {
      response.setHeader('Content-Length', served.body.byteLength).writeHead(200);
      response.end(request.method === 'HEAD' ? undefined : served.body);
    }
  }

  return {
    origin: `http://${authority}`,
    invite: (validMs) => `http://${authority}/#${sessions.issue(validMs)}`,
    onUpgrade: receiveUpgrades(server, gatekeeper, turnAway),
    close: () => closeServer(server),
  };
}

/** Judges upgrades from the first moment and keeps the admitted ones until somebody can take them. */
function receiveUpgrades(
  server: Server,
  gatekeeper: Gatekeeper,
  turnAway: (why: string) => void,
): LoopbackServer['onUpgrade'] {
  type Take = Parameters<LoopbackServer['onUpgrade']>[0];
  let take: Take | null = null;
  let waiting: Parameters<Take>[] = [];
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const refused = gatekeeper.socket(knockOf(request));
    if (refused !== null) {
      turnAway(refused);
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    } else if (take) take(request, socket, head);
    else waiting.push([request, socket, head]);
  });
  return (taker) => {
    take = taker;
    for (const args of waiting) taker(...args);
    waiting = [];
  };
}

const knockOf = (request: IncomingMessage): Knock => ({
  peer: request.socket.remoteAddress,
  host: request.headers.host,
  origin: request.headers.origin,
  cookie: request.headers.cookie,
});

/** The body of POST /session: the secret itself, as text. */
async function readSecret(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > SECRET_LIMIT) return '';
  }
  return text.trim();
}

function plain(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' })
    .end(`${text}\n`);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
