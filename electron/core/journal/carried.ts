import { carryAnswer } from '../../../shared/sync/own-messages.ts';
import type { LogPort } from '../ports/log.ts';
import type { JournalFiles } from './files.ts';
import type { ServerCall } from './refill.ts';

const LIMIT_MS = 60_000;
const WAITING = /^[0-9a-f]{64}\.zcx$/;

/**
 * Hands other devices' exports to the server. What it took is kept under another name; so is what it will never take,
 * because throwing somebody's work away is not this device's decision.
 * @returns events the server did not have
 */
export async function handOnCarried(ports: {
  folder: string;
  files: JournalFiles;
  call: ServerCall;
  log: LogPort;
}): Promise<number> {
  const { folder, files, call, log } = ports;
  let added = 0;
  for (const name of (await files.names(folder)).filter((each) => WAITING.test(each))) {
    const file = Buffer.from(await files.readAll(`${folder}/${name}`)).toString('base64');
    const answer = await call({
      method: 'POST',
      path: '/carry',
      body: { file },
      schema: carryAnswer,
      timeoutMs: LIMIT_MS,
    });
    if (!answer.ok) {
      log.write('warning', 'journal', 'carried export not taken', { why: answer.refusal.error });
      continue;
    }
    const { refused } = answer.value;
    log.write(refused === undefined ? 'info' : 'error', 'journal', 'carried export', { ...answer.value });
    added += answer.value.added;
    await files.rename(
      `${folder}/${name}`,
      `${folder}/${name}.${refused === undefined ? 'sent' : 'refused'}`,
    );
    await files.syncFolder(folder);
  }
  return added;
}
