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

const ALL = { maxEvents: 500, maxBytes: 1_000_000 };

describe('what the journal still has to send', () => {
  it('gives the oldest unacknowledged events, within limits, until nothing is left', async () => {
    const journal = await openTestJournal(tempFolder());
    for (let n = 0; n < 7; n++) await append(journal, cmdOf(n), 3);
    const { inc } = journal.head();
    expect(journal.unsentCount()).toBe(21);
    const seen: number[] = [];
    for (;;) {
      const batch = await journal.unsent({ maxEvents: 4, maxBytes: 1_000_000 });
      if (!batch) break;
      expect(batch.inc).toBe(inc);
      expect(batch.from).toBe((seen.at(-1) ?? 0) + 1);
      seen.push(...batch.events.map((event) => eventOf(event).seq));
      journal.acknowledge(inc, seen.at(-1) ?? 0);
      expect(journal.unsentCount()).toBe(21 - seen.length);
    }
    expect(seen).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
  });

  it('counts bytes, and always gives at least one event', async () => {
    const journal = await openTestJournal(tempFolder());
    await append(journal, cmdOf(0), 5);
    const one = await journal.unsent({ maxEvents: 500, maxBytes: 10 });
    expect(one?.events).toHaveLength(1);
    const size = Buffer.byteLength(one?.events[0]?.bytes ?? '');
    const two = await journal.unsent({ maxEvents: 500, maxBytes: size * 2 + 100 });
    expect(two?.events).toHaveLength(2);
  });

  it('finishes an older incarnation before it begins with the newer', async () => {
    const journal = await openTestJournal(tempFolder());
    await append(journal, cmdOf(0), 2);
    const old = journal.head().inc;
    await journal.renew('damaged');
    await append(journal, cmdOf(1));
    expect(await journal.unsent(ALL)).toMatchObject({ inc: old, from: 1 });
    journal.acknowledge(old, 2);
    expect(await journal.unsent(ALL)).toMatchObject({ inc: journal.head().inc, from: 1 });
  });

  it('remembers what was acknowledged, and asks for all of it again when the server names another epoch', async () => {
    const base = tempFolder();
    const journal = await openTestJournal(base);
    await append(journal, cmdOf(0), 3);
    journal.heardEpoch('e1');
    journal.acknowledge(journal.head().inc, 2);
    await journal.close();
    const again = await openTestJournal(base);
    expect(again.acknowledged()).toBe(2);
    again.heardEpoch('e1');
    expect(again.unsentCount()).toBe(1);
    again.heardEpoch('e2');
    expect(again.unsentCount()).toBe(3);
  });

  it('does not take an acknowledgement for more than it has', async () => {
    const journal = await openTestJournal(tempFolder());
    await append(journal, cmdOf(0));
    journal.acknowledge(journal.head().inc, 500);
    expect(journal.acknowledged()).toBe(1);
  });
});

describe('a branch the server cannot take', () => {
  it('is made again in a new incarnation, in order, with the same command, time and place, and the old is not given again', async () => {
    const base = tempFolder();
    const journal = await openTestJournal(base);
    for (let n = 0; n < 4; n++) await append(journal, cmdOf(n), 2);
    const before = await readAll(journal);
    const old = journal.head().inc;
    journal.acknowledge(old, 4);
    await journal.strand(old, 5);

    const { inc, seq } = journal.head();
    expect(inc).not.toBe(old);
    expect(seq).toBe(4);
    const after = await readAll(journal);
    expectWholeChains(after);
    expect(after.slice(0, 4)).toEqual(before.slice(0, 4));
    for (const i of [4, 5, 6, 7]) {
      const was = eventOf(before[i]!);
      const is = eventOf(after[i]!);
      expect(is).toEqual({ ...was, inc, seq: i - 3, prev: is.prev });
    }
    expect(journal.unsentCount()).toBe(4);
    expect(await journal.unsent(ALL)).toMatchObject({ inc, from: 1 });
    // The command is still known: asked again, it answers with the events that count now.
    const repeat = await append(journal, cmdOf(3), 2);
    expect(repeat.events).toEqual(after.slice(6));
    expect(journal.head().seq).toBe(4);
    await journal.close();

    const again = await openTestJournal(base);
    expect(await readAll(again)).toEqual(after);
    expect(again.head()).toMatchObject({ inc, seq: 4 });
    expect(again.unsentCount()).toBe(4);
  });

  it('keeps the links between what an author had seen', async () => {
    const journal = await openTestJournal(tempFolder());
    const [first] = (await append(journal, cmdOf(0))).events;
    const second = { ...draft(0), seen: { last: first!.hash, cursor: 3 } };
    await journal.append({ cmd: cmdOf(1), drafts: [second] });
    await journal.strand(journal.head().inc, 1);
    const [one, two] = await readAll(journal);
    expect(one!.hash).not.toBe(first!.hash);
    expect(eventOf(two!).seen).toEqual({ last: one!.hash, cursor: 3 });
  });

  it('is carried over to the end although the program was stopped in the middle', async () => {
    const base = tempFolder();
    const journal = await openTestJournal(base);
    for (let n = 0; n < 6; n++) await append(journal, cmdOf(n));
    const old = journal.head().inc;
    // The stranding is on the medium, the carrying over has not begun: as if killed between the two.
    await journal.renew('fork');
    await append(journal, cmdOf(7));
    await journal.strand(old, 3);
    const whole = await readAll(journal);
    await journal.close();
    const again = await openTestJournal(base);
    expect(await readAll(again)).toEqual(whole);
    expect(whole.map((kept) => eventOf(kept).cmd)).toEqual([0, 1, 7, 2, 3, 4, 5].map(cmdOf));
  });

  it('leaves the events of another hall where they are', async () => {
    const journal = await openTestJournal(tempFolder());
    await append(journal, cmdOf(0), 2);
    const old = journal.head().inc;
    await journal.enrol({ ...PLACE, hall: 'hall-2' });
    await journal.strand(old, 1);
    expect(await readAll(journal)).toEqual([]);
    expect(journal.head().seq).toBe(0);
  });
});
