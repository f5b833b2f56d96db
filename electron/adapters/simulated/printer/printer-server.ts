import { createServer, type Socket } from 'node:net';
import { createInterpreter, type Interpretation, type Interpreter } from './interpreter.ts';

/** What goes wrong with one connection. */
export type PrinterFault =
  | { kind: 'none' }
  /** Resets the connection at once. */
  | { kind: 'refuse' }
  /** Out of paper from the start. */
  | { kind: 'paper-out' }
  /** The roll ends after this many rows; see `loadPaper`. */
  | { kind: 'paper-ends'; afterRows: number }
  | { kind: 'cover-open' }
  /** Resets the connection when this many bytes have arrived; the bytes before it were executed. */
  | { kind: 'reset'; afterBytes: number }
  /** Prints, but says nothing at all. */
  | { kind: 'never-answers' }
  /** Answers DLE EOT, never GS r. */
  | { kind: 'never-proves' }
  /** Every answer comes this many milliseconds late. */
  | { kind: 'late'; ms: number }
  /** Prints everything and resets the connection instead of answering GS r. */
  | { kind: 'dies-before-proof' }
  /** The same with a clean end of the connection. */
  | { kind: 'hangs-up-before-proof' };

/** One connection and what came out of the printer during it. */
export interface PrinterJob extends Interpretation {
  bytesReceived: number;
  ended: boolean;
}

export interface PrinterServer {
  port: number;
  /** One entry per connection, oldest first. */
  jobs(): PrinterJob[];
  /** Puts a new roll into every connection that waits for one. */
  loadPaper(): void;
  close(): Promise<void>;
}

export interface PrinterServerOptions {
  /** 0 takes a free port; listens on the loopback interface only. */
  port: number;
  dots?: number;
  clone?: boolean;
  /** One fault for every connection, or a function asked at each. */
  faults?: PrinterFault | (() => PrinterFault);
  /** Called when a connection has ended. */
  onJob?: (job: PrinterJob) => void;
}

/** A network printer on TCP 9100 for tests and demonstrations; each connection is a printer freshly switched on. */
export async function startVirtualPrinterServer(options: PrinterServerOptions): Promise<PrinterServer> {
  const connections = new Set<{ socket: Socket; loadPaper: () => void }>();
  const jobs: { read: () => PrinterJob }[] = [];

  const server = createServer((socket) => {
    const fault =
      typeof options.faults === 'function' ? options.faults() : (options.faults ?? { kind: 'none' });
    socket.on('error', () => socket.destroy());
    if (fault.kind === 'refuse') return void socket.resetAndDestroy();
    const connection = serve(socket, fault, options);
    connections.add(connection);
    jobs.push(connection);
    socket.on('close', () => {
      connections.delete(connection);
      options.onJob?.(connection.read());
    });
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(options.port, '127.0.0.1', listening);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    jobs: () => jobs.map((job) => job.read()),
    loadPaper: () => connections.forEach((connection) => connection.loadPaper()),
    close: () =>
      new Promise((closed) => {
        for (const { socket } of connections) socket.destroy();
        server.close(() => closed());
      }),
  };
}

interface Connection {
  socket: Socket;
  loadPaper: () => void;
  read: () => PrinterJob;
}

function serve(socket: Socket, fault: PrinterFault, options: PrinterServerOptions): Connection {
  const rows = fault.kind === 'paper-out' ? 0 : fault.kind === 'paper-ends' ? fault.afterRows : undefined;
  const printer: Interpreter = createInterpreter({
    dots: options.dots ?? 576,
    clone: options.clone ?? false,
    ...(rows === undefined ? {} : { paperRows: rows }),
  });
  if (fault.kind === 'cover-open') printer.openCover();
  let received = 0;
  let ended = false;

  function answer(bytes: Uint8Array): void {
    if (bytes.length === 0 || fault.kind === 'never-answers') return;
    const proof = bytes.some((byte) => (byte & 0x90) === 0);
    if (proof && fault.kind === 'dies-before-proof') return void socket.resetAndDestroy();
    if (proof && fault.kind === 'hangs-up-before-proof') return void socket.end();
    const said = fault.kind === 'never-proves' ? bytes.filter((byte) => (byte & 0x90) !== 0) : bytes;
    const say = (): void => {
      if (socket.writable) socket.write(said);
    };
    if (fault.kind === 'late') setTimeout(say, fault.ms).unref();
    else say();
  }

  socket.on('data', (chunk: Buffer) => {
    const room = fault.kind === 'reset' ? Math.max(0, fault.afterBytes - received) : Infinity;
    received += Math.min(chunk.length, room);
    answer(printer.feed(chunk.subarray(0, Math.min(chunk.length, room))));
    if (chunk.length >= room) socket.resetAndDestroy();
  });
  socket.on('close', () => (ended = true));
  return {
    socket,
    loadPaper: () => answer(printer.loadPaper()),
    read: () => ({ ...printer.result(), bytesReceived: received, ended }),
  };
}
