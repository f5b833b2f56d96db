import { createPrivateKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCopies } from '../../../electron/core/journal/copies.ts';
import { nodeFiles, type JournalFiles } from '../../../electron/core/journal/files.ts';
import { COPY_PURPOSE, manifestSchema, manifestText } from '../../../electron/core/journal/manifest.ts';
import { makeRecoveryKey, openSealedKey } from '../../../electron/core/journal/sealed-key.ts';
import { append, cmdOf, DEV, KEY, memoryLog, openTestJournal, readAll, tempFolder } from './harness.ts';

const DAY = 86_400_000;
const DEVICE = generateKeyPairSync('ed25519');
const signed = (text: string): string => sign(null, Buffer.from(text), DEVICE.privateKey).toString('base64');

/** A journal of small segments and a second place; the clock stands unless the test moves it. */
async function placed(more: { files?: JournalFiles; recoveryKey?: string } = {}) {
  const base = tempFolder();
  const second = join(base, 'second');
  mkdirSync(second);
  const journal = await openTestJournal(base, { segmentBytes: 2500 });
  for (let n = 0; n < 10; n++) await append(journal, cmdOf(n), 2);
  let at = Date.UTC(2026, 10, 21, 1);
  const settings = {
    copyFolder: second,
    horizonDays: 30,
    ...(more.recoveryKey === undefined ? {} : { recoveryKey: more.recoveryKey }),
  };
  const open = () =>
    openCopies({
      journal,
      folder: join(base, 'journal'),
      statePath: join(base, 'journal-copies.json'),
      key: KEY,
      dev: DEV,
      hall: () => 'hall-1',
      sign: signed,
      settings: () => settings,
      clock: { now: () => at, monotonic: () => at, after: () => () => undefined },
      log: memoryLog(),
      ...(more.files ? { files: more.files } : {}),
    });
  const own = join(second, 'zongchuang', `hall-1-${DEV}`);
  return {
    base,
    second,
    journal,
    copies: await open(),
    open,
    settings,
    dated: (day: string) => join(own, day),
    pass: (ms: number) => (at += ms),
    now: () => at,
  };
}

const segmentsIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith('.zcj'));

