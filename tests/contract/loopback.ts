import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { createSystemClock } from '../../electron/adapters/node/clock.ts';
import type { Core } from '../../electron/core/core.ts';
import type { LogPort } from '../../electron/core/ports/log.ts';
import { startLoopbackServer, type LoopbackServer } from '../../electron/standalone/loopback-server.ts';
import { createWireSockets } from '../../electron/standalone/wire-sockets.ts';

/** The plain shell's server with a page of one line, on any free port, and a core behind it. */
export async function startLoopback(
  core: Core,
  log: LogPort,
): Promise<LoopbackServer & { authority: string; connections(): number }> {
  const files = mkdtempSync(join(tmpdir(), 'zongchuang-window-'));
  writeFileSync(join(files, 'index.html'), '<!doctype html><title>综窗</title>');
  const server = await startLoopbackServer({ files, port: 0, clock: createSystemClock(), log });
  const sockets = createWireSockets(core, log);
  server.onUpgrade(sockets.take);
  return {
    ...server,
    authority: new URL(server.origin).host,
    connections: () => sockets.count(),
    async close() {
      sockets.close();
      await server.close();
      rmSync(files, { recursive: true, force: true });
    },
  };
}

/** Does what the page does with its address: exchanges the secret. @returns the cookie, null when it was refused */
export async function exchange(
  address: string,
  headers: Record<string, string> = {},
): Promise<string | null> {
  const { origin, hash } = new URL(address);
  const answer = await fetch(`${origin}/session`, {
    method: 'POST',
    body: hash.slice(1),
    headers: { origin, ...headers },
  });
  return answer.ok ? (answer.headers.get('set-cookie') ?? '').split(';')[0]! : null;
}

/** @returns an open socket, or the status with which it was refused */
export function knock(
  origin: string,
  headers: Record<string, string | undefined>,
): Promise<WebSocket | number> {
  const all: Record<string, string | undefined> = { origin, ...headers };
  const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/ws`, {
    headers: sent as Record<string, string>,
  });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
    socket.once('error', reject);
  });
}
