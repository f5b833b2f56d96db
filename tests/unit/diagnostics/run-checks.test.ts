import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runChecks, type Checked } from '../../../electron/core/diagnostics/run-checks.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { makeTestCore } from '../../fixtures/core.ts';

const GB = 1024 ** 3;

function healthy(more: Partial<Checked> = {}): Checked {
  return {
    profile: temporaryFolder(),
    journal: () =>
      Promise.resolve({
        head: { dev: 'D', inc: 'ab'.repeat(16), seq: 12, hash: 'h' },
        segments: 2,
        bytes: 5_000_000,
        lastSyncMs: 3.2,
        reserve: 'there',
        freeBytes: 40 * GB,
        incarnations: 1,
        unsent: 0,
        stuck: 0,
        acknowledgedSeq: 12,
        copies: { folder: null, lastAt: null, files: 0, error: null },
        missing: [],
      }),
    notices: () => [],
    reader: () => ({
      phase: 'waiting',
      reader: { name: '华视 CVR-100', profile: 'cvr', demo: false },
      since: 0,
    }),
    printer: () => ({
      name: 'tcp 10.0.0.9',
      virtual: false,
      send: () => Promise.reject(new Error('not here')),
      check: () => Promise.reject(new Error('not here')),
      close: () => Promise.resolve(),
    }),
    sheets: () => [],
    line: () => ({
      server: 'http://central.test',
      state: 'online',
      lastAnswerAt: 1_790_000_000_000,
      acknowledgedSeq: 12,
    }),
    protection: 'os-keyring',
    skewMs: () => 1500,
    ...more,
  };
}

/** The result of one check by its number, and what it says. */
async function check(no: number, more: Partial<Checked>): Promise<{ result: string; detail: string }> {
  const all = await runChecks(healthy(more));
  const found = all.find((each) => each.no === no);
  // Nothing else may have changed its mind.
  expect(all.filter((each) => each.no !== no).every(({ result }) => result === 'ok')).toBe(true);
  return found!;
}

const status = async (of: Partial<Awaited<ReturnType<Checked['journal']>>>): Promise<Partial<Checked>> => {
  const usual = await healthy().journal();
  return { journal: () => Promise.resolve({ ...usual, ...of }) };
};

describe('diagnostics', () => {
  it('are all well on a healthy machine, numbered as support knows them', async () => {
    const all = await runChecks(healthy());
    expect(all.map(({ no, name, result }) => `${no} ${name} ${result}`)).toEqual([
      '1 profile ok',
      '2 journal ok',
      '3 reader ok',
      '4 printer ok',
      '5 central ok',
      '6 secrets ok',
      '7 clock ok',
      '8 journal-copies ok',
    ]);
    expect(all[1]?.detail).toContain('abababab:12');
  });

  it('find a profile that cannot be written, and a disk that is nearly full', async () => {
    expect((await check(1, { profile: '/proc/nowhere' })).result).toBe('failed');
    expect((await check(1, await status({ freeBytes: 0.5 * GB }))).result).toBe('warning');
    expect((await check(1, await status({ freeBytes: 0.1 * GB }))).result).toBe('failed');
  });

  it('leave nothing behind in the profile', async () => {
    const of = healthy();
    await runChecks(of);
    expect(existsSync(join(of.profile, '.write-check'))).toBe(false);
  });

  it('find a journal that has used its reserve, is slow, or was put right', async () => {
    expect((await check(2, await status({ reserve: 'released' }))).result).toBe('failed');
    expect((await check(2, await status({ reserve: 'missing' }))).result).toBe('warning');
    expect((await check(2, await status({ lastSyncMs: 900 }))).result).toBe('warning');
    expect((await check(2, await status({ stuck: 3 }))).detail).toContain('3 of another enrolment');
    const missing = [{ inc: 'cd'.repeat(16), from: 5, to: 9 }];
    const lost = await check(2, await status({ missing }));
    expect(lost).toMatchObject({ result: 'warning' });
    expect(lost.detail).toContain('missing cdcdcdcd:5-9');
    const damaged = await check(2, { notices: () => ['journal-damaged', 'settings-corrupt'] });
    expect(damaged).toMatchObject({ result: 'warning' });
    expect(damaged.detail).toContain('journal-damaged');
  });

  it('find a second place that cannot be reached, or was never copied to', async () => {
    const copies = { folder: '/mnt/share', lastAt: null, files: 0, error: null };
    expect((await check(8, await status({ copies }))).result).toBe('warning');
    const copied = { ...copies, lastAt: 1_790_000_000_000, files: 3 };
    expect((await check(8, await status({ copies: copied }))).result).toBe('ok');
    const gone = await check(8, await status({ copies: { ...copied, error: 'JOURNAL_COPY_FOLDER_GONE' } }));
    expect(gone).toMatchObject({ result: 'failed' });
    expect(gone.detail).toContain('JOURNAL_COPY_FOLDER_GONE');
  });

  it('find a reader or a printer that does not work', async () => {
    const absent = await check(3, {
      reader: () => ({ phase: 'absent', error: 'ID_CARD_READER_MISSING', reader: null, since: 0 }),
    });
    expect(absent).toMatchObject({ result: 'warning', detail: 'no reader; absent; ID_CARD_READER_MISSING' });
    const sheet = {
      key: 'case/c:slip:1',
      kind: 'slip',
      title: 't',
      copyNo: 1,
      printer: 'p',
      createdAt: 0,
      changedAt: 0,
      payloadHash: '',
    };
    expect((await check(4, { sheets: () => [{ ...sheet, state: 'uncertain' }] })).result).toBe('warning');
    expect((await check(4, { sheets: () => [{ ...sheet, state: 'failed-before-send' }] })).result).toBe(
      'failed',
    );
    const broken = await check(4, {
      sheets: () => {
        throw new Error('spool is not open');
      },
    });
    expect(broken.result).toBe('failed');
  });

  it('find a line that is down or refused, keys in a file, and clocks that disagree', async () => {
    const line = { server: 'http://central.test', lastAnswerAt: null, acknowledgedSeq: 0 };
    expect((await check(5, { line: () => ({ ...line, state: 'offline' }) })).result).toBe('warning');
    expect((await check(5, { line: () => ({ ...line, state: 'refused' }) })).result).toBe('failed');
    expect((await check(6, { protection: 'file' })).result).toBe('warning');
    expect((await check(7, { skewMs: () => null })).result).toBe('warning');
    expect(await check(7, { skewMs: () => -600_000 })).toMatchObject({
      result: 'warning',
      detail: 'server is 600 s behind',
    });
  });

  it('mask what looks like the number of a person', async () => {
    const reader = () => ({
      phase: 'error' as const,
      error: 'card 110101190001017777',
      reader: null,
      since: 0,
    });
    expect((await check(3, { reader })).detail).not.toContain('110101190001017777');
  });

  it('run on the real core', async () => {
    const machine = await makeTestCore();
    await machine.hear('card.state', ({ phase }) => phase === 'waiting');
    const all = await machine.call('diagnostics.run', {});
    expect(all.map(({ no }) => no)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(all.filter(({ result }) => result === 'failed')).toEqual([]);
    // Not enrolled, so nothing is known of server and clock; keys are in a file.
    expect(all.slice(4, 7).map(({ result }) => result)).toEqual(['warning', 'warning', 'warning']);
  });
});
