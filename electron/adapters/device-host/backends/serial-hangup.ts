import { read } from 'node:fs';
import { promisify } from 'node:util';

const readFrom = promisify(read);

/** An open port inside the serial library, on Linux and macOS. */
interface UnixPort {
  fd: number | null;
  isOpen: boolean;
  poller: { once(event: 'readable', listener: (error: Error | null) => void): void };
  read(buffer: Buffer, offset: number, length: number): Promise<{ bytesRead: number; buffer: Buffer }>;
}

/**
 * The serial library (13.0) reads again and again when a read brings nothing, which is what a line that has hung up
 * gives for ever: a pulled adapter would cost a whole core and never be told. Here it is the end of the port.
 * @param port the library's open port; left alone where it is of another kind (Windows)
 */
export function endAtHangup(port: unknown): void {
  if (isUnixPort(port)) port.read = (buffer, offset, length) => readOrEnd(port, buffer, offset, length);
}

async function readOrEnd(
  port: UnixPort,
  buffer: Buffer,
  offset: number,
  length: number,
): Promise<{ bytesRead: number; buffer: Buffer }> {
  for (;;) {
    try {
      const { bytesRead } = await readFrom(openFile(port), buffer, offset, length, null);
      if (bytesRead === 0) throw new Error('the line has hung up');
      return { bytesRead, buffer };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EAGAIN' && code !== 'EINTR') throw error;
      // It may have been closed meanwhile: a poller that is no more must not be asked, it crashes.
      openFile(port);
      await readable(port);
    }
  }
}

/** @throws what the library takes for its own closing */
function openFile({ isOpen, fd }: UnixPort): number {
  if (isOpen && fd !== null) return fd;
  throw Object.assign(new Error('the port is closed'), { canceled: true });
}

function readable(port: UnixPort): Promise<void> {
  return new Promise((resolve, reject) => {
    port.poller.once('readable', (error) => (error ? reject(error) : resolve()));
  });
}

function isUnixPort(port: unknown): port is UnixPort {
  return typeof port === 'object' && port !== null && 'fd' in port && 'poller' in port && 'read' in port;
}
