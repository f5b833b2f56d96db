import { CodedError } from '../../shared/contract/errors.ts';
import type { Events, Handlers } from '../../shared/contract/index.ts';
import { METHOD_NAMES, type EventName } from '../../shared/contract/names.ts';
import { handlersOf } from './handlers.ts';
import type { CorePorts } from './ports/core-ports.ts';
import { startServices, type Emit, type Services } from './services.ts';

export interface Core {
  handlers: Handlers;
  /** Subscribes to everything the core says unasked; the returned function ends it. */
  subscribe(listener: <E extends EventName>(name: E, payload: Events[E]) => void): () => void;
  start(): Promise<void>;
  /** Ends within 5 s: flushes, closes devices and files. */
  stop(): Promise<void>;
}

type Listener = Parameters<Core['subscribe']>[0];

/**
 * The machine's services behind the contract, whatever shell it runs in. Handlers may be called before `start`
 * has ended and wait for it; when it fails they reject with its reason.
 */
export function createCore(ports: CorePorts): Core {
  const { log } = ports;
  const listeners = new Set<Listener>();
  let starting: Promise<Services> | null = null;
  let stopping: Promise<void> | null = null;
  let open: (handlers: Promise<Handlers>) => void = () => undefined;
  const ready = new Promise<Handlers>((resolve) => {
    open = resolve;
  });
  // Whoever calls a handler hears of a failed start; nobody need.
  ready.catch(() => undefined);

  /** A listener that throws must not stop what it listens to. */
  const emit: Emit = (name, payload) => {
    for (const listener of [...listeners]) {
      try {
        listener(name, payload);
      } catch (error) {
        log.write('error', 'core', 'a listener failed', { name, reason: String(error) });
      }
    }
  };

  const waiting = METHOD_NAMES.map((name) => [
    name,
    async (input: never) => {
      if (stopping) throw new CodedError('WIRE_CLOSED', 'stopped');
      const handler = (await ready)[name] as (input: never) => Promise<unknown>;
      return handler(input);
    },
  ]);

  return {
    handlers: Object.fromEntries(waiting) as Handlers,
    subscribe(listener) {
      // A function of its own, so that one listener subscribed twice is heard twice and closed once.
      const entry: Listener = (name, payload) => listener(name, payload);
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    async start() {
      if (!starting) {
        const from = ports.clock.monotonic();
        starting = startServices(ports, emit);
        open(starting.then((services) => handlersOf(ports, services)));
        await starting;
        log.write('info', 'core', 'started', { ms: Math.round(ports.clock.monotonic() - from) });
      }
      await starting;
    },
    async stop() {
      stopping ??= (async () => {
        const services = await starting?.catch(() => null);
        await services?.stop();
      })();
      await stopping;
    },
  };
}
