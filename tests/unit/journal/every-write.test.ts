import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { JournalFiles } from '../../../electron/core/journal/files.ts';
import { openJournal, type Journal } from '../../../electron/core/journal/journal.ts';
import { append, cmdOf, expectWholeChains, journalPorts, readAll, tempFolder } from './harness.ts';
import { createMedium } from './memory-medium.ts';

const free = () => Promise.resolve({ held: () => true, release: () => undefined });
const DAY = 86_400_000;

/** The disk is full for `times` operations that need space, from the `at`-th on. */
function fullAt(
  files: JournalFiles,
  at: number,
  times: number,
): { files: JournalFiles; asked: () => number } {
  let asked = 0;
  const need = (): void => {
    asked++;
    if (asked >= at && asked < at + times) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
  };
  return {
    asked: () => asked,
    files: {
      ...files,
      async makeFolder(path) {
        need();
        await files.makeFolder(path);
      },
      async rename(from, to) {
        need();
        await files.rename(from, to);
      },
      async open(path, mode) {
        if (mode === 'create') need();
        const file = await files.open(path, mode);
        return {
          ...file,
          async write(bytes, position) {
            need();
            return file.write(bytes, position);
          },
          // Delayed allocation: some file systems find out only now.
          async datasync() {
            need();
            await file.datasync();
          },
        };
      },
    },
  };
}

/** Everything the journal ever writes, one after the other; what is refused is refused in words, and the next goes on. */
async function live(at: number, times: number): Promise<{ asked: number }> {
  const base = tempFolder();
  const medium = createMedium();
  const calm = { folder: '/j', lock: free, reserveBytes: 0, segmentBytes: 2500 };
  const disk = fullAt(medium.files, at, times);
  const saved = new Map<string, string>();
  const attempt = async <T>(what: () => Promise<T>): Promise<T | null> => {
    try {
      return await what();
    } catch (error) {
      const code = error instanceof CodedError ? error.code : String(error);
      expect(['JOURNAL_DISK_FULL', 'JOURNAL_WRITE_FAILED']).toContain(code);
      return null;
    }
  };
  const save = async (journal: Journal, n: number): Promise<void> => {
    const done = await attempt(() => append(journal, cmdOf(n), 2));
    for (const { bytes, hash } of done?.events ?? []) saved.set(hash, bytes);
  };
  const start = (): Promise<Journal> => openJournal(journalPorts(base, { ...calm, files: disk.files }));
  const journal =
    (await attempt(start)) ?? (await attempt(start)) ?? (await attempt(start)) ?? (await start());
  for (let n = 0; n < 8; n++) await save(journal, n);
  const old = journal.head().inc;
  journal.acknowledge(old, 8);
  await attempt(() => journal.retire({ serverNow: 0, horizonMs: DAY }));
  await attempt(() => journal.renew('damaged'));
  await save(journal, 20);
  await attempt(() => journal.retire({ serverNow: 2 * DAY, horizonMs: DAY }));
  const before = await readAll(journal);
  await attempt(() => journal.restore(before));
  await save(journal, 21);
  await attempt(() => journal.close());

  const again = (await attempt(start)) ?? (await attempt(start)) ?? (await attempt(start)) ?? (await start());
  await save(again, 22);
  const found = await readAll(again);
  const hashes = new Set(found.map(({ hash }) => hash));
  const gone = [...saved.keys()].filter((hash) => !hashes.has(hash));
  // Only what the server has had for longer than its backups may be put away.
  const putAway = gone.filter((hash) => {
    const { inc, seq } = JSON.parse(saved.get(hash) ?? '{}') as { inc: string; seq: number };
    return inc === old && seq <= 8;
  });
  expect({ at, times, lost: gone.length - putAway.length }).toEqual({ at, times, lost: 0 });
  expect((await again.status()).missing).toEqual([]);
  if (gone.length === 0) expectWholeChains(found);
  await again.close();
  return { asked: disk.asked() };
}

describe('a disk that is full at any one write', () => {
  it('refuses that in words and loses nothing that was saved, whichever write it is', async () => {
    const { asked } = await live(Infinity, 0);
    expect(asked).toBeGreaterThan(30);
    for (let at = 1; at <= asked; at++) for (const times of [1, 3]) await live(at, times);
  });
});
