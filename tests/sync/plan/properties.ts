import fc from 'fast-check';
import { expect } from 'vitest';
import type { Conflict } from '../../../shared/domain/conflict.ts';
import type { HeldEvent } from '../../../shared/sync/held-event.ts';
import type { AggregatePicture } from '../../../shared/sync/picture.ts';
import { stateHash } from '../../../shared/sync/state-hash.ts';
import { freshFold, level, play, steps, type Step } from './hall.ts';
import { author, openWindow, type Planner, type Window } from './window.ts';

type Property = (planner: Planner) => fc.IProperty<unknown>;

const hashOf = (window: Window): string => stateHash([...window.pictures.values()]);
const numbered = (held: HeldEvent) => ({ kept: held, cursor: held.cursor as number });

function property(check: (script: Step[], planner: Planner, order: number[]) => void, wild = true): Property {
  return (planner) =>
    fc.property(steps(wild), fc.array(fc.nat(), { maxLength: 60 }), (script, order) =>
      check(script, planner, order),
    );
}

/** Deals out a list by the given numbers; each run keeps its own order where `runOf` says so. */
function shuffled<T>(list: readonly T[], order: readonly number[]): T[] {
  const rest = [...list];
  return list.map((_, i) => rest.splice((order[i] ?? 0) % rest.length, 1)[0] as T);
}

const conflictsOf = (pictures: readonly AggregatePicture[]): Conflict[] =>
  pictures.flatMap(({ conflicts }) => conflicts);

/** What is shown, without what is said about conflicts. */
function bare(picture: AggregatePicture | undefined): unknown {
  const matter = { ...picture?.case, conflict: '', conflictWith: '' };
  const ticket = { ...picture?.ticket, conflict: '', conflictWith: '' };
  return { matter, ticket };
}

function decideOn(window: Window, { agg, id }: Conflict, choice: 'first' | 'second'): void {
  const fact = { type: 'conflict.decided', agg, body: { conflict: id, choice, note: '' } };
  window.arrive([{ kept: author(window, 'W1', fact, '2026-11-21T10:00:00.000+08:00') }]);
}

