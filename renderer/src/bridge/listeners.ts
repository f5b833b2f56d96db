import type { Events } from '../../../shared/contract/index.ts';
import type { EventName } from '../../../shared/contract/names.ts';
import type { Closer } from './bridge.ts';

/** Who wants to hear which event; shared by the carriers that have no subscriptions of their own. */
export function createListeners(): {
  add<E extends EventName>(name: E, listener: (payload: Events[E]) => void): Closer;
  tell(name: EventName, payload: unknown): void;
} {
  const byName = new Map<EventName, Set<(payload: never) => void>>();
  return {
    add(name, listener) {
      const set = byName.get(name) ?? new Set();
      byName.set(name, set);
      // A wrapper of its own, so that one function may subscribe twice and end each on its own.
      const entry = (payload: never): void => listener(payload);
      set.add(entry);
      return () => set.delete(entry);
    },
    tell(name, payload) {
      for (const listener of [...(byName.get(name) ?? [])]) listener(payload as never);
    },
  };
}
