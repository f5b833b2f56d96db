import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeFiles, type JournalFiles } from '../../../electron/core/journal/files.ts';
import { append, cmdOf, openTestJournal, tempFolder } from './harness.ts';

/** The real disk, with what is asked of it counted. Figures in milliseconds belong to tests/bench/journal. */
function counted(): { files: JournalFiles; of: { flushes: number; writes: number; reads: number } } {
  const of = { flushes: 0, writes: 0, reads: 0 };
  const files: JournalFiles = {
    ...nodeFiles,
    async readAll(path) {
      of.reads++;
      return nodeFiles.readAll(path);
    },
    async open(path, mode) {
      const file = await nodeFiles.open(path, mode);
      return {
        ...file,
        write(bytes, position) {
          of.writes++;
          return file.write(bytes, position);
        },
        datasync() {
          of.flushes++;
          return file.datasync();
        },
      };
    },
  };
  return { files, of };
}

describe('what the journal asks of the disk', () => {
  it('is one write and one flush for a save, and for all that wait together', async () => {
    const { files, of } = counted();
    const journal = await openTestJournal(tempFolder(), { files, reserveBytes: 0 });
    await append(journal, cmdOf(0));
    Object.assign(of, { flushes: 0, writes: 0 });
    await append(journal, cmdOf(1), 3);
    expect(of).toMatchObject({ flushes: 1, writes: 1 });
    await Promise.all(Array.from({ length: 64 }, (_, i) => append(journal, cmdOf(10 + i))));
    expect(of.flushes).toBeLessThanOrEqual(3);
    expect(journal.head().seq).toBe(1 + 3 + 64);
  });

  it('is each segment read once at a start, and nothing written', async () => {
    const base = tempFolder();
    const first = await openTestJournal(base, { segmentBytes: 5000 });
    for (let n = 0; n < 200; n += 50)
      await Promise.all(Array.from({ length: 50 }, (_, i) => append(first, cmdOf(n + i))));
    await first.close();
    const segments = readdirSync(join(base, 'journal')).filter((name) => name.endsWith('.zcj'));
    const before = segments.map((name) => readFileSync(join(base, 'journal', name)));
    const { files, of } = counted();
    const again = await openTestJournal(base, { files, reserveBytes: 0, segmentBytes: 5000 });
    expect(again.head().seq).toBe(200);
    expect(of).toEqual({ flushes: 0, writes: 0, reads: segments.length });
    expect(segments.map((name) => readFileSync(join(base, 'journal', name)))).toEqual(before);
  });
});
