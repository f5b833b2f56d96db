import { constants, openSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { ReadStream } from 'node:tty';
import { serveStream } from '../../adapters/simulated/card-reader/serve-stream.ts';
import { EXIT, UsageError, type CardAround, type ExitCode } from './around.ts';
import { openDemo, type Demo } from './demo.ts';

export interface SimulateOptions {
  /** One end of a line: a pseudo-terminal, a serial port. */
  tty: string | undefined;
  /** Port on this machine's own address; 0 takes any. */
  tcp: number | undefined;
  scene: string | undefined;
  card: string | undefined;
  times: number;
}

/** How often it is looked whether the driver at the other end has begun to look for cards. */
const LOOK_MS = 100;

/**
 * `simulate`: a serial reader that is not there, at the far end of a line, until Ctrl+C. The scene begins when the driver
 * looks for a card.
 */
export async function simulate(around: CardAround, options: SimulateOptions): Promise<ExitCode> {
  const { words } = around;
  if ((options.tty === undefined) === (options.tcp === undefined))
    throw new UsageError(words.own.missingArgument('--tty PATH | --tcp PORT'));
  const demo = await openDemo(around, { ...options, carrier: 'uart' });
  const cancel = beginWhenAsked(around, demo);
  try {
    return await (options.tty === undefined
      ? serveTcp(around, demo, options.tcp ?? 0)
      : serveTty(around, demo, options.tty));
  } finally {
    cancel();
    demo.end();
  }
}

function beginWhenAsked({ clock }: CardAround, demo: Demo): () => void {
  let cancel = (): void => undefined;
  const look = (): void => {
    if (demo.reader.requests.includes('20 01')) demo.begin();
    else cancel = clock.after(LOOK_MS, look);
  };
  look();
  return () => cancel();
}

async function serveTty(around: CardAround, demo: Demo, path: string): Promise<ExitCode> {
  const { words, tell, signal } = around;
  let line: Duplex;
  try {
    line = openLine(path);
  } catch (error) {
    tell(words.own.cannotReadFile(path, error instanceof Error ? error.message : String(error)));
    return EXIT.failed;
  }
  const served = serveStream(demo.reader, line);
  signal.addEventListener('abort', () => served.close(), { once: true });
  tell(words.own.simulating(path));
  const reason = await served.ended;
  if (signal.aborted) return EXIT.done;
  tell(reason);
  return EXIT.failed;
}

/** A terminal line passes bytes as they are only in raw mode. */
function openLine(path: string): Duplex {
  const line = new ReadStream(openSync(path, constants.O_RDWR | (constants.O_NOCTTY || 0)));
  line.setRawMode(true);
  return line;
}

/** One connection at a time: a reader has one cable. */
function serveTcp(around: CardAround, demo: Demo, port: number): Promise<ExitCode> {
  const { words, tell, signal } = around;
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      const served = serveStream(demo.reader, socket);
      signal.addEventListener('abort', () => served.close(), { once: true });
    });
    server.maxConnections = 1;
    server.once('error', (error) => {
      tell(words.own.cannotReadFile(`127.0.0.1:${port}`, error.message));
      resolve(EXIT.failed);
    });
    server.listen(port, '127.0.0.1', () => {
      tell(words.own.simulating(`127.0.0.1:${(server.address() as AddressInfo).port}`));
    });
    const end = (): void => {
      server.close();
      resolve(EXIT.done);
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
