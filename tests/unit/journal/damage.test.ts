import {
  copyFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scanSegment, segmentName } from '../../../electron/core/journal/segment.ts';
import {
  append,
  cmdOf,
  eventOf,
  expectWholeChains,
  memoryLog,
  openTestJournal,
  readAll,
  tempFolder,
} from './harness.ts';

/** A journal with `count` commands of two events each, closed. */
async function written(
  count: number,
  segmentBytes?: number,
): Promise<{ base: string; folder: string; inc: string; hashes: string[] }> {
  const base = tempFolder();
  const journal = await openTestJournal(base, segmentBytes === undefined ? {} : { segmentBytes });
  for (let i = 0; i < count; i++) await append(journal, cmdOf(i), 2);
  const hashes = (await readAll(journal)).map(({ hash }) => hash);
  const { inc } = journal.head();
  await journal.close();
  return { base, folder: join(base, 'journal'), inc, hashes };
}

const recordsOf = (path: string) => scanSegment(readFileSync(path)).records;
const aside = (folder: string, part: string): string[] =>
  readdirSync(folder).filter((name) => name.includes(part));

function spoil(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(path, bytes);
}

describe('a journal after a crash', () => {
  it('cuts a torn tail at every possible length and keeps everything before it', async () => {
    const { folder, base, hashes, inc } = await written(4);
    const path = join(folder, segmentName(1));
    const whole = readFileSync(path);
    const last = recordsOf(path).at(-1)!;
    for (let length = last.offset; length < whole.length; length += 41) {
      writeFileSync(path, whole.subarray(0, length));
      rmSync(join(base, 'journal-head.json'), { force: true });
      const journal = await openTestJournal(base);
      expect(journal.notices).toEqual([]);
      const all = await readAll(journal);
      expect(all.map(({ hash }) => hash)).toEqual(hashes.slice(0, 6));
      expect(journal.head()).toMatchObject({ inc, seq: 6 });
      await append(journal, cmdOf(9));
      expectWholeChains(await readAll(journal));
      await journal.close();
    }
    expect(aside(folder, 'torn-').length).toBeGreaterThan(5);
  });

  it('cuts a tail of zeros, as some file systems leave it after a power cut', async () => {
    const { folder, base, inc } = await written(2);
    const path = join(folder, segmentName(1));
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(5000)]));
    const journal = await openTestJournal(base);
    expect(journal.notices).toEqual([]);
    expect(journal.head()).toMatchObject({ inc, seq: 4 });
  });

  it('passes over a segment that was begun and cut off', async () => {
    const { folder, base, inc } = await written(2);
    writeFileSync(join(folder, segmentName(2)), readFileSync(join(folder, segmentName(1))).subarray(0, 100));
    const journal = await openTestJournal(base);
    expect(journal.notices).toEqual([]);
    expect(journal.head()).toMatchObject({ inc, seq: 4 });
    await append(journal, cmdOf(5));
    await journal.close();
    const again = await openTestJournal(base);
    expect(again.head()).toMatchObject({ inc, seq: 5 });
  });
});

