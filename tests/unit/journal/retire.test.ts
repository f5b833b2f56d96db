import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openJournal, type Journal } from '../../../electron/core/journal/journal.ts';
import { ARCHIVE } from '../../../electron/core/journal/retire.ts';
import { append, cmdOf, eventOf, journalPorts, openTestJournal, readAll, tempFolder } from './harness.ts';
import type { EventBytes } from '../../../shared/contract/journal.ts';
import { createMedium } from './memory-medium.ts';

const DAY = 86_400_000;
const HORIZON = 30 * DAY;
const SMALL = { segmentBytes: 2500 };

const archived = (base: string): string[] => {
  try {
    return readdirSync(join(base, 'journal', ARCHIVE));
  } catch {
    return [];
  }
};

describe('old segments', () => {
  it('are put away once everything in them was acknowledged longer ago than the backups reach', async () => {
    const base = tempFolder();
    const journal = await openTestJournal(base, SMALL);
    for (let n = 0; n < 12; n++) await append(journal, cmdOf(n), 2);
    const { inc } = journal.head();
    journal.acknowledge(inc, 24);
    expect(await journal.retire({ serverNow: 100 * DAY, horizonMs: HORIZON })).toBe(0);
    expect(await journal.retire({ serverNow: 129 * DAY, horizonMs: HORIZON })).toBe(0);
    const before = await readAll(journal);
    const put = await journal.retire({ serverNow: 131 * DAY, horizonMs: HORIZON });
    expect(put).toBeGreaterThan(2);
    expect(archived(base)).toHaveLength(put);
    const left = await readAll(journal);
    expect(left.length).toBeLessThan(before.length);
    expect(left).toEqual(before.slice(-left.length));
    expect(await journal.status()).toMatchObject({ missing: [], head: { seq: 24 } });
    await append(journal, cmdOf(50));
    await journal.close();

    const again = await openTestJournal(base, SMALL);
    expect(again.notices).toEqual([]);
    expect(again.head()).toMatchObject({ inc, seq: 25 });
    expect((await again.status()).missing).toEqual([]);
    expect((await readAll(again)).slice(0, left.length)).toEqual(left);
    // What was put away is not taken back by a store that still has it.
    expect(await again.restore(before)).toBe(0);
  });

  it('stay while one event in them waits for the server', async () => {
    const journal = await openTestJournal(tempFolder(), SMALL);
    for (let n = 0; n < 12; n++) await append(journal, cmdOf(n), 2);
    journal.acknowledge(journal.head().inc, 1);
    await journal.retire({ serverNow: 0, horizonMs: HORIZON });
    expect(await journal.retire({ serverNow: 1000 * DAY, horizonMs: HORIZON })).toBe(0);
    expect(await readAll(journal)).toHaveLength(24);
  });

  it('stay when the server was restored in between: the time begins anew', async () => {
    const journal = await openTestJournal(tempFolder(), SMALL);
    for (let n = 0; n < 12; n++) await append(journal, cmdOf(n), 2);
    const { inc } = journal.head();
    journal.heardEpoch('e1');
    journal.acknowledge(inc, 24);
    await journal.retire({ serverNow: 0, horizonMs: HORIZON });
    journal.heardEpoch('e2');
    journal.acknowledge(inc, 24);
    expect(await journal.retire({ serverNow: 31 * DAY, horizonMs: HORIZON })).toBe(0);
    expect(await journal.retire({ serverNow: 62 * DAY, horizonMs: HORIZON })).toBeGreaterThan(0);
  });

  it('are found again after a stop between saying so and doing so', async () => {
    const base = tempFolder();
    const medium = createMedium();
    const free = () => Promise.resolve({ held: () => true, release: () => undefined });
    const ports = journalPorts(base, {
      folder: '/j',
      files: medium.files,
      lock: free,
      reserveBytes: 0,
      ...SMALL,
    });
    const journal = await openJournal(ports);
    for (let n = 0; n < 12; n++) await append(journal, cmdOf(n), 2);
    journal.acknowledge(journal.head().inc, 24);
    await journal.retire({ serverNow: 0, horizonMs: HORIZON });
    medium.failNext('rename', 'EIO');
    await expect(journal.retire({ serverNow: 31 * DAY, horizonMs: HORIZON })).rejects.toThrow();
    await append(journal, cmdOf(60));
    await journal.close();
    const again = await openJournal(ports);
    expect(again.notices).toEqual([]);
    expect(await readAll(again)).toHaveLength(25);
    expect(await again.retire({ serverNow: 32 * DAY, horizonMs: HORIZON })).toBeGreaterThan(2);
    expect((await again.status()).missing).toEqual([]);
    await again.close();
    const third = await openJournal(ports);
    expect(third.notices).toEqual([]);
    expect((await third.status()).missing).toEqual([]);
    expect(third.head().seq).toBe(25);
  });
});

