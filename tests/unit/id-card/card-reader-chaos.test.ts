import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../electron/adapters/simulated/card-reader/faults.ts';
import { demoDocument, demoPeople } from '../../fixtures/cards.ts';
import { createDesk } from './desk.ts';

type Step =
  | { do: 'place'; id: string }
  | { do: 'lift' | 'unplug' | 'plug' }
  | { do: 'wait'; ms: number }
  | { do: 'fault'; fault: Fault };

const fault: fc.Arbitrary<Fault> = fc.record(
  {
    on: fc.constantFrom('any', 'reset', 'status', 'find', 'select', 'read', 'appended'),
    times: fc.integer({ min: 1, max: 6 }),
    status: fc.constantFrom(
      0x10,
      0x11,
      0x21,
      0x24,
      0x31,
      0x33,
      0x40,
      0x41,
      0x60,
      0x66,
      0x80,
      0x81,
      0x90,
      0x91,
      0x9f,
      0x05,
    ),
    silent: fc.boolean(),
    damage: fc.constantFrom('checksum', 'length', 'half', 'envelope'),
    stray: fc.uint8Array({ maxLength: 80 }),
    unplug: fc.constantFrom('at-once', 'half-way'),
    lateMs: fc.integer({ min: 0, max: 7000 }),
  },
  { requiredKeys: ['on'] },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('place' as const),
      id: fc.constantFrom(...demoPeople().map((p) => p.id)),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('lift' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('unplug' as const, 'plug' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 4000 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('fault' as const), fault }) },
);

const latency = { find: 20, select: 30, read: 300, appended: 20, other: 5 };

describe('the reader under whatever happens', () => {
  it('delivers only what lay there, never more often than it was laid down, and works again afterwards', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 14 }),
        fc.constantFrom('miaxis' as const, 'dk' as const),
        async (steps, carrier) => {
          const desk = await createDesk({ real: { latency, carrier } });
          const laid = new Set<string>();
          let layings = 0;
          for (const action of steps) {
            if (action.do === 'place') {
              laid.add(action.id);
              // Only a reader with power can lose a card from sight; coming back to power it sees it anew.
              layings += 1;
              desk.real.cards.place(action.id);
            }
            if (action.do === 'lift') desk.real.cards.lift();
            if (action.do === 'unplug') desk.real.faults.unplug();
            if (action.do === 'plug') {
              layings += 1;
              desk.real.faults.plug();
            }
            if (action.do === 'fault') desk.real.faults.add(action.fault);
            if (action.do === 'wait') await desk.clock.advance(action.ms);
          }
          await desk.clock.advance(3000);
          const possible = [...laid].map((id) => demoDocument(id));
          for (const { document } of desk.reads) {
            expect(possible).toContainEqual({ ...document, latestAddress: '' });
          }
          expect(desk.reads.length).toBeLessThanOrEqual(layings);

          desk.real.faults.clear();
          // What the faults have put off for later has happened by then.
          await desk.clock.advance(8000);
          desk.real.faults.plug();
          desk.real.cards.lift();
          await desk.clock.until(() => desk.reader.status().phase === 'waiting', 30_000);
          const before = desk.reads.length;
          desk.real.cards.place('foreign-2023');
          await desk.clock.until(() => desk.reads.length === before + 1, 5000);
          expect(desk.reads.at(-1)?.document).toEqual(demoDocument('foreign-2023'));

          let stopped = false;
          void desk.reader.stop().then(() => (stopped = true));
          await desk.clock.advance(100);
          expect(stopped).toBe(true);
          await desk.clock.advance(20_000);
          expect(desk.clock.timers()).toBe(0);
        },
      ),
      { numRuns: Number(process.env.CHAOS_RUNS ?? 60) },
    );
  }, 120_000);
});
