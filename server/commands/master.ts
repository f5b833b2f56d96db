import { readFile } from 'node:fs/promises';
import type { ServerArguments } from '../arguments.ts';
import { ServerFault } from '../server-fault.ts';
import { clearMaster, masterTags, setMaster } from '../store/master.ts';
import type { Store } from '../store/open-store.ts';

/** `master set | clear | list`, beside a running server. @throws ServerFault in words */
export async function masterCommand({ database }: Store, args: ServerArguments): Promise<void> {
  const { action, file } = args;
  const { name } = args.named;
  const { hall } = args.place;
  if (action === 'set') {
    const { tag } = await setMaster(database.pool, hall, name, await textOf(file));
    console.log(`${hall} ${name} ${tag}`);
  } else if (action === 'clear') {
    const cleared = await clearMaster(database.pool, hall, name);
    console.log(cleared ? `${hall} ${name} 已清除。 Cleared.` : `${hall} ${name} 本来没有。 There was none.`);
  } else if (action === 'list') {
    for (const [one, tag] of Object.entries(await masterTags(database.pool, hall)))
      console.log(`${one}\t${tag ?? '-'}`);
  } else {
    throw new ServerFault(
      'BAD_ARGUMENTS',
      'master 之后要写 set、clear 或 list。',
      'master is followed by set, clear or list.',
    );
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ServerFault(
      'BAD_ARGUMENTS',
      `无法读取文件 ${file}，请核对 --file。`,
      `The file ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}): see --file.`,
    );
  }
}
