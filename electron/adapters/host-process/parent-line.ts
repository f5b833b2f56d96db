/** The host's own end of the line: under `child_process.fork`, and as an Electron utility process. */
export interface ParentLine<Request, Message> {
  send(message: Message): void;
  /**
   * Hands over every request, in the order in which they come. The host ends with its parent.
   * @param orphaned what to put right before that
   */
  serve(handle: (request: Request) => void, orphaned?: () => void): void;
}

/** What Electron puts on `process` in a utility process. */
interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
  postMessage(message: unknown): void;
}

export function parentLine<Request, Message>(): ParentLine<Request, Message> {
  const parentPort = (process as { parentPort?: ParentPort }).parentPort;
  return {
    send(message) {
      if (parentPort) parentPort.postMessage(message);
      else if (process.connected) process.send?.(message);
    },
    serve(handle, orphaned = () => undefined) {
      if (parentPort) parentPort.on('message', (event) => handle(event.data as Request));
      else process.on('message', (message) => handle(message as Request));
      process.on('disconnect', () => {
        orphaned();
        process.exit(0);
      });
      // Ctrl+C in a terminal reaches every process of the program; the parent ends this one in order.
      for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
    },
  };
}
