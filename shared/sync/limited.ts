import type { CentralPort, SyncStore } from './ports.ts';
import { within, type EngineTime } from './time-limit.ts';

/** Longest wait for one call of the line, milliseconds; the core's own limits (5 and 15 s) come first. */
export const CALL_LIMIT_MS = 30_000;
/** Longest wait for one transaction of the store, milliseconds: a page that is folded on an old PC takes seconds. */
export const STORE_LIMIT_MS = 120_000;

/** The same ports, with no call that can stay open for ever: what never answers must not hold up the next round. */
export function limited(ports: { store: SyncStore; central: CentralPort; time: EngineTime }): {
  store: SyncStore;
  central: CentralPort;
} {
  return {
    store: everyCall(ports.store, ports.time, STORE_LIMIT_MS),
    central: everyCall(ports.central, ports.time, CALL_LIMIT_MS),
  };
}

type Call = (...args: unknown[]) => Promise<unknown>;

function everyCall<T extends object>(port: T, time: EngineTime, ms: number): T {
  return new Proxy(port, {
    get(target, name) {
      const call: Call = (...args) =>
        within(
          time,
          ms,
          String(name),
          () => (target as Record<string | symbol, Call>)[name]?.(...args) ?? missing(name),
        );
      return call;
    },
  });
}

const missing = (name: string | symbol): Promise<never> =>
  Promise.reject(new TypeError(`no call ${String(name)}`));
