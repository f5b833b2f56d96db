// The machine's side of the bench: the real journal behind a WebSocket, and the stream's pages as files.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import { createSystemClock } from '../../../electron/adapters/node/clock.ts';
import { openJournal, type Journal } from '../../../electron/core/journal/journal.ts';
import { DISABLED_FEATURES } from '../../../electron/standalone/browser-flags.ts';
import { deviceOf, streamPages } from './people.ts';

export { DISABLED_FEATURES };

/** @returns how many pages were written */
export function writePages(folder: string, cases: number): number {
  mkdirSync(folder, { recursive: true });
  let n = 0;
  for (const page of streamPages(cases)) writeFileSync(join(folder, `${n++}.json`), JSON.stringify(page));
  return n;
}

/** The device the window of the bench is: none of those in the stream. */
export const OWN_DEVICE = deviceOf(99);

export async function openBenchJournal(folder: string): Promise<Journal> {
  return openJournal({
    folder: join(folder, 'journal'),
    memoryPath: join(folder, 'journal-head'),
    key: new Uint8Array(32).fill(3),
    clock: createSystemClock(),
    log: { write: () => undefined },
    dev: OWN_DEVICE,
    place: { dev: OWN_DEVICE, hall: '330102', station: '3' },
  });
}

/** The window's calls, one JSON message each way, as the plain shell carries them. */
export function serveJournal(journal: Journal): { port: Promise<number>; close: () => void } {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      const { id, name, input } = JSON.parse(data.toString('utf8')) as {
        id: number;
        name: string;
        input: never;
      };
      const answer = async (): Promise<unknown> => {
        if (name === 'journal.append') return journal.append(input);
        if (name === 'journal.head') return journal.head();
        if (name === 'journal.read') return journal.read(input);
        if (name === 'journal.compare')
          return { missing: await journal.compare((input as { own: never }).own) };
        throw new Error(`not in this bench: ${name}`);
      };
      answer().then(
        (value) => socket.send(JSON.stringify({ id, value })),
        (error: unknown) => socket.send(JSON.stringify({ id, error: String(error) })),
      );
    });
  });
  return {
    port: new Promise((resolve) =>
      server.on('listening', () => resolve((server.address() as { port: number }).port)),
    ),
    close() {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
