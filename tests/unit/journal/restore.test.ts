import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scanSegment, segmentName } from '../../../electron/core/journal/segment.ts';
import type { EventBytes } from '../../../shared/contract/journal.ts';
import { hashText } from '../../../shared/sync/hash.ts';
import {
  append,
  cmdOf,
  eventOf,
  expectWholeChains,
  journalPorts,
  openTestJournal,
  readAll,
  tempFolder,
} from './harness.ts';

const ALL = { maxEvents: 500, maxBytes: 1_000_000 };

/** Eight commands of two events, as a store has them too; the journal is closed. */
async function lived() {
  const base = tempFolder();
  const journal = await openTestJournal(base);
  for (let n = 0; n < 8; n++) await append(journal, cmdOf(n), 2);
  const stored = await readAll(journal);
  const { inc } = journal.head();
  await journal.close();
  return { base, inc, stored, segment: join(base, 'journal', segmentName(1)) };
}

const hashes = (events: EventBytes[]): string[] => events.map(({ hash }) => hash);
const forget = (base: string): void => rmSync(join(base, 'journal-head.json'), { force: true });

describe('a journal that lost what the store still has', () => {
  it('is emptied by a cleaner: everything is written back before the new incarnation, sent once, and stays', async () => {
    const { base, inc, stored } = await lived();
    rmSync(join(base, 'journal'), { recursive: true });
    const journal = await openTestJournal(base);
    expect(journal.notices).toEqual(['journal-shortened']);
    await append(journal, cmdOf(20));
    expect(await journal.compare([{ inc, seq: 16 }])).toEqual([{ inc, from: 1, to: 16 }]);
    expect(await journal.restore(stored)).toBe(16);
    expect((await journal.status()).missing).toEqual([]);

    const all = await readAll(journal);
    expect(hashes(all.slice(0, 16))).toEqual(hashes(stored));
    expect(all).toHaveLength(17);
    expectWholeChains(all);
    // Not known to be acknowledged, so the server is asked to take them, with their old names.
    expect(await journal.unsent(ALL)).toMatchObject({ inc, from: 1 });
    expect(journal.unsentCount()).toBe(17);
    await append(journal, cmdOf(21));
    const { head } = await journal.status();
    await journal.close();

    const again = await openTestJournal(base);
    expect(again.notices).toEqual([]);
    expect(again.head()).toEqual(head);
    expect(hashes(await readAll(again)).slice(0, 17)).toEqual(hashes(all));
    expect((await again.status()).missing).toEqual([]);
    // The same command is answered with the same events as ever.
    expect((await append(again, cmdOf(3), 2)).events).toEqual(stored.slice(6, 8));
  });

  it('came back shorter and its note of the head is gone too: only the store knows, and the incarnation is ended', async () => {
    const { base, inc, stored, segment } = await lived();
    truncateSync(segment, scanSegment(readFileSync(segment)).records.at(-2)!.offset);
    forget(base);
    const journal = await openTestJournal(base);
    expect(journal.head()).toMatchObject({ inc, seq: 12 });
    expect(await journal.compare([{ inc, seq: 16 }])).toEqual([{ inc, from: 13, to: 16 }]);
    expect(journal.head()).toMatchObject({ seq: 0 });
    expect(journal.head().inc).not.toBe(inc);
    expect(journal.notices).toEqual(['journal-shortened']);
    expect(await journal.restore(stored.slice(10))).toBe(4);
    expect(hashes(await readAll(journal))).toEqual(hashes(stored));
    expect((await journal.status()).missing).toEqual([]);
  });

  it('is not fooled when events are given back without being compared first', async () => {
    const { base, inc, stored, segment } = await lived();
    truncateSync(segment, scanSegment(readFileSync(segment)).records.at(-1)!.offset);
    forget(base);
    const journal = await openTestJournal(base);
    expect(await journal.restore(stored)).toBe(2);
    expect(journal.head().inc).not.toBe(inc);
    expect(hashes(await readAll(journal))).toEqual(hashes(stored));
  });

  it('has a hole after a bad record, says so over restarts, and no longer once it is refilled', async () => {
    const { base, inc, stored, segment } = await lived();
    const bytes = readFileSync(segment);
    const bad = scanSegment(bytes).records[3]!;
    bytes[bad.offset + 80] = (bytes[bad.offset + 80] ?? 0) ^ 0xff;
    writeFileSync(segment, bytes);
    const journal = await openTestJournal(base);
    expect((await journal.status()).missing).toEqual([{ inc, from: 5, to: 6 }]);
    await append(journal, cmdOf(30));
    await journal.close();

    const again = await openTestJournal(base);
    expect((await again.status()).missing).toEqual([{ inc, from: 5, to: 6 }]);
    expect(await again.restore(stored.slice(4, 5))).toBe(1);
    expect((await again.status()).missing).toEqual([{ inc, from: 6, to: 6 }]);
    expect(await again.restore(stored)).toBe(1);
    expect((await again.status()).missing).toEqual([]);
    const whole = await readAll(again);
    expect(hashes(whole.slice(0, 16))).toEqual(hashes(stored));
    await again.close();
    const third = await openTestJournal(base);
    expect((await third.status()).missing).toEqual([]);
    expect(await readAll(third)).toEqual(whole);
  });

  it('takes nothing that is forged, foreign, or does not follow from what is here', async () => {
    const { base, inc, stored, segment } = await lived();
    truncateSync(segment, scanSegment(readFileSync(segment)).records.at(-1)!.offset);
    const journal = await openTestJournal(base);
    const forged = (change: object): EventBytes => {
      const bytes = JSON.stringify({ ...eventOf(stored[14]!), ...change });
      return { bytes, hash: hashText(bytes) };
    };
    const lies = [
      { ...stored[14]!, hash: stored[13]!.hash },
      { ...stored[14]!, bytes: stored[14]!.bytes.replace('材料齐全', '材料不全') },
      forged({ prev: 'ab'.repeat(32) }),
      forged({ dev: 'ZZZZZZZZZZZZZZZZZZZZZZZZZZ' }),
      { bytes: 'not json', hash: hashText('not json') },
    ];
    expect(await journal.restore(lies)).toBe(0);
    expect((await journal.status()).missing).toEqual([{ inc, from: 15, to: 16 }]);
    expect(await journal.restore(stored)).toBe(2);
  });

  it('takes the same events twice and writes them once', async () => {
    const { base, stored } = await lived();
    rmSync(join(base, 'journal'), { recursive: true });
    const journal = await openTestJournal(base);
    expect(await journal.restore([...stored, ...stored])).toBe(16);
    const { bytes } = await journal.status();
    expect(await journal.restore(stored)).toBe(0);
    expect((await journal.status()).bytes).toBe(bytes);
  });

  it('goes on appending to the segment it was in, also after closing', async () => {
    const { base, stored } = await lived();
    rmSync(join(base, 'journal'), { recursive: true });
    const journal = await openTestJournal(base);
    await append(journal, cmdOf(40));
    await journal.restore(stored.slice(0, 8));
    await append(journal, cmdOf(41));
    await journal.restore(stored.slice(8));
    await append(journal, cmdOf(42));
    const whole = await readAll(journal);
    await journal.close();
    const again = await openTestJournal(base);
    await append(again, cmdOf(43));
    const after = await readAll(again);
    expect(hashes(after).slice(0, 19)).toEqual(hashes(whole));
    expect(again.head().seq).toBe(4);
    expectWholeChains(after);
  });

  it('makes again what comes back of a branch the server can never take', async () => {
    const { base, inc, stored, segment } = await lived();
    truncateSync(segment, scanSegment(readFileSync(segment)).records.at(-1)!.offset);
    const journal = await openTestJournal(base);
    await journal.strand(inc, 13);
    expect(await journal.restore(stored)).toBe(2);
    const all = await readAll(journal);
    expect(all.slice(12).map((kept) => eventOf(kept).cmd)).toEqual([6, 6, 7, 7].map(cmdOf));
    expect(all.slice(12).every((kept) => eventOf(kept).inc === journal.head().inc)).toBe(true);
  });

  it('gave the place of a lost event to another one: the lost one is made again, once', async () => {
    const { base, stored, segment } = await lived();
    truncateSync(segment, scanSegment(readFileSync(segment)).records.at(-1)!.offset);
    forget(base);
    const journal = await openTestJournal(base);
    await append(journal, cmdOf(70), 2);
    expect(await journal.restore(stored)).toBe(2);
    expect(await journal.restore(stored)).toBe(0);
    const all = (await readAll(journal)).map(eventOf);
    expect(all.slice(14).map(({ cmd }) => cmd)).toEqual([70, 70, 7, 7].map(cmdOf));
    expect(all.at(-1)?.body).toEqual(eventOf(stored[15]!).body);
  });

  it('lost the copy of a carried event: it is not carried a second time before the server has said what it has', async () => {
    const base = tempFolder();
    const journal = await openTestJournal(base);
    for (let n = 0; n < 3; n++) await append(journal, cmdOf(n));
    const old = journal.head().inc;
    await journal.strand(old, 2);
    const copies = await readAll(journal);
    journal.acknowledge(journal.head().inc, 2);
    const path = join(base, 'journal', segmentName(2));
    await journal.close();
    const bytes = readFileSync(path);
    const copy = scanSegment(bytes).records.find(({ head }) => head.kind === 'events')!;
    bytes[copy.offset + 90] = (bytes[copy.offset + 90] ?? 0) ^ 0xff;
    writeFileSync(path, bytes);

    const again = await openTestJournal(base);
    expect(again.head().seq).toBe(0);
    expect((await readAll(again)).map((kept) => eventOf(kept).cmd)).toEqual([0, 2].map(cmdOf));
    // The server had it and gives it back: once is enough.
    expect(await again.restore(copies)).toBe(1);
    await again.settle();
    expect((await readAll(again)).map((kept) => eventOf(kept).cmd)).toEqual([0, 1, 2].map(cmdOf));
  });

  it('lost the copy of a carried event that nobody has: it is carried again', async () => {
    const base = tempFolder();
    const journal = await openTestJournal(base);
    for (let n = 0; n < 3; n++) await append(journal, cmdOf(n));
    await journal.strand(journal.head().inc, 2);
    const path = join(base, 'journal', segmentName(2));
    await journal.close();
    const bytes = readFileSync(path);
    const copy = scanSegment(bytes).records.find(({ head }) => head.kind === 'events')!;
    bytes[copy.offset + 90] = (bytes[copy.offset + 90] ?? 0) ^ 0xff;
    writeFileSync(path, bytes);
    const again = await openTestJournal(base);
    expect(again.head().seq).toBe(0);
    await again.settle();
    expect((await readAll(again)).map((kept) => eventOf(kept).cmd)).toEqual([0, 2, 1].map(cmdOf));
  });

  it('is enrolled at another hall meanwhile: what comes back keeps its hall', async () => {
    const { base, stored } = await lived();
    rmSync(join(base, 'journal'), { recursive: true });
    const ports = journalPorts(base);
    const journal = await openTestJournal(base, { place: { ...ports.place!, hall: 'hall-2' } });
    expect(await journal.restore(stored)).toBe(16);
    expect(await readAll(journal)).toEqual([]);
    expect(await journal.status()).toMatchObject({ stuck: 16, unsent: 0 });
  });
});
