import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecretsPort } from '../../core/ports/secrets.ts';

/** Names become file names: lower case letters, digits, dot and dash, nothing that could leave the folder. */
const NAME = /^[a-z0-9][a-z0-9.-]{0,63}$/;

/**
 * Secrets as files only their owner can read. Written beside and renamed, both flushed, so that a power cut
 * leaves the old secret or the new one and never half of one.
 * @param folder made with mode 0700 when it is not there
 */
export function createFileSecrets(folder: string): SecretsPort {
  return {
    protection: 'file',
    async read(name) {
      try {
        return new Uint8Array(await readFile(fileOf(folder, name)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
    async write(name, value) {
      const file = fileOf(folder, name);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const unfinished = `${file}.${randomBytes(4).toString('hex')}.part`;
      try {
        const handle = await open(unfinished, 'wx', 0o600);
        try {
          await handle.writeFile(value);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(unfinished, file);
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
      await flushFolder(folder);
    },
  };
}

function fileOf(folder: string, name: string): string {
  if (!NAME.test(name)) throw new Error(`not a secret's name: ${name}`);
  return join(folder, name);
}

/** The rename itself is durable only when the folder is flushed; Windows neither needs nor allows it. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
