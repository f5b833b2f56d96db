import { connect, type Socket } from 'node:net';
import type { ClockPort } from '../../core/ports/clock.ts';

/** How a connection stands: `ended` by the printer without a fault, `broken` by a reset, an error or by us. */
export type Ending = 'open' | 'ended' | 'broken';

export interface PrinterConnection {
  ending(): Ending;
  /** Answers to DLE EOT so far, oldest first. In a picture they may also come unasked: dots can look like a request. */
  realTime(): readonly number[];
  /** Answers to GS r so far. */
  ordered(): readonly number[];
  /** @returns true when the system took the bytes before `ms` had passed and the connection broke */
  write(bytes: Uint8Array, ms: number): Promise<boolean>;
  /** Waits until `ready` holds, the connection is no longer open, or `ms` have passed. @returns whether it holds */
  until(ready: () => boolean, ms: number): Promise<boolean>;
  /** Ends the connection now; what waits on it settles. */
  drop(): void;
  /** Lets the bytes in the system's buffer go out, then ends. */
  finish(): void;
}

/** @returns the connection, or null when there was none within `ms` */
export async function connectPrinter(
  host: string,
  port: number,
  ms: number,
  clock: ClockPort,
): Promise<PrinterConnection | null> {
  const socket = connect({ host, port, noDelay: true });
  let connected = false;
  const watch = watchSocket(socket, clock);
  socket.on('connect', () => {
    connected = true;
    watch.changed();
  });
  if (await watch.connection.until(() => connected, ms)) return watch.connection;
  watch.connection.drop();
  return null;
}

function watchSocket(
  socket: Socket,
  clock: ClockPort,
): { connection: PrinterConnection; changed: () => void } {
  const waiting = new Set<() => void>();
  const replies = createReplySorter();
  let ending: Ending = 'open';

  const changed = (): void => [...waiting].forEach((look) => look());
  const end = (how: Ending): void => {
    if (ending !== 'broken') ending = how;
    changed();
  };
  socket.on('data', (chunk) => {
    replies.take(chunk);
    changed();
  });
  socket.on('error', () => end('broken'));
  socket.on('end', () => end('ended'));
  socket.on('close', () => end(ending === 'ended' ? 'ended' : 'broken'));

  const until = (ready: () => boolean, ms: number): Promise<boolean> =>
    new Promise((settle) => {
      const stop = (): void => {
        waiting.delete(look);
        cancel();
        settle(ready());
      };
      const look = (): void => {
        if (ready() || ending !== 'open') stop();
      };
      const cancel = clock.after(ms, stop);
      waiting.add(look);
      look();
    });

  const connection: PrinterConnection = {
    ending: () => ending,
    realTime: () => replies.realTime,
    ordered: () => replies.ordered,
    async write(bytes, ms) {
      let taken = false;
      socket.write(bytes, (error) => {
        taken = error === undefined || error === null;
        changed();
      });
      return until(() => taken, ms);
    },
    until,
    drop() {
      end('broken');
      socket.destroy();
    },
    finish() {
      if (socket.destroyed) return;
      socket.once(
        'close',
        clock.after(2_000, () => socket.destroy()),
      );
      socket.end();
    },
  };
  return { connection, changed };
}

/**
 * Tells the kinds of status bytes apart (Epson manual): DLE EOT has bits 1 and 4 set, (b & 0x93) == 0x12;
 * GS r has bits 4 and 7 clear; automatic status (GS a) is four bytes, the first with (b & 0x93) == 0x10 and
 * the others looking like an answer to GS r, which is why they are counted off.
 */
export function createReplySorter(): {
  realTime: number[];
  ordered: number[];
  take: (bytes: Uint8Array) => void;
} {
  const sorted = { realTime: [] as number[], ordered: [] as number[] };
  let automatic = 0;
  return {
    ...sorted,
    take(bytes) {
      for (const byte of bytes) {
        if (automatic > 0) automatic--;
        else if ((byte & 0x93) === 0x12) sorted.realTime.push(byte);
        else if ((byte & 0x93) === 0x10) automatic = 3;
        else if ((byte & 0x90) === 0) sorted.ordered.push(byte);
      }
    },
  };
}