type Step =
  | { do: 'append'; size: number }
  | { do: 'acknowledge'; share: number }
  | { do: 'days'; days: number }
  | { do: 'epoch' | 'renew' | 'reopen' | 'retire' | 'strand' | 'server-lost' };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant('append' as const), size: fc.integer({ min: 1, max: 4 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('acknowledge' as const),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('days' as const), days: fc.integer({ min: 1, max: 40 }) }),
    },
    { weight: 5, arbitrary: fc.constant({ do: 'retire' as const }) },
    fc.record({
      do: fc.constantFrom(
        'epoch' as const,
        'renew' as const,
        'reopen' as const,
        'strand' as const,
        'server-lost' as const,
      ),
    }),
  ),
  { minLength: 5, maxLength: 40 },
);

/**
 * Every happening ever journalled, by command and number within it (made again after a fork it is the same happening):
 * where it stands now, and since when the server has had it without a break; null while it has not.
 */
type World = Map<string, { inc: string; seq: number; since: number | null }>;

const keyOf = (kept: EventBytes): string => {
  const { cmd, body } = eventOf(kept);
  return `${cmd}/${Number(body['n'])}`;
};

async function live(
  plan: Step[],
  horizonMs: number,
): Promise<{ kept: Set<string>; world: World; now: number }> {
  const base = tempFolder();
  const world: World = new Map();
  let now = 0;
  let n = 0;
  let epoch = 0;
  let journal: Journal = await openTestJournal(base, { segmentBytes: 1200 });
  journal.heardEpoch('e0');
  const forgets = (of: (seq: number, inc: string) => boolean): void => {
    for (const event of world.values()) if (of(event.seq, event.inc)) event.since = null;
  };
  for (const step of plan) {
    if (step.do === 'append')
      for (const kept of (await append(journal, cmdOf(n++), step.size)).events) {
        const { inc, seq } = eventOf(kept);
        world.set(keyOf(kept), { inc, seq, since: null });
      }
    if (step.do === 'acknowledge') {
      for (const inc of new Set([...world.values()].map((event) => event.inc))) {
        const own = [...world.values()].filter((event) => event.inc === inc);
        const to = Math.max(journal.acknowledged(inc), Math.ceil(step.share * own.length));
        journal.acknowledge(inc, to);
        for (const event of own) if (event.seq <= journal.acknowledged(inc)) event.since ??= now;
      }
    }
    if (step.do === 'days') now += step.days * DAY;
    if (step.do === 'epoch') {
      journal.heardEpoch(`e${++epoch}`);
      forgets(() => true);
    }
    if (step.do === 'server-lost') {
      const { inc, seq } = journal.head();
      const has = Math.floor(Math.min(seq, journal.acknowledged(inc)) / 2);
      journal.acknowledge(inc, has);
      forgets((at, of) => of === inc && at > has);
    }
    if (step.do === 'renew') await journal.renew('damaged');
    if (step.do === 'strand') {
      const { inc } = journal.head();
      await journal.strand(inc, journal.acknowledged(inc) + 1);
      for (const kept of await readAll(journal)) {
        const { inc: now, seq } = eventOf(kept);
        const event = world.get(keyOf(kept));
        if (event?.inc !== now) world.set(keyOf(kept), { inc: now, seq, since: null });
      }
    }
    if (step.do === 'retire') await journal.retire({ serverNow: now, horizonMs });
    if (step.do === 'reopen') {
      await journal.close();
      journal = await openTestJournal(base, { segmentBytes: 1200 });
      expect(journal.notices).toEqual([]);
    }
  }
  expect((await journal.status()).missing).toEqual([]);
  const kept = new Set((await readAll(journal)).map(keyOf));
  await journal.close();
  rmSync(base, { recursive: true, force: true });
  return { kept, world, now };
}

/** @returns events that are gone although nobody else has them for certain */
function lost({ kept, world, now }: Awaited<ReturnType<typeof live>>, horizonMs: number): unknown[] {
  return [...world].filter(
    ([key, { since }]) => !kept.has(key) && (since === null || now - since < horizonMs),
  );
}

describe('retention (C5, C6)', () => {
  it(
    'never puts away what is not acknowledged, or not for long enough, whatever happened before',
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (plan) => {
          const end = await live(plan, HORIZON);
          expect(lost(end, HORIZON)).toEqual([]);
        }),
        { numRuns: 40 },
      );
    },
  );

  it('would be caught by this test if the horizon were not kept', async () => {
    const plan: Step[] = [
      ...Array.from({ length: 8 }, (): Step => ({ do: 'append', size: 2 })),
      { do: 'acknowledge', share: 1 },
      { do: 'retire' },
      { do: 'days', days: 3 },
      { do: 'retire' },
    ];
    const hasty = await live(plan, DAY);
    expect(lost(hasty, HORIZON).length).toBeGreaterThan(0);
    expect(lost(await live(plan, HORIZON), HORIZON)).toEqual([]);
  });
});
