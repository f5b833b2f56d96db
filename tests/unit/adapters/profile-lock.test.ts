import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockProfile } from '../../../electron/adapters/node/profile-lock.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

describe('one program per profile', () => {
  it('the second start gets no lock but shows the first one’s window', async () => {
    const profile = temporaryFolder();
    const first = await lockProfile(profile);
    if (!first.held) throw new Error('the first start must hold the lock');
    let shown = 0;
    first.onShow(() => (shown += 1));
    expect(await lockProfile(profile)).toEqual({ held: false, shown: true });
    expect(shown).toBe(1);
    first.release();
    const third = await lockProfile(profile);
    expect(third.held).toBe(true);
    if (third.held) third.release();
  });

  it('a request that came before the window was there is not lost', async () => {
    const profile = temporaryFolder();
    const first = await lockProfile(profile);
    expect(await lockProfile(profile)).toEqual({ held: false, shown: true });
    let shown = 0;
    if (first.held) first.onShow(() => (shown += 1));
    expect(shown).toBe(1);
    if (first.held) first.release();
  });

  it('two profiles do not know each other', async () => {
    const one = await lockProfile(temporaryFolder());
    const other = await lockProfile(temporaryFolder());
    expect([one.held, other.held]).toEqual([true, true]);
    if (one.held) one.release();
    if (other.held) other.release();
  });

  it('of many that start at the same moment exactly one gets it', async () => {
    const profile = temporaryFolder();
    const locks = await Promise.all(Array.from({ length: 8 }, () => lockProfile(profile)));
    expect(locks.filter((lock) => lock.held)).toHaveLength(1);
    for (const lock of locks) if (lock.held) lock.release();
  });

  it('the lock of a process that was killed is free at once', async () => {
    const profile = temporaryFolder();
    const program = `
      import { createServer } from 'node:net';
      createServer().listen(process.argv[1].replace('@', '\\0'), () => console.log('locked'));
      setInterval(() => {}, 1000);`;
    const { lockAddress } = await import('../../../electron/adapters/node/profile-lock.ts');
    const holder = spawn(
      process.execPath,
      ['--input-type=module', '-e', program, lockAddress(profile).replace('\0', '@')],
      { stdio: ['ignore', 'pipe', 'inherit'], cwd: resolve(import.meta.dirname) },
    );
    onTestFinished(() => void holder.kill('SIGKILL'));
    await once(holder.stdout, 'data');
    expect((await lockProfile(profile)).held).toBe(false);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const mine = await lockProfile(profile);
    expect(mine.held).toBe(true);
    if (mine.held) mine.release();
  });
});
