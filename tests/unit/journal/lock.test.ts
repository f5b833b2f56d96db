import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../electron/adapters/node/clock.ts';
import { takeLock } from '../../../electron/core/journal/lock.ts';
import { openTestJournal, tempFolder } from './harness.ts';

const clock = createSystemClock();
const locked = { code: 'JOURNAL_LOCKED' };

describe('the lock of the journal', () => {
  it('lets one in and keeps the second out until it is released', async () => {
    const path = join(tempFolder(), 'lock');
    const first = await takeLock(path, clock);
    await expect(takeLock(path, clock)).rejects.toMatchObject(locked);
    expect(first.held()).toBe(true);
    first.release();
    expect(first.held()).toBe(false);
    expect(existsSync(path)).toBe(false);
    (await takeLock(path, clock)).release();
  });

  it('keeps a second journal out of the folder', async () => {
    const base = tempFolder();
    await openTestJournal(base);
    await expect(openTestJournal(base)).rejects.toMatchObject(locked);
  });

  it('is taken over from a process that was killed', async () => {
    const path = join(tempFolder(), 'lock');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await new Promise((resolve) => child.once('spawn', resolve));
    const lock = await takeLock(path, clock);
    const mine = JSON.parse(readFileSync(path, 'utf8')) as object;
    lock.release();
    writeFileSync(path, JSON.stringify({ ...mine, pid: child.pid, started: startOf(child.pid ?? 0) }));
    await expect(takeLock(path, clock)).rejects.toMatchObject(locked);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    (await takeLock(path, clock)).release();
  });

  it('is taken over when the number of the dead process belongs to another one now', async () => {
    const path = join(tempFolder(), 'lock');
    const lock = await takeLock(path, clock);
    const mine = JSON.parse(readFileSync(path, 'utf8')) as { started: string };
    lock.release();
    if (mine.started === '') return; // Only where the system tells when a process started.
    writeFileSync(path, JSON.stringify({ ...mine, started: '1' }));
    (await takeLock(path, clock)).release();
  });

  it('is taken over from a machine that was started again since', async () => {
    const path = join(tempFolder(), 'lock');
    const lock = await takeLock(path, clock);
    const mine = JSON.parse(readFileSync(path, 'utf8')) as { boot: string };
    lock.release();
    writeFileSync(path, JSON.stringify({ ...mine, boot: 'another' }));
    (await takeLock(path, clock)).release();
  });

  it('respects another machine as long as its heart beats', async () => {
    const path = join(tempFolder(), 'lock');
    writeFileSync(path, JSON.stringify({ pid: 1, started: '', boot: '', host: `${hostname()}-other` }));
    await expect(takeLock(path, clock)).rejects.toMatchObject(locked);
  });

  it('notices that it was taken away, and does not remove the new holder’s', async () => {
    const path = join(tempFolder(), 'lock');
    const first = await takeLock(path, clock);
    rmSync(path);
    expect(first.held()).toBe(false);
    const second = await takeLock(path, clock);
    expect(first.held()).toBe(false);
    first.release();
    expect(second.held()).toBe(true);
    second.release();
  });
});

function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
