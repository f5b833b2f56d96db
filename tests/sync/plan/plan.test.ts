import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freshFold, level, play, steps } from './hall.ts';
import { PROPERTIES } from './properties.ts';
import { REAL } from './window.ts';

const TROUBLE = [
  ...[
    'accepted-twice',
    'finished-differently',
    'stepped-after-end',
    'finished-before-accepted',
    'number-twice',
  ],
  ...['taken-twice', 'called-twice', 'called-after-end', 'ended-twice', 'out-of-order', 'ended-twice on top'],
  ...['stale', 'waiting', 'unread', 'repeated'],
];

/** ZC_RUNS=10000 for the long run. A failure prints its seed and path: pass them to fc.assert to see it again. */
const RUNS = Number(process.env['ZC_RUNS'] ?? 200);

describe('the planner, for any hall', () => {
  it('is asked about every kind of trouble there is', () => {
    const scripts = fc.sample(steps(true), { numRuns: 400, seed: 4 });
    const kinds = new Set<string>();
    for (const script of scripts) {
      const hall = play(script);
      level(hall);
      for (const { conflicts, stale, waiting, unread, repeated } of freshFold(hall.stream)) {
        for (const { kind, follows } of conflicts) kinds.add(follows === undefined ? kind : `${kind} on top`);
        if (stale.length > 0) kinds.add('stale');
        if (waiting.length > 0) kinds.add('waiting');
        if (unread.length > 0) kinds.add('unread');
        if (repeated.length > 0) kinds.add('repeated');
      }
    }
    expect([...kinds].sort()).toEqual(expect.arrayContaining(TROUBLE));
  }, 60_000);

  it.each(Object.entries(PROPERTIES))(
    '%s',
    (_, property) => {
      fc.assert(property(REAL), { numRuns: RUNS });
    },
    60_000 + RUNS * 100,
  );
});
