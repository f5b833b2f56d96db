import { describe, expect, it } from 'vitest';
import type { JournalFiles } from '../../../electron/core/journal/files.ts';
import { openJournal } from '../../../electron/core/journal/journal.ts';
import { SAVES_AFTER_RELEASE } from '../../../electron/core/journal/reserve.ts';
import {
  append,
  cmdOf,
  draft,
  expectWholeChains,
  journalPorts,
  memoryLog,
  openTestJournal,
  readAll,
  tempFolder,
  type Overrides,
} from './harness.ts';
import { createMedium, type Medium } from './memory-medium.ts';

const RESERVE = 20_000;
const freeLock = () => Promise.resolve({ held: () => true, release: () => undefined });

/** A clock whose timers fire at once and whose seconds pass when the test says so. */
function handClock() {
  let at = 0;
  return {
    now: () => 1_790_000_000_000 + at,
    monotonic: () => at,
    after: (ms: number, run: () => void) => {
      const timer = ms >= 1500 && ms < 2000 ? setImmediate(run) : null;
      return () => timer && clearImmediate(timer);
    },
    pass(ms: number) {
      at += ms;
    },
  };
}

async function openOn(medium: Medium, more: Overrides = {}) {
  const clock = handClock();
  const base = tempFolder();
  const ports = journalPorts(base, {
    folder: '/j',
    files: medium.files,
    lock: freeLock,
    reserveBytes: RESERVE,
    clock,
    ...more,
  });
  const journal = await openJournal(ports);
  return { journal, clock, reopen: () => openJournal(ports) };
}

async function reserveIs(journal: { status(): Promise<{ reserve: string }> }, state: string): Promise<void> {
  for (let i = 0; i < 500 && (await journal.status()).reserve !== state; i++)
    await new Promise((resolve) => setImmediate(resolve));
  expect((await journal.status()).reserve).toBe(state);
}

describe('journal on a full disk', () => {
  it('gives its reserve up so that the open case can be finished, then refuses, and goes on when there is space', async () => {
    const medium = createMedium();
    const { journal, clock } = await openOn(medium);
    await reserveIs(journal, 'there');
    await append(journal, cmdOf(0), 3);
    medium.setCapacity(medium.used() + 100);

    // The save that finds the disk full, and those that finish the case.
    for (let n = 0; n <= SAVES_AFTER_RELEASE; n++) await append(journal, cmdOf(n + 1));
    await reserveIs(journal, 'released');
    await expect(append(journal, cmdOf(90))).rejects.toMatchObject({ code: 'JOURNAL_DISK_FULL' });
    await expect(append(journal, cmdOf(91))).rejects.toMatchObject({ code: 'JOURNAL_DISK_FULL' });
    expect(journal.head().seq).toBe(4 + SAVES_AFTER_RELEASE);

    medium.setCapacity(medium.used() + RESERVE * 3);
    clock.pass(5000);
    await append(journal, cmdOf(91));
    await reserveIs(journal, 'there');
    const all = await readAll(journal);
    expect(all).toHaveLength(5 + SAVES_AFTER_RELEASE);
    expectWholeChains(all);
  });

  it('refuses at once when there is no reserve to give, and loses nothing', async () => {
    const medium = createMedium();
    const { journal, reopen } = await openOn(medium, { reserveBytes: 0 });
    await append(journal, cmdOf(0), 2);
    medium.setCapacity(medium.used() + 100);
    await expect(append(journal, cmdOf(1), 2)).rejects.toMatchObject({ code: 'JOURNAL_DISK_FULL' });
    await journal.close();
    const again = await reopen();
    expect(again.notices).toEqual([]);
    expect(await readAll(again)).toHaveLength(2);
    expect((await medium.files.names('/j')).filter((name) => name.includes('torn'))).toEqual([]);
  });

  it('repairs a short write: nothing of the refused command is left in the file', async () => {
    const medium = createMedium();
    const { journal } = await openOn(medium, { reserveBytes: 0 });
    await append(journal, cmdOf(0));
    const before = medium.bytesOf('/j/seg-000001.zcj').length;
    medium.setCapacity(medium.used() + 333);
    await expect(append(journal, cmdOf(1), 5)).rejects.toMatchObject({ code: 'JOURNAL_DISK_FULL' });
    expect(medium.bytesOf('/j/seg-000001.zcj')).toHaveLength(before);
  });

  it('finishes a write that the system took in several pieces', async () => {
    const base = tempFolder();
    const medium = createMedium();
    const inPieces: JournalFiles = {
      ...medium.files,
      open: async (path, mode) => {
        const file = await medium.files.open(path, mode);
        return { ...file, write: (bytes, position) => file.write(bytes.subarray(0, 97), position) };
      },
    };
    const journal = await openJournal(journalPorts(base, { folder: '/j', files: inPieces, lock: freeLock }));
    await append(journal, cmdOf(0), 4);
    expectWholeChains(await readAll(journal));
    expect(await readAll(journal)).toHaveLength(4);
  });

  it('opens on a full disk, refuses in words, and appends as soon as there is space', async () => {
    const medium = createMedium();
    medium.setCapacity(50);
    const log = memoryLog();
    const { journal, clock } = await openOn(medium, { log });
    await expect(append(journal, cmdOf(0))).rejects.toMatchObject({ code: 'JOURNAL_DISK_FULL' });
    medium.setCapacity(1_000_000);
    clock.pass(5000);
    await append(journal, cmdOf(0));
    expect(journal.head().seq).toBe(1);
  });

  it('does not begin a reserve that would itself fill the disk', async () => {
    const medium = createMedium();
    medium.setCapacity(RESERVE + 5000);
    const { journal } = await openOn(medium);
    await append(journal, cmdOf(0));
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    expect((await journal.status()).reserve).toBe('missing');
  });
});

