import type { HallEvent, KeptEvent } from '../../../shared/sync/event.ts';
import { makeEvent } from '../../../shared/sync/event.ts';
import { placeOf, type HeldEvent, type OwnPosition } from '../../../shared/sync/held-event.ts';
import { claimOf } from '../../../shared/sync/number-claims.ts';
import { pictureOf, type AggregatePicture } from '../../../shared/sync/picture.ts';
import { planArrivals, type Arrival, type Changes } from '../../../shared/sync/plan.ts';

/** What the properties are about; a planted bug replaces a part of it. */
export interface Planner {
  planArrivals: typeof planArrivals;
  pictureOf: typeof pictureOf;
}
export const REAL: Planner = { planArrivals, pictureOf };

/** One window's store in memory: everything the planner says is kept, and nothing else. */
export interface Window {
  dev: string;
  /** Everything the hall's order has told this window, up to and including this cursor. */
  cursor: number;
  held: Map<string, HeldEvent>;
  own: OwnPosition[];
  pictures: Map<string, AggregatePicture>;
  displaced: HeldEvent[];
  arrive(arrivals: Arrival[]): Changes;
  logOf(agg: string): HeldEvent[];
  /** Own events the server has not placed, oldest first. */
  pending(): HeldEvent[];
}

export function openWindow(dev: string, planner: Planner = REAL): Window {
  const counters = new Map<string, number>();
  const window: Window = {
    dev,
    cursor: 0,
    held: new Map(),
    own: [],
    pictures: new Map(),
    displaced: [],
    logOf: (agg) => [...window.held.values()].filter(({ event }) => event.agg === agg),
    pending: () =>
      [...window.held.values()]
        .filter(({ event, cursor }) => event.dev === dev && cursor === undefined)
        .sort((a, b) => a.event.seq - b.event.seq),
    arrive(arrivals) {
      const claims = [...window.held.values()].flatMap((held) => claimOf(held) ?? []);
      const logs = new Map<string, HeldEvent[]>();
      for (const held of window.held.values())
        logs.set(held.event.agg, [...(logs.get(held.event.agg) ?? []), held]);
      const known = { own: window.own, held: window.held, logs, counters, claims };
      const changes = planner.planArrivals({ dev, arrivals, known });
      for (const held of changes.events) window.held.set(placeOf(held.event), held);
      for (const picture of changes.pictures) window.pictures.set(picture.agg, picture);
      for (const { key, used } of changes.counters) counters.set(key, used);
      window.own = changes.own;
      window.displaced.push(...changes.displaced);
      return changes;
    },
  };
  return window;
}

/** What one device would write next, with what it has before the eyes. */
export function author(
  window: Window,
  station: string,
  fact: { type: string; agg: string; body: HallEvent['body'] },
  at: string,
): KeptEvent {
  const inc = window.dev.slice(0, 1).repeat(32);
  const mine = [...window.held.values()].filter(({ event }) => event.dev === window.dev);
  const last = mine.sort((a, b) => a.event.seq - b.event.seq).at(-1);
  const seen = [...window.logOf(fact.agg)].sort(
    (a, b) => (a.cursor ?? Infinity) - (b.cursor ?? Infinity) || a.event.seq - b.event.seq,
  );
  const seq = (last?.event.seq ?? 0) + 1;
  return makeEvent(
    {
      ...fact,
      typeV: 1,
      seen: { last: seen.at(-1)?.hash ?? '', cursor: window.cursor },
      user: `clerk-${station}`,
    },
    { hall: '330102', dev: window.dev, inc, station },
    { seq, prev: last?.hash ?? '', cmd: `cmd-${window.dev}-${seq}`, at },
  );
}