describe('the second place', () => {
  it('gets every segment, dated, byte for byte, and only what is new the day after', async () => {
    const { base, copies, journal, dated, pass, now } = await placed();
    await copies.run();
    const names = segmentsIn(join(base, 'journal'));
    expect(names.length).toBeGreaterThan(3);
    expect(segmentsIn(dated('2026-11-21'))).toEqual(names);
    for (const name of names)
      expect(readFileSync(join(dated('2026-11-21'), name))).toEqual(
        readFileSync(join(base, 'journal', name)),
      );
    expect(copies.state()).toMatchObject({ lastAt: now(), files: names.length, error: null });

    await append(journal, cmdOf(50));
    await copies.run();
    pass(DAY);
    await copies.run();
    const [open] = segmentsIn(dated('2026-11-22'));
    expect(segmentsIn(dated('2026-11-22'))).toEqual([open]);
    expect(readFileSync(join(dated('2026-11-22'), open!))).toEqual(
      readFileSync(join(base, 'journal', open!)),
    );
  });

  it('remembers over a restart what it has, and copies a segment again that was in use then', async () => {
    const { base, copies, journal, open, dated, pass } = await placed();
    await copies.run();
    const before = segmentsIn(join(base, 'journal'));
    for (let n = 20; n < 26; n++) await append(journal, cmdOf(n), 2);
    pass(3_600_000);
    const again = await open();
    await again.run();
    const whole = before.at(-1)!;
    expect(readFileSync(join(dated('2026-11-21'), whole))).toEqual(
      readFileSync(join(base, 'journal', whole)),
    );
  });

  it('can be opened with the recovery key alone, on another PC', async () => {
    const recovery = makeRecoveryKey();
    const { copies, dated, journal } = await placed({ recoveryKey: recovery.publicKey });
    await copies.run();
    const { signature, ...manifest } = manifestSchema.parse(
      JSON.parse(readFileSync(join(dated('2026-11-21'), 'manifest.json'), 'utf8')),
    );
    const text = Buffer.from(manifestText(manifest));
    expect(verify(null, text, DEVICE.publicKey, Buffer.from(signature, 'base64'))).toBe(true);
    const officer = createPrivateKey(recovery.privatePem);
    const key = openSealedKey(officer, manifest.key!, COPY_PURPOSE)!;
    expect(openSealedKey(generateKeyPairSync('x25519').privateKey, manifest.key!, COPY_PURPOSE)).toBeNull();

    const elsewhere = tempFolder();
    mkdirSync(join(elsewhere, 'journal'));
    for (const { name } of manifest.files)
      renameSync(join(dated('2026-11-21'), name), join(elsewhere, 'journal', name));
    const there = await openTestJournal(elsewhere, { key: new Uint8Array(key) });
    expect(await readAll(there)).toEqual(await readAll(journal));
  });

  it('says when the folder is gone, and never writes into the empty place of a share that is not mounted', async () => {
    const { copies, second, pass } = await placed();
    await copies.run();
    renameSync(second, `${second}-away`);
    pass(DAY);
    await copies.run();
    expect(copies.state()).toMatchObject({ error: 'JOURNAL_COPY_FOLDER_GONE' });
    mkdirSync(second);
    await copies.run();
    expect(copies.state()).toMatchObject({ error: 'JOURNAL_COPY_FOLDER_GONE' });
    expect(readdirSync(second)).toEqual([]);
    rmSync(second, { recursive: true });
    renameSync(`${second}-away`, second);
    await copies.run();
    expect(copies.state()).toMatchObject({ error: null });
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'says when it may not write',
    async () => {
      const { copies, second } = await placed();
      chmodSync(second, 0o500);
      await copies.run();
      expect(copies.state()).toMatchObject({ error: 'JOURNAL_COPY_NO_PERMISSION' });
    },
  );

  it('says when it is full, when it may not write, and when what it reads back differs; nothing half is left, and saving goes on', async () => {
    const cases = [
      ['ENOSPC', 'JOURNAL_COPY_FULL'],
      ['EROFS', 'JOURNAL_COPY_NO_PERMISSION'],
      ['EIO', 'JOURNAL_COPY_FAILED'],
    ] as const;
    for (const [fault, code] of cases) {
      let broken = true;
      const files: JournalFiles = {
        ...nodeFiles,
        open: async (path, mode) => {
          const file = await nodeFiles.open(path, mode);
          if (!path.includes('second')) return file;
          return {
            ...file,
            write: (bytes, at) =>
              broken
                ? Promise.reject(Object.assign(new Error(fault), { code: fault }))
                : file.write(bytes, at),
          };
        },
      };
      const { copies, journal, dated } = await placed({ files });
      await copies.run();
      expect(copies.state()).toMatchObject({ error: code, files: 0 });
      expect(readdirSync(dated('2026-11-21'))).toEqual([]);
      await append(journal, cmdOf(90));
      broken = false;
      await copies.run();
      expect(copies.state().error).toBeNull();
    }
  });

  it('does not believe a disk that keeps something else', async () => {
    const files: JournalFiles = {
      ...nodeFiles,
      open: async (path, mode) => {
        const file = await nodeFiles.open(path, mode);
        if (!path.endsWith('.part')) return file;
        return {
          ...file,
          write: (bytes, at) => {
            const other = Uint8Array.from(bytes);
            other[7] = (other[7] ?? 0) ^ 1;
            return file.write(other, at);
          },
        };
      },
    };
    const { copies, dated } = await placed({ files });
    await copies.run();
    expect(copies.state()).toMatchObject({ error: 'JOURNAL_COPY_FAILED', files: 0 });
    expect(readdirSync(dated('2026-11-21'))).toEqual([]);
  });

  it('lets the archive be emptied of what it still has unchanged, and of nothing else', async () => {
    const { base, copies, journal, dated } = await placed();
    journal.acknowledge(journal.head().inc, 20);
    await journal.retire({ serverNow: 0, horizonMs: DAY });
    await journal.retire({ serverNow: 2 * DAY, horizonMs: DAY });
    const archive = join(base, 'journal', 'archive');
    const names = readdirSync(archive);
    expect(names.length).toBeGreaterThan(2);
    expect(await copies.emptyArchive()).toBe(0);
    await copies.run();
    truncateSync(join(dated('2026-11-21'), names[0]!), 100);
    rmSync(join(dated('2026-11-21'), names[1]!));
    expect(await copies.emptyArchive()).toBe(names.length - 2);
    expect(readdirSync(archive)).toEqual(names.slice(0, 2));
  });
});
