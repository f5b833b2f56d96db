import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFileSecrets } from '../../../electron/adapters/node/secrets.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

describe('secrets in files', () => {
  it('gives back what was written, and null for what never was', async () => {
    const secrets = createFileSecrets(join(temporaryFolder(), 'secrets'));
    expect(await secrets.read('seal-key')).toBeNull();
    await secrets.write('seal-key', new Uint8Array([0, 255, 7]));
    await secrets.write('seal-key', new Uint8Array([1, 2]));
    expect(await secrets.read('seal-key')).toEqual(new Uint8Array([1, 2]));
  });

  it.skipIf(process.platform === 'win32')(
    'only the owner can read them, and nothing unfinished stays',
    async () => {
      const folder = join(temporaryFolder(), 'secrets');
      await createFileSecrets(folder).write('device-key', new Uint8Array(32));
      expect(readdirSync(folder)).toEqual(['device-key']);
      expect(statSync(join(folder, 'device-key')).mode & 0o777).toBe(0o600);
      expect(statSync(folder).mode & 0o777).toBe(0o700);
    },
  );

  it('takes no name that could leave the folder', async () => {
    const secrets = createFileSecrets(temporaryFolder());
    for (const name of ['../x', 'a/b', '..', '.hidden', '', 'A', 'a\\b', 'x'.repeat(65)]) {
      await expect(secrets.write(name, new Uint8Array(1)), name).rejects.toThrow('not a secret');
      await expect(secrets.read(name), name).rejects.toThrow('not a secret');
    }
  });
});
