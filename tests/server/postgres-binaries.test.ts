import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageHome, prepareBinaries } from '../../server/store/postgres-binaries.ts';
import { postgresUser } from '../../server/store/postgres-user.ts';
import { temporaryFolder } from './start.ts';

const home = packageHome();
const asRoot = process.getuid?.() === 0;
let folder: string;
let copy: string;

/** The package as npm leaves it when it is told to run no install scripts: no links, nothing executable. */
function asDelivered(to: string): void {
  cpSync(home!, to, { recursive: true, verbatimSymlinks: true });
  const lib = join(to, 'native/lib');
  for (const name of readdirSync(lib))
    if (lstatSync(join(lib, name)).isSymbolicLink()) unlinkSync(join(lib, name));
  for (const name of readdirSync(join(to, 'native/bin'))) chmodSync(join(to, 'native/bin', name), 0o644);
}
const version = (postgres: string): string => execFileSync(postgres, ['--version'], { encoding: 'utf8' });

describe.skipIf(!home || process.platform === 'win32')('PostgreSQL’s programs', () => {
  beforeAll(() => {
    folder = temporaryFolder();
    copy = join(folder, 'package');
    asDelivered(copy);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('do not run as they are delivered', () => {
    expect(() => version(join(copy, 'native/bin/postgres'))).toThrow();
  });

  it('are made fit where they are, also by two starts at once', async () => {
    const user = await postgresUser();
    const both = await Promise.all([1, 2].map(() => prepareBinaries(copy, user, join(folder, 'unused'))));
    for (const binaries of both) expect(binaries?.postgres).toBe(join(copy, 'native/bin/postgres'));
    expect(version(both[0]!.postgres)).toContain('PostgreSQL');
    expect(existsSync(join(folder, 'unused'))).toBe(false);
  });

  it.runIf(asRoot)('are copied where their account can go when the checkout is closed to it', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const inside = join(closed, 'package');
    cpSync(copy, inside, { recursive: true, verbatimSymlinks: true });
    const user = await postgresUser();
    expect(user).not.toBeNull();
    const before = process.umask(0o077);
    const copies = join(folder, 'copies');
    mkdirSync(copies, { mode: 0o755 });
    chmodSync(copies, 0o755);
    try {
      const both = await Promise.all([1, 2].map(() => prepareBinaries(inside, user, copies)));
      expect(both[0]!.postgres).toMatch(/\/copies\/postgres-\w+-\w+-[\d.]+[^/]*\/bin\/postgres$/);
      expect(both[1]).toEqual(both[0]);
      const said = execFileSync(both[0]!.postgres, ['--version'], { encoding: 'utf8', cwd: '/', ...user });
      expect(said).toContain('PostgreSQL');
      expect(readdirSync(copies)).toHaveLength(1);
      // A copy that a power cut left without its contents is made anew.
      rmSync(join(copies, readdirSync(copies)[0]!, 'lib'), { recursive: true });
      const again = await prepareBinaries(inside, user, copies);
      expect(version(again!.postgres)).toContain('PostgreSQL');
    } finally {
      process.umask(before);
    }
  });
});
