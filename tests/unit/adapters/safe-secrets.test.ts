import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createSafeSecrets } from '../../../electron/adapters/electron/secrets.ts';
import { createFileSecrets } from '../../../electron/adapters/node/secrets.ts';
import { resetWorld, world } from '../../fixtures/fake-electron.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

vi.mock('electron', async () => (await import('../../fixtures/fake-electron.ts')).electron);

const KEY = new Uint8Array([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
const log = { write: vi.fn() };
beforeEach(() => {
  resetWorld();
  log.write.mockClear();
});

describe('secrets in the system’s keyring', () => {
  it('come back as they were, and do not stand readable on the disk', async () => {
    const folder = temporaryFolder();
    const secrets = createSafeSecrets(folder, log);
    expect(await secrets.read('seal-key')).toBeNull();
    await secrets.write('seal-key', KEY);
    expect(await secrets.read('seal-key')).toEqual(KEY);
    expect(secrets.protection).toBe('os-keyring');
    expect(readdirSync(folder)).toEqual(['seal-key.safe']);
    expect(readFileSync(join(folder, 'seal-key.safe'), 'utf8')).not.toContain(
      Buffer.from(KEY).toString('base64'),
    );
  });

  it('takes over what the plain shell left, and leaves no plain copy', async () => {
    const folder = temporaryFolder();
    await createFileSecrets(folder).write('seal-key', KEY);
    expect(await createSafeSecrets(folder, log).read('seal-key')).toEqual(KEY);
    expect(readdirSync(folder)).toEqual(['seal-key.safe']);
    expect(await createSafeSecrets(folder, log).read('seal-key')).toEqual(KEY);
  });

  it('seals anew when the keyring’s key has changed', async () => {
    const folder = temporaryFolder();
    const secrets = createSafeSecrets(folder, log);
    await secrets.write('seal-key', KEY);
    const file = join(folder, 'seal-key.safe');
    const sealed = readFileSync(file);
    writeFileSync(file, sealed);
    world.keyring.reEncrypt = true;
    expect(await secrets.read('seal-key')).toEqual(KEY);
    world.keyring.reEncrypt = false;
    expect(await secrets.read('seal-key')).toEqual(KEY);
  });
});

describe.runIf(process.platform === 'linux')('a machine without a keyring', () => {
  it.each(['basic_text', 'unknown'])(
    '(%s) keeps files only their owner can read, and says so',
    async (backend) => {
      world.keyring.backend = backend;
      const folder = temporaryFolder();
      const secrets = createSafeSecrets(folder, log);
      await secrets.write('seal-key', KEY);
      expect(secrets.protection).toBe('file');
      expect(log.write).toHaveBeenCalledWith('warning', 'secrets', expect.stringContaining('no keyring'));
      // The plain shell could go on with this profile.
      expect(await createFileSecrets(folder).read('seal-key')).toEqual(KEY);
    },
  );

  it('a locked keyring does not look like a new machine', async () => {
    const folder = temporaryFolder();
    await createSafeSecrets(folder, log).write('seal-key', KEY);
    world.keyring.available = false;
    await expect(createSafeSecrets(folder, log).read('seal-key')).rejects.toMatchObject({
      code: 'SECRETS_LOCKED',
    });
  });
});
