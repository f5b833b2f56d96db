import type { Input, Output } from '../../../shared/contract/index.ts';
import type { MethodName } from '../../../shared/contract/names.ts';
import type { Message, Reply } from '../../../shared/contract/wire.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { Bridge, Closer, Connection } from './bridge.ts';
import { createListeners } from './listeners.ts';
import { limitOf, valueOf } from './reply.ts';

/** Waits before the next attempt, milliseconds; the last one repeats. The machine's services are on this PC. */
const RETRY_MS = [100, 300, 1000, 2000] as const;

/** The part of a WebSocket that is used; the browser's and the one of the tests both have it. */
export type Socket = Pick<
  WebSocket,
  'readyState' | 'send' | 'close' | 'onopen' | 'onclose' | 'onerror' | 'onmessage'
>;

interface Pending {
  message: string;
  sent: boolean;
  settle(reply: Reply): void;
  fail(error: CodedError): void;
}

const OPEN = 1;

/**
 * The contract over a WebSocket on this PC (plain-Node shell). A broken connection is restored with growing pauses;
 * calls under way then are rejected with WIRE_CLOSED, because nobody knows whether they were carried out.
 * A call made while an attempt runs waits for it; a call made in a pause is rejected at once.
 */
export function createWebSocketBridge(ports: {
  url: string;
  open?: (url: string) => Socket;
  retryMs?: readonly number[];
}): Bridge & { close(): void } {
  const open = ports.open ?? ((url: string): Socket => new WebSocket(url));
  const retryMs = ports.retryMs ?? RETRY_MS;
  const events = createListeners();
  const connectionListeners = new Set<(state: Connection) => void>();
  const pending = new Map<number, Pending>();
  let socket: Socket | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let lastId = 0;
  let up = false;
  let closed = false;

  const tellConnection = (state: Connection): void => {
    if (up === (state === 'up')) return;
    up = state === 'up';
    for (const listener of [...connectionListeners]) listener(state);
  };

  function connect(): void {
    const attempt = open(ports.url);
    socket = attempt;
    attempt.onopen = () => {
      failures = 0;
      for (const call of pending.values()) send(attempt, call);
      tellConnection('up');
    };
    attempt.onmessage = ({ data }: { data: unknown }) => receive(data);
    // An error is always followed by a close, which does the work.
    attempt.onerror = () => undefined;
    attempt.onclose = () => {
      if (socket !== attempt) return;
      socket = null;
      rejectAll();
      tellConnection('down');
      if (closed) return;
      const wait = retryMs[Math.min(failures, retryMs.length - 1)] ?? 1000;
      failures += 1;
      retry = setTimeout(connect, wait);
    };
  }

  function send(to: Socket, call: Pending): void {
    if (call.sent) return;
    call.sent = true;
    to.send(call.message);
  }

  function receive(data: unknown): void {
    const message = read(data);
    if (message?.kind === 'event') events.tell(message.name, message.payload);
    if (message?.kind === 'reply') pending.get(message.id)?.settle(message.reply);
  }

  function rejectAll(): void {
    for (const call of [...pending.values()]) call.fail(new CodedError('WIRE_CLOSED'));
  }

  connect();

  return {
    call<M extends MethodName>(name: M, input: Input<M>): Promise<Output<M>> {
      const at = socket;
      if (at === null) return Promise.reject(new CodedError('WIRE_CLOSED', name));
      const id = ++lastId;
      const message: Message = { kind: 'call', id, name, input };
      return new Promise<Reply>((resolve, reject) => {
        const end = (): void => {
          clearTimeout(timer);
          pending.delete(id);
        };
        const call: Pending = {
          message: JSON.stringify(message),
          sent: false,
          settle(reply) {
            end();
            resolve(reply);
          },
          fail(error) {
            end();
            reject(error);
          },
        };
        const timer = setTimeout(() => call.fail(new CodedError('WIRE_TIMEOUT', name)), limitOf(name));
        pending.set(id, call);
        if (at.readyState === OPEN) send(at, call);
      }).then((reply) => valueOf(reply) as Output<M>);
    },
    on: (name, listener) => events.add(name, listener),
    onConnection(listener): Closer {
      connectionListeners.add(listener);
      return () => connectionListeners.delete(listener);
    },
    close() {
      closed = true;
      clearTimeout(retry);
      socket?.close();
      rejectAll();
    },
  };
}

/** @returns null for anything that is not a message of ours */
function read(data: unknown): Message | null {
  if (typeof data !== 'string') return null;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null && 'kind' in value ? (value as Message) : null;
  } catch {
    return null;
  }
}
