import { describe, expect, it } from 'vitest';
import { openJournal, type Journal } from '../../../electron/core/journal/journal.ts';
import type { EventBytes } from '../../../shared/contract/journal.ts';
import { append, cmdOf, eventOf, journalPorts, readAll, tempFolder } from './harness.ts';
import { createMedium, type Medium } from './memory-medium.ts';

/** Mulberry32: a small generator whose seed a failing run prints. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const freeLock = () => Promise.resolve({ held: () => true, release: () => undefined });

async function openOn(medium: Medium, base: string): Promise<Journal> {
  return openJournal(
    journalPorts(base, {
      folder: '/journal',
      files: medium.files,
      lock: freeLock,
      segmentBytes: 3000,
      reserveBytes: 0,
    }),
  );
}

/** Works until the power goes, starts again, works … and returns what was acknowledged and what is there at the end. */
async function liveThroughCuts(
  seed: number,
  lazy: boolean,
): Promise<{ acknowledged: Map<string, string[]>; found: EventBytes[] }> {
  const random = seeded(seed);
  const base = tempFolder();
  const acknowledged = new Map<string, string[]>();
  let medium = createMedium(undefined, { lazy });
  let n = 0;
  for (let cut = 0; cut < 4; cut++) {
    medium.cutPowerAt(1 + Math.floor(random() * 120));
    await Promise.race([work(medium), medium.dark]);
    await new Promise((resolve) => setImmediate(resolve));
    medium = medium.afterPowerCut(random);
  }
  const journal = await openOn(medium, base);
  const found = await readAll(journal);
  await append(journal, 'the-last-one', 2);
  expect(await readAll(journal)).toHaveLength(found.length + 2);
  return { acknowledged, found };

  async function work(on: Medium): Promise<void> {
    const journal = await openOn(on, base);
    for (;;) {
      const some = Array.from({ length: 1 + Math.floor(random() * 3) }, () => n++);
      await Promise.all(
        some.map(async (i) => {
          const { events } = await append(journal, cmdOf(i), 1 + (i % 3));
          acknowledged.set(
            cmdOf(i),
            events.map(({ hash }) => hash),
          );
        }),
      );
    }
  }
}

/**
 * A command that was never acknowledged may be missing before one that was not either, when the medium kept the
 * later sectors of one write and not the earlier. Order and links must hold all the same.
 */
function expectOrder(events: EventBytes[]): void {
  const ends = new Map<string, { seq: number; hash: string }>();
  for (const kept of events) {
    const { inc, seq, prev } = eventOf(kept);
    const end = ends.get(inc) ?? { seq: 0, hash: '' };
    expect(seq).toBeGreaterThan(end.seq);
    if (seq === end.seq + 1) expect(prev).toBe(end.hash);
    ends.set(inc, { seq, hash: kept.hash });
  }
}

describe('journal and power cuts', () => {
  it('loses nothing it acknowledged and never shows half a command, in 300 cuts', async () => {
    for (let seed = 1; seed <= 75; seed++) {
      const { acknowledged, found } = await liveThroughCuts(seed, false);
      const hashes = new Set(found.map(({ hash }) => hash));
      const lost = [...acknowledged].filter(([, events]) => events.some((hash) => !hashes.has(hash)));
      expect({ seed, lost }).toEqual({ seed, lost: [] });
      expectOrder(found);
      const sizes = new Map<string, number>();
      for (const event of found) sizes.set(eventOf(event).cmd, (sizes.get(eventOf(event).cmd) ?? 0) + 1);
      const half = [...sizes].filter(([cmd, size]) => size !== 1 + (Number(cmd.slice(4)) % 3));
      expect({ seed, half }).toEqual({ seed, half: [] });
    }
  });

  it('would be caught by this test if it did not flush', async () => {
    let lost = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const { acknowledged, found } = await liveThroughCuts(seed, true);
      const hashes = new Set(found.map(({ hash }) => hash));
      lost += [...acknowledged.values()].filter((events) => events.some((hash) => !hashes.has(hash))).length;
    }
    expect(lost).toBeGreaterThan(0);
  });
});