describe('a journal on a damaged medium', () => {
  it('keeps what is before and behind a bad record, quarantines the segment, reports the range and begins a new incarnation', async () => {
    const { folder, base, inc, hashes } = await written(6);
    const path = join(folder, segmentName(1));
    const bad = recordsOf(path)[3]!; // opening, command 0, 1, then command 2: events 5 and 6
    spoil(path, bad.offset + 80);
    const original = readFileSync(path);

    const log = memoryLog();
    const journal = await openTestJournal(base, { log });
    expect(journal.notices).toEqual(['journal-damaged']);
    const all = (await readAll(journal)).map(({ hash }) => hash);
    expect(all).toEqual([...hashes.slice(0, 4), ...hashes.slice(6)]);
    expect(journal.head()).toMatchObject({ seq: 0 });
    expect(journal.head().inc).not.toBe(inc);
    const quarantined = aside(folder, 'quarantine');
    expect(quarantined).toHaveLength(1);
    expect((await journal.status()).missing).toEqual([{ inc, from: 5, to: 6 }]);
    expect(readFileSync(join(folder, quarantined[0]!))).toEqual(original);
    const report = log.lines.find(({ text }) => text === 'damage');
    expect(report?.data).toMatchObject({
      damage: [{ segment: 1, bytes: { from: bad.offset, to: bad.end } }],
      holes: [{ inc, from: 5, to: 6 }],
    });
    await append(journal, cmdOf(20));
    await journal.close();

    const again = await openTestJournal(base);
    expect(again.notices).toEqual([]);
    expect(again.head()).toMatchObject({ seq: 1, inc: journal.head().inc });
    expect(await readAll(again)).toHaveLength(11);
  });

  it('finds every other record whichever single byte is bad', async () => {
    const { folder, base } = await written(3);
    const path = join(folder, segmentName(1));
    const whole = readFileSync(path);
    const starts = recordsOf(path);
    for (let at = 0; at < whole.length; at += 29) {
      for (const name of readdirSync(folder)) rmSync(join(folder, name));
      rmSync(join(base, 'journal-head.json'), { force: true });
      writeFileSync(path, whole);
      spoil(path, at);
      const journal = await openTestJournal(base);
      const hit = starts.find(({ offset, end }) => at >= offset && at < end);
      const lost = hit?.head.kind === 'events' ? 2 : 0;
      expect({ at, kept: (await readAll(journal)).length }).toEqual({ at, kept: 6 - lost });
      // A long length in the last record looks like a torn write; what it said is kept aside.
      if (journal.notices.length === 0) expect(aside(folder, 'torn-')).toHaveLength(1);
      await append(journal, cmdOf(50));
      await journal.close();
    }
  });

  it('notices a missing segment in the middle', async () => {
    const { folder, base, inc } = await written(12, 2500);
    rmSync(join(folder, segmentName(2)));
    const journal = await openTestJournal(base);
    expect(journal.notices).toEqual(['journal-damaged']);
    expect(journal.head().inc).not.toBe(inc);
    const kept = (await readAll(journal)).map((event) => eventOf(event).seq);
    expect(kept[0]).toBe(1);
    expect(kept.at(-1)).toBe(24);
    expect(kept.length).toBeLessThan(24);
  });

  it('does not read a segment that was copied to another place', async () => {
    const { folder, base } = await written(2);
    copyFileSync(join(folder, segmentName(1)), join(folder, segmentName(2)));
    const journal = await openTestJournal(base);
    expect(await readAll(journal)).toHaveLength(4);
    expect(aside(folder, 'quarantine')).toHaveLength(1);
  });

  it('finishes a repair that was interrupted between its two renames', async () => {
    const { folder, base, hashes } = await written(2);
    const path = join(folder, segmentName(1));
    copyFileSync(path, `${path}.repaired`);
    rmSync(path);
    const journal = await openTestJournal(base);
    expect((await readAll(journal)).map(({ hash }) => hash)).toEqual(hashes);
  });

  it('forgets a repair that was interrupted before its renames', async () => {
    const { folder, base, hashes } = await written(2);
    writeFileSync(join(folder, `${segmentName(1)}.repaired`), 'half');
    const journal = await openTestJournal(base);
    expect((await readAll(journal)).map(({ hash }) => hash)).toEqual(hashes);
    expect(aside(folder, '.repaired')).toEqual([]);
  });
});

describe('a journal that came back shorter', () => {
  it('begins a new incarnation when its end is gone', async () => {
    const { folder, base, inc } = await written(4);
    const path = join(folder, segmentName(1));
    truncateSync(path, recordsOf(path).at(-1)!.offset);
    const journal = await openTestJournal(base);
    expect(journal.notices).toEqual(['journal-shortened']);
    expect(journal.head()).toMatchObject({ seq: 0 });
    expect(journal.head().inc).not.toBe(inc);
    expect(await readAll(journal)).toHaveLength(6);
    await journal.close();
    expect((await openTestJournal(base)).notices).toEqual([]);
  });

  it('begins a new incarnation when the folder was emptied', async () => {
    const { folder, base, inc } = await written(4);
    rmSync(folder, { recursive: true });
    const journal = await openTestJournal(base);
    expect(journal.notices).toEqual(['journal-shortened']);
    expect(journal.head().inc).not.toBe(inc);
    await append(journal, cmdOf(1));
    expectWholeChains(await readAll(journal));
  });

  it('does not mind losing the note of its head, or finding it damaged', async () => {
    const { base, inc } = await written(2);
    writeFileSync(join(base, 'journal-head.json'), '{"head":');
    const journal = await openTestJournal(base);
    expect(journal.notices).toEqual([]);
    expect(journal.head()).toMatchObject({ inc, seq: 4 });
  });
});

describe('a journal whose key is lost', () => {
  it('puts every segment aside unread, says so, and starts anew', async () => {
    const { folder, base, inc } = await written(4, 2500);
    const before = readdirSync(folder).filter((name) => name.endsWith('.zcj'));
    const journal = await openTestJournal(base, { key: new Uint8Array(32).fill(9) });
    expect(journal.notices).toEqual(['journal-key-lost']);
    expect(journal.head().inc).not.toBe(inc);
    await append(journal, cmdOf(1));
    const sealed = aside(folder, 'sealed-');
    expect(sealed).toHaveLength(1);
    expect(readdirSync(join(folder, sealed[0]!)).sort()).toEqual(before.sort());
    await journal.close();

    // With the key found again, what was put aside opens as it was.
    const rescue = tempFolder();
    cpSync(join(folder, sealed[0]!), join(rescue, 'journal'), { recursive: true });
    expect(await readAll(await openTestJournal(rescue))).toHaveLength(8);
  });
});