/** What is promised of the planner, each for any hall; a planted bug has to break one of them. */
export const PROPERTIES = {
  'everybody who has heard everything shows the same, and so does a fresh fold': property(
    (script, planner) => {
      const hall = play(script, planner);
      level(hall);
      const all = hall.windows.map(hashOf);
      expect(new Set([...all, stateHash(freshFold(hall.stream, planner))]).size).toBe(1);
    },
  ),

  'what is pending counts as it will when the server has placed it': property((script, planner) => {
    const hall = play(script, planner);
    const [one] = hall.windows as [Window];
    hall.hear(one, Infinity);
    const before = hashOf(one);
    hall.send(one, Infinity);
    expect(stateHash(freshFold(hall.stream, planner))).toBe(before);
    hall.hear(one, Infinity);
    expect(hashOf(one)).toBe(before);
  }),

  'whatever arrives twice changes nothing': property((script, planner, order) => {
    const hall = play(script, planner);
    level(hall);
    const [one] = hall.windows as [Window];
    const before = hashOf(one);
    const held = [...one.held.values()];
    const again = order.flatMap((n) => held[n % Math.max(1, held.length)] ?? []);
    // From the server, and once more from the own journal, which does not know its place.
    for (const arrivals of [again.map(numbered), again.map((kept) => ({ kept }))]) {
      const changes = one.arrive(arrivals);
      expect(changes.events).toEqual([]);
      expect(changes.pictures).toEqual([]);
    }
    expect(hashOf(one)).toBe(before);
    expect([...one.held.values()].every(({ cursor }) => cursor !== undefined)).toBe(true);
  }),

  'the order in which pages arrive does not matter': property((script, planner, order) => {
    const hall = play(script, planner);
    level(hall);
    const window = openWindow('D'.repeat(26), planner);
    const pages = [];
    for (let i = 0; i < hall.stream.length; i += 3) pages.push(hall.stream.slice(i, i + 3));
    for (const page of shuffled(pages, order)) window.arrive(page.map(numbered));
    expect(hashOf(window)).toBe(stateHash(freshFold(hall.stream, planner)));
  }),

  'nothing vanishes: every event is held, and counts, repeats, contradicts, waits or is unread': property(
    (script, planner) => {
      const hall = play(script, planner);
      const made = hall.windows.flatMap((window) =>
        [...window.held.values()].filter(({ event }) => event.dev === window.dev),
      );
      level(hall);
      for (const window of hall.windows) {
        expect(window.held.size).toBe(made.length);
        expect(window.displaced).toEqual([]);
        for (const picture of window.pictures.values()) {
          const told = [
            ...picture.counted,
            ...picture.repeated,
            ...picture.unread,
            ...picture.waiting,
            ...picture.conflicts.map(({ mine }) => mine),
          ];
          expect(new Set(told)).toEqual(new Set(window.logOf(picture.agg).map(({ hash }) => hash)));
        }
      }
    },
  ),

  'a conflict names two events that are there, in the order in which they count': property(
    (script, planner) => {
      const hall = play(script, planner);
      level(hall);
      const place = new Map(hall.stream.map(({ hash, cursor }) => [hash, cursor as number]));
      for (const { id, mine, theirs, base } of conflictsOf(freshFold(hall.stream, planner))) {
        expect(id).toBe(mine);
        expect(place.has(mine)).toBe(true);
        // The first fact stands, by the server's order and by nothing else.
        if (theirs !== '') expect(place.get(theirs)).toBeLessThan(place.get(mine) as number);
        if (base !== '') expect(place.has(base)).toBe(true);
      }
    },
  ),

  'one fact that contradicts is not applied: without it the state is the same': property(
    (script, planner) => {
      const hall = play(
        script.filter(({ type }) => type !== 11),
        planner,
      );
      level(hall);
      for (const picture of freshFold(hall.stream, planner)) {
        const lost = new Set(
          picture.conflicts.filter(({ kind }) => kind !== 'number-twice').map(({ mine }) => mine),
        );
        const rest = hall.stream.filter(({ hash }) => !lost.has(hash));
        const without = freshFold(rest, planner).find(({ agg }) => agg === picture.agg);
        expect(bare(picture)).toEqual(bare(without));
      }
    },
  ),

  'a decision that was taken back leaves no trace but itself': property((script, planner) => {
    const hall = play(
      script.filter(({ type }) => type !== 11),
      planner,
    );
    level(hall);
    const [one] = hall.windows as [Window];
    for (const picture of [...one.pictures.values()]) {
      const conflict = picture.conflicts[0];
      if (!conflict) continue;
      const before = one.pictures.get(conflict.agg);
      decideOn(one, conflict, 'second');
      decideOn(one, conflict, 'first');
      const after = one.pictures.get(conflict.agg);
      expect(bare(after)).toEqual(bare(before));
      expect(after?.conflicts.map(({ id }) => id)).toEqual(before?.conflicts.map(({ id }) => id));
      expect(after?.conflicts[0]).toMatchObject({ state: 'decided', decision: { choice: 'first' } });
    }
  }),

  'a restored server that learns of everything in another order makes no honest clerk a liar': property(
    (script, planner, order) => {
      // A decision names who lost; where the order turned round, the other has, and it is asked anew.
      const hall = play(
        script.filter(({ type }) => type !== 11),
        planner,
      );
      level(hall);
      const runs = hall.windows.map(({ dev }) => hall.stream.filter(({ event }) => event.dev === dev));
      const again: HeldEvent[] = [];
      for (let i = 0; runs.some((run) => run.length > 0); i++) {
        const open = runs.filter((run) => run.length > 0);
        const { event, bytes, hash } = open[(order[i] ?? 0) % open.length]?.shift() as HeldEvent;
        again.push({ event, bytes, hash, cursor: again.length + 1 });
      }
      const pictures = freshFold(again, planner);
      for (const conflict of conflictsOf(pictures)) expect(conflict.theirs).not.toBe('');
      for (const { waiting } of pictures) expect(waiting).toEqual([]);
    },
    false,
  ),
} satisfies Record<string, Property>;