describe('journal on a failing disk', () => {
  it('refuses when a flush fails, never uses that file again, and keeps what was acknowledged', async () => {
    const medium = createMedium();
    const { journal, reopen } = await openOn(medium);
    await append(journal, cmdOf(0));
    medium.failNext('datasync', 'EIO');
    await expect(append(journal, cmdOf(1))).rejects.toMatchObject({ code: 'JOURNAL_WRITE_FAILED' });
    const old = medium.bytesOf('/j/seg-000001.zcj').length;
    await append(journal, cmdOf(2));
    expect(medium.bytesOf('/j/seg-000001.zcj')).toHaveLength(old);
    await journal.close();
    const again = await reopen();
    const all = await readAll(again);
    expect(all).toHaveLength(2);
    expectWholeChains(all);
    expect(again.notices).toEqual([]);
  });

  it('refuses everything while a refused record cannot be taken back, and goes on once it can', async () => {
    const medium = createMedium();
    const { journal } = await openOn(medium);
    await append(journal, cmdOf(0));
    medium.failNext('datasync', 'EIO', 1);
    medium.failNext('truncate', 'EIO', 2);
    await expect(append(journal, cmdOf(1))).rejects.toMatchObject({ code: 'JOURNAL_WRITE_FAILED' });
    await expect(append(journal, cmdOf(2))).rejects.toMatchObject({ code: 'JOURNAL_WRITE_FAILED' });
    await append(journal, cmdOf(3));
    const all = await readAll(journal);
    expect(all).toHaveLength(2);
    expectWholeChains(all);
  });

  it('rejects every append that shared the failed write, and none of them is in the record', async () => {
    const medium = createMedium();
    const { journal } = await openOn(medium);
    medium.failNext('write', 'EIO');
    const results = await Promise.allSettled([1, 2, 3].map((n) => append(journal, cmdOf(n))));
    expect(results.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    const kept = results.filter(({ status }) => status === 'fulfilled').length;
    expect(await readAll(journal)).toHaveLength(kept);
  });

  it('stops writing when its lock was taken away', async () => {
    let held = true;
    const base = tempFolder();
    const journal = await openTestJournal(base, {
      lock: () => Promise.resolve({ held: () => held, release: () => undefined }),
    });
    await append(journal, cmdOf(0));
    held = false;
    await expect(append(journal, cmdOf(1))).rejects.toMatchObject({ code: 'JOURNAL_LOCKED' });
    expect(await readAll(journal)).toHaveLength(1);
    expect(draft(1).type).toBe('case.noted');
  });
});
