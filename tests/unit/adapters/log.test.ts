import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFileLog } from '../../../electron/adapters/node/log.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const clock = { now: () => Date.UTC(2026, 10, 20, 2, 30) };
/** Invented, with a valid check digit. */
const NUMBER = '110101190001017777';
const lines = (file: string): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('the log file', () => {
  it('is one JSON object a line, with time, level and area', async () => {
    const log = createFileLog({ folder: temporaryFolder(), clock });
    log.write('info', 'start', 'begun', { pid: 7 });
    log.write('debug', 'start', 'not written');
    await log.flush();
    expect(lines(log.file)).toEqual([
      { at: '2026-11-20T02:30:00.000Z', level: 'info', area: 'start', text: 'begun', data: { pid: 7 } },
    ]);
  });

  it('masks a citizen number wherever it hides: text, data, keys, errors, causes, numbers', async () => {
    const log = createFileLog({ folder: temporaryFolder(), clock });
    const error = new Error(`no row for ${NUMBER}`, { cause: new Error(`cause ${NUMBER}`) });
    log.write('error', 'store', `failed for ${NUMBER}`, {
      deep: { list: [{ number: NUMBER }] },
      [`case/${NUMBER}`]: 1,
      error,
      digits: 110101190001017,
      big: 110101190001017777n,
    });
    await log.flush();
    const text = readFileSync(log.file, 'utf8');
    expect(text).not.toContain(NUMBER);
    expect(text).not.toContain('110101190001017');
    expect(text).toContain('1101****7777');
    expect(lines(log.file)).toHaveLength(1);
  });

  it('survives what JSON cannot say: circles, bytes, undefined', async () => {
    const log = createFileLog({ folder: temporaryFolder(), clock });
    const circle: Record<string, unknown> = { bytes: new Uint8Array(5), nothing: undefined };
    circle['self'] = circle;
    log.write('warning', 'wire', 'odd', circle);
    await log.flush();
    expect(lines(log.file)[0]).toMatchObject({ data: { bytes: '5 bytes' } });
  });

  it('begins a new file at its size and keeps only so many', async () => {
    const folder = temporaryFolder();
    const log = createFileLog({ folder, clock, rotateAt: 200, keep: 2 });
    for (let n = 0; n < 12; n += 1) {
      log.write('info', 'load', `line ${n} ${'x'.repeat(100)}`);
      await log.flush();
    }
    expect(existsSync(join(folder, 'zongchuang.2.log'))).toBe(true);
    expect(existsSync(join(folder, 'zongchuang.3.log'))).toBe(false);
    expect(readFileSync(log.file, 'utf8')).toContain('line 11');
  });

  it('goes on after the disk refused, and tells how many lines are missing', async () => {
    const folder = join(temporaryFolder(), 'logs');
    writeFileSync(folder, 'a file where the folder should be');
    const log = createFileLog({ folder, clock });
    log.write('info', 'a', 'lost');
    await log.flush();
    rmSync(folder);
    const { mkdirSync } = await import('node:fs');
    mkdirSync(folder);
    log.write('info', 'a', 'kept');
    await log.flush();
    expect(lines(log.file)).toEqual([expect.objectContaining({ text: 'kept', dropped: 1 })]);
  });
});
