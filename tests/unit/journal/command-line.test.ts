import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startJournal } from '../../../electron/standalone/journal/index.ts';
import { makeTestCore, type TestCore } from '../../fixtures/core.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const said: string[] = [];
afterEach(() => {
  said.length = 0;
  vi.restoreAllMocks();
});

/** Runs one command as `npm run journal --` does, in this process. */
async function command(...args: string[]): Promise<number> {
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      said.push(String(text));
      return true;
    });
  try {
    return await startJournal(args, resolve(import.meta.dirname, '../../..'));
  } finally {
    vi.restoreAllMocks();
  }
}

/** A profile as the program leaves it: enrolled, twelve events, copies in a second place, stopped. */
async function profile(): Promise<{
  machine: TestCore;
  folder: string;
  second: string;
  officer: string;
  events: unknown[];
}> {
  const officer = join(temporaryFolder(), 'officer.pem');
  await command('recovery-key', '--out', officer);
  const recoveryKey = said.join('').trim();
  const machine = await makeTestCore({ start: false });
  const folder = join(machine.folder, 'profile');
  const second = temporaryFolder();
  writeFileSync(
    join(folder, 'settings.json'),
    JSON.stringify({ journal: { copyFolder: second, recoveryKey, horizonDays: 30 } }),
  );
  await machine.core.start();
  const { dev } = await machine.call('journal.head', {});
  await machine.core.stop();
  const device = { dev, hall: 'h-1', hallName: 'h', station: '1', stationName: 's', series: 'A' };
  writeFileSync(join(folder, 'device.json'), JSON.stringify({ device, server: 'http://127.0.0.1:1' }));
  const again = await makeTestCore({ folder: machine.folder });
  for (let n = 0; n < 6; n++)
    await again.call('journal.append', {
      cmd: `command-${n}`,
      drafts: [1, 2].map(() => ({
        type: 'case.noted',
        typeV: 1,
        agg: `case/c-${n}`,
        seen: { last: '', cursor: 0 },
        user: 'clerk-1',
        body: { text: '材料齐全' },
      })),
    });
  const { events } = await again.call('journal.read', { inc: null, after: 0, limit: 100 });
  await again.core.stop();
  cpSync(join(machine.folder, 'secrets'), join(folder, 'secrets'), { recursive: true });
  return { machine, folder, second, officer, events };
}

describe('npm run journal', () => {
  it('checks every event, and finds one changed byte', async () => {
    const { folder } = await profile();
    said.length = 0;
    expect(await command('verify', '--profile', folder)).toBe(0);
    expect(said.join('')).toContain('12 events, 0 faults');
    const path = join(folder, 'journal', 'seg-000001.zcj');
    const bytes = readFileSync(path);
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    said.length = 0;
    expect(await command('verify', '--profile', folder)).toBe(1);
    expect(said.join('')).toMatch(/10 events, [1-9]/);
    // It only looks.
    expect(readFileSync(path)).toEqual(bytes);
  });

  it('restores an emptied journal from the second place, which every stop has brought up to date', async () => {
    const { folder, second, events, machine } = await profile();
    const [own] = readdirSync(join(second, 'zongchuang'));
    rmSync(join(folder, 'journal'), { recursive: true });
    said.length = 0;
    expect(await command('restore', '--profile', folder, '--from', join(second, 'zongchuang', own!))).toBe(0);
    expect(said.join('')).toContain('12 events written back');
    expect(said.join('')).not.toContain('missing');
    const again = await makeTestCore({ folder: machine.folder });
    expect((await again.call('journal.read', { inc: null, after: 0, limit: 100 })).events).toEqual(events);
  });

  it('opens the copies of a lost PC with the recovery key, and with no other', async () => {
    const { second, officer, events } = await profile();
    const [own] = readdirSync(join(second, 'zongchuang'));
    const from = join(second, 'zongchuang', own!);
    const out = join(temporaryFolder(), 'events.jsonl');
    expect(await command('open', '--from', from, '--key', officer, '--out', out)).toBe(0);
    expect(readFileSync(out, 'utf8').trim().split('\n')).toEqual(
      events.map((event) => (event as { bytes: string }).bytes),
    );
    expect(statSync(out).mode & 0o077).toBe(0);
    const stranger = join(temporaryFolder(), 'stranger.pem');
    await command('recovery-key', '--out', stranger);
    expect(await command('open', '--from', from, '--key', stranger, '--out', `${out}2`)).toBe(1);
    expect(existsSync(`${out}2`)).toBe(false);
  });

  it('exports for the recovery key where no server was ever heard, and takes its own file back', async () => {
    const { folder } = await profile();
    const stick = temporaryFolder();
    expect(await command('export', '--profile', folder, '--to', stick)).toBe(0);
    const [file] = readdirSync(stick);
    rmSync(join(folder, 'journal'), { recursive: true });
    mkdirSync(join(folder, 'journal'));
    said.length = 0;
    expect(await command('import', join(stick, file!), '--profile', folder)).toBe(0);
    expect(said.join('')).toContain('12 written back');
  });

  it('says that the program runs, and what is wrong with the arguments', async () => {
    const { folder, machine } = await profile();
    const running = await makeTestCore({ folder: machine.folder });
    said.length = 0;
    expect(await command('export', '--profile', folder, '--to', folder)).toBe(4);
    expect(said.join('')).toContain('JOURNAL_LOCKED');
    await running.core.stop();
    expect(await command('export', '--profile', folder)).toBe(2);
    expect(await command('polish')).toBe(2);
    expect(await command('verify', '--whatever')).toBe(2);
    expect(await command('verify', '--profile', temporaryFolder())).toBe(1);
    expect(said.join('')).toContain('SECRETS_LOCKED');
  });
});
