import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  append,
  cmdOf,
  draft,
  eventOf,
  expectWholeChains,
  openTestJournal,
  PLACE,
  readAll,
  tempFolder,
} from './harness.ts';

describe('journal', () => {
  it('gives back what was appended, after closing and opening again', async () => {
    const base = tempFolder();
    const first = await openTestJournal(base);
    const { events, head } = await append(first, cmdOf(1), 3);
    await append(first, cmdOf(2));
    expect(head).toMatchObject({ dev: PLACE.dev, seq: 3, hash: events[2]?.hash });
    await first.close();

    const again = await openTestJournal(base);
    const all = await readAll(again);
    expect(all).toHaveLength(4);
    expect(all.slice(0, 3)).toEqual(events);
    expect(again.head()).toEqual({ dev: PLACE.dev, inc: head.inc, seq: 4, hash: all[3]?.hash });
    expectWholeChains(all);
    const event = eventOf(events[0]!);
    expect(event).toMatchObject({ ...PLACE, seq: 1, prev: '', cmd: cmdOf(1), body: draft(0).body });
    expect(event.inc).toMatch(/^[0-9a-f]{32}$/);
  });

  it('stamps events with the local time and its offset', async () => {
    const base = tempFolder();
    const journal = await openTestJournal(base, {
      offsetMinutes: 480,
      clock: {
        now: () => Date.UTC(2026, 10, 21, 1, 12, 3, 120) + 0.4,
        monotonic: () => 0,
        after: () => () => undefined,
      },
    });
    const { events } = await append(journal, cmdOf(1));
    expect(eventOf(events[0]!).at).toBe('2026-11-21T09:12:03.120+08:00');
  });

  it('answers the same command twice with the same events and writes it once', async () => {
    const base = tempFolder();
    const journal = await openTestJournal(base);
    const first = await append(journal, cmdOf(1), 2);
    const second = await journal.append({ cmd: cmdOf(1), drafts: [draft(99)] });
    expect(second.events).toEqual(first.events);
    await journal.close();

    const again = await openTestJournal(base);
    const third = await again.append({ cmd: cmdOf(1), drafts: [draft(99)] });
    expect(third.events).toEqual(first.events);
    expect(await readAll(again)).toHaveLength(2);
  });

  it('writes a command once when it is asked for twice at the same moment', async () => {
    const journal = await openTestJournal(tempFolder());
    const [a, b, c] = await Promise.all([
      append(journal, cmdOf(1)),
      append(journal, cmdOf(1)),
      append(journal, cmdOf(2)),
    ]);
    expect(a.events).toEqual(b.events);
    expect(eventOf(c.events[0]!).seq).toBe(2);
    expect(journal.head().seq).toBe(2);
  });

  it('keeps order and chain when many appends wait together', async () => {
    const journal = await openTestJournal(tempFolder());
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => append(journal, cmdOf(i), 1 + (i % 3))),
    );
    const all = await readAll(journal, 37);
    expectWholeChains(all);
    expect(all.map((kept) => eventOf(kept).cmd)).toEqual(
      answers.flatMap(({ events }, i) => events.map(() => cmdOf(i))),
    );
  });

  it('refuses one command that has no canonical form without harming those beside it', async () => {
    const journal = await openTestJournal(tempFolder());
    const bad = journal.append({ cmd: cmdOf(2), drafts: [draft(1), draft(2, { body: { text: '\ud800' } })] });
    const [before, refused, after] = await Promise.allSettled([
      append(journal, cmdOf(1)),
      bad,
      append(journal, cmdOf(3)),
    ]);
    expect(before.status).toBe('fulfilled');
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'WIRE_BAD_INPUT' } });
    expect(after.status).toBe('fulfilled');
    const all = await readAll(journal);
    expect(all).toHaveLength(2);
    expectWholeChains(all);
  });

  it('refuses an event that no push could carry', async () => {
    const journal = await openTestJournal(tempFolder());
    const long = journal.append({
      cmd: cmdOf(1),
      drafts: [draft(1, { body: { text: '长'.repeat(200_000) } })],
    });
    await expect(long).rejects.toMatchObject({ code: 'WIRE_BAD_INPUT' });
    expect(journal.head().seq).toBe(0);
  });

  it('refuses to append before the device is enrolled, and appends after', async () => {
    const base = tempFolder();
    const journal = await openTestJournal(base, { place: null });
    await expect(append(journal, cmdOf(1))).rejects.toMatchObject({ code: 'DEVICE_NOT_ENROLLED' });
    expect(journal.head()).toMatchObject({ dev: PLACE.dev, inc: '', seq: 0 });
    expect(await journal.read({ inc: null, after: 0, limit: 10 })).toEqual({ events: [], more: false });
    await journal.enrol(PLACE);
    await append(journal, cmdOf(1));
    expect(journal.head().seq).toBe(1);
  });

  it('begins a new incarnation at each enrolment and reads both in order', async () => {
    const journal = await openTestJournal(tempFolder());
    await append(journal, cmdOf(1));
    const before = journal.head().inc;
    await journal.enrol(PLACE);
    await append(journal, cmdOf(2));
    expect(journal.head()).toMatchObject({ seq: 1 });
    expect(journal.head().inc).not.toBe(before);
    const all = await readAll(journal, 1);
    expect(all.map((kept) => eventOf(kept).cmd)).toEqual([cmdOf(1), cmdOf(2)]);
    // From the end of the first incarnation the second is given, and from its own end nothing.
    const rest = await journal.read({ inc: before, after: 1, limit: 10 });
    expect(rest.events).toEqual(all.slice(1));
    expect(await journal.read({ inc: journal.head().inc, after: 1, limit: 10 })).toEqual({
      events: [],
      more: false,
    });
  });

  it('gives everything when asked to go on from an incarnation it does not hold', async () => {
    const journal = await openTestJournal(tempFolder());
    await append(journal, cmdOf(1), 3);
    const page = await journal.read({ inc: 'f'.repeat(32), after: 50, limit: 10 });
    expect(page.events).toHaveLength(3);
  });

  it('does not show the events of a hall it has left', async () => {
    const journal = await openTestJournal(tempFolder());
    await append(journal, cmdOf(1));
    await journal.enrol({ ...PLACE, hall: 'hall-2' });
    await append(journal, cmdOf(2));
    const all = await readAll(journal);
    expect(all.map((kept) => eventOf(kept).hall)).toEqual(['hall-2']);
    expect(await journal.status()).toMatchObject({ unsent: 1, stuck: 1, incarnations: 2 });
  });

  it('begins another segment when one is full, and reads across them', async () => {
    const base = tempFolder();
    const journal = await openTestJournal(base, { segmentBytes: 4000 });
    for (let i = 0; i < 30; i++) await append(journal, cmdOf(i), 2);
    const segments = readdirSync(join(base, 'journal')).filter((name) => name.endsWith('.zcj'));
    expect(segments.length).toBeGreaterThan(5);
    const all = await readAll(journal);
    expect(all).toHaveLength(60);
    expectWholeChains(all);
    await journal.close();
    const again = await openTestJournal(base, { segmentBytes: 4000 });
    expect(again.notices).toEqual([]);
    expect(await readAll(again)).toEqual(all);
    expect(again.head()).toMatchObject({ seq: 60, inc: eventOf(all[0]!).inc });
  });

  it('shows nothing of what it holds to whoever reads its files', async () => {
    const base = tempFolder();
    const journal = await openTestJournal(base);
    await journal.append({
      cmd: cmdOf(1),
      drafts: [draft(1, { body: { name: '测试人甲', phone: '13800000000' } })],
    });
    await journal.close();
    const { readFileSync } = await import('node:fs');
    for (const name of readdirSync(join(base, 'journal'))) {
      const text = readFileSync(join(base, 'journal', name)).toString('utf8');
      expect(text).not.toContain('测试人甲');
      expect(text).not.toContain('13800000000');
    }
  });

  it('keeps a whole chain through any sequence of appends, repeats, reopenings and new incarnations', async () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant('append' as const),
          cmd: fc.integer({ min: 0, max: 40 }),
          size: fc.integer({ min: 1, max: 4 }),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('renew' as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const base = tempFolder();
        let journal = await openTestJournal(base, { segmentBytes: 3000 });
        const model = new Map<string, string[]>();
        for (const each of steps) {
          if (each.do === 'append') {
            const cmd = cmdOf(each.cmd);
            const { events } = await append(journal, cmd, each.size);
            const hashes = events.map(({ hash }) => hash);
            const known = model.get(cmd);
            if (known) expect(hashes).toEqual(known);
            else model.set(cmd, hashes);
          } else if (each.do === 'reopen') {
            await journal.close();
            journal = await openTestJournal(base, { segmentBytes: 3000 });
            expect(journal.notices).toEqual([]);
          } else await journal.renew('damaged');
        }
        const all = await readAll(journal, 7);
        expectWholeChains(all);
        expect(all.map(({ hash }) => hash)).toEqual([...model.values()].flat());
        await journal.close();
      }),
      { numRuns: 40 },
    );
  });
});
