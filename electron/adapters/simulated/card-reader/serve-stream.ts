import { constants, openSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { ReadStream } from 'node:tty';
import type { SimulatedReader } from './simulated-reader.ts';

/** A computer must take what the reader sends within this time; a line that nobody reads is given up. */
const WRITE_LIMIT_MS = 5000;

export interface ServedStream {
  /** Why it ended; resolves when the line or the reader is gone, never rejects. */
  ended: Promise<string>;
  /** Lets go of the line and of the reader, which stays plugged in. */
  close(): void;
}

/**
 * Puts a simulated reader with the carrier 'uart' at the far end of a line: a pseudo-terminal, a TCP connection, a pair
 * of real serial ports. Bytes pass as they come; a reader that is unplugged hangs up, a line that hangs up lets
 * go of the reader.
 * @param baudRate the speed the simulated reader is set to; the line's own speed is the line's affair
 */
export function serveStream(reader: SimulatedReader, stream: Duplex, baudRate = 115_200): ServedStream {
  let end: (reason: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => {
    end = resolve;
  });
  let letGo = (): void => undefined;

  const finish = (reason: string): void => {
    // The first reason counts: letting go of one side makes the other report its own end.
    end(reason);
    letGo();
    if (!stream.destroyed) stream.destroy();
  };
  stream.on('error', (error) => finish(error.message));
  stream.on('close', () => finish('the line is closed'));
  stream.on('end', () => finish('the line has ended'));

  const open = async (): Promise<void> => {
    const [device] = await reader.port.list(['serial']);
    if (!device) throw new Error('no serial reader is plugged in');
    const connection = await reader.port.open(device.path, { bus: 'serial', baudRate });
    letGo = () => {
      letGo = () => undefined;
      void connection.close();
    };
    if (stream.destroyed) {
      letGo();
      return;
    }
    connection.onPacket(({ bytes }) => void stream.write(bytes));
    connection.onClosed((reason) => finish(reason));
    stream.on('data', (bytes: Uint8Array) => {
      connection.write({ bytes, pipe: 0 }, WRITE_LIMIT_MS).catch((error: unknown) => finish(String(error)));
    });
  };
  open().catch((error: unknown) => finish(String(error)));

  return { ended, close: () => finish('closed') };
}

/**
 * Opens one end of a pseudo-terminal (or a serial port whose speed has been set, `stty -F … 115200`) for
 * {@link serveStream}: every byte passes as it is, and a line that hangs up ends the stream.
 * @throws when it is not there, may not be opened, or is no terminal
 */
export function openTerminal(path: string): Duplex {
  const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
  const stream = new ReadStream(openSync(path, O_RDWR | O_NOCTTY | O_NONBLOCK));
  stream.setRawMode(true);
  return stream;
}
