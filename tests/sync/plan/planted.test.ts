import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HeldEvent } from '../../../shared/sync/held-event.ts';
import { PROPERTIES } from './properties.ts';
import { REAL, type Planner } from './window.ts';

const plan = REAL.planArrivals;
/** A planner whose pictures come from another fold than the real one. */
const folding =
  (pictureOf: Planner['pictureOf']): Planner['planArrivals'] =>
  (input) => {
    const changes = plan(input);
    const own = changes.own.map(({ inc }) => inc);
    const after = (agg: string): HeldEvent[] => [
      ...(input.known.logs.get(agg) ?? []).filter(
        ({ event: { dev, inc, seq } }) =>
          !changes.events.some(({ event }) => event.dev === dev && event.inc === inc && event.seq === seq),
      ),
      ...changes.events.filter(({ event }) => event.agg === agg),
    ];
    return {
      ...changes,
      pictures: changes.pictures.flatMap(
        ({ agg }) => pictureOf(agg, after(agg), own, input.known.claims) ?? [],
      ),
    };
  };

/** Bugs of the kind that peers had, each in another place, and the promise that has to find it. */
const BUGS: [string, Planner['planArrivals'], keyof typeof PROPERTIES][] = [
  [
    'orders by the wall clock',
    folding((agg, log, own, claims) => {
      const byClock = [...log].sort((a, b) => (a.event.at < b.event.at ? -1 : 1));
      const ranked = byClock.map((held, index) => ({ ...held, cursor: index + 1 }));
      return REAL.pictureOf(agg, ranked, own, claims);
    }),
    'a conflict names two events that are there, in the order in which they count',
  ],
  [
    'lets pending work go before the server’s order',
    folding((agg, log, own, claims) => {
      const first = log.map((held) => ({ ...held, cursor: held.cursor ?? -1_000 + held.event.seq }));
      return REAL.pictureOf(agg, first, own, claims);
    }),
    'what is pending counts as it will when the server has placed it',
  ],
  [
    'does not fold again when an event only gets its place',
    (input) => {
      const changes = plan(input);
      const isNew = (agg: string): boolean =>
        changes.events.some(
          ({ event, hash }) =>
            event.agg === agg && !(input.known.logs.get(agg) ?? []).some((held) => held.hash === hash),
        );
      return { ...changes, pictures: changes.pictures.filter(({ agg }) => isNew(agg)) };
    },
    'everybody who has heard everything shows the same, and so does a fresh fold',
  ],
  [
    'drops the event that lost',
    (input) => {
      const changes = plan(input);
      const lost = new Set(changes.pictures.flatMap(({ conflicts }) => conflicts.map(({ mine }) => mine)));
      return { ...changes, events: changes.events.filter(({ hash }) => !lost.has(hash)) };
    },
    'nothing vanishes: every event is held, and counts, repeats, contradicts, waits or is unread',
  ],
  [
    'forgets the place of an event that comes once more from the journal',
    (input) => {
      const changes = plan(input);
      const again = input.arrivals
        .filter(({ cursor }) => cursor === undefined)
        .map(({ kept }) => ({ ...kept }));
      return { ...changes, events: again.length > 0 ? again : changes.events };
    },
    'whatever arrives twice changes nothing',
  ],
  [
    'names a conflict by who has found it',
    (input) => {
      const changes = plan(input);
      for (const { conflicts } of changes.pictures)
        for (const conflict of conflicts) conflict.id = `${input.dev.slice(0, 1)}-${conflict.mine}`;
      return changes;
    },
    'everybody who has heard everything shows the same, and so does a fresh fold',
  ],
];

describe('a planner that', () => {
  it.each(BUGS)('%s is found out', (_, planArrivals, promise) => {
    const found = fc.check(PROPERTIES[promise]({ ...REAL, planArrivals }), { numRuns: 500 });
    expect(found.failed).toBe(true);
    // Shrinking leaves so little that a person sees at once what happened.
    const [script] = found.counterexample as [unknown[]];
    expect(script.length).toBeLessThanOrEqual(16);
  });
});
