import { join } from 'node:path';
import { createSystemClock } from '../../../electron/adapters/node/clock.ts';
import { createFileSecrets } from '../../../electron/adapters/node/secrets.ts';
import { openDeviceFile } from '../../../electron/core/central/device-file.ts';
import { openDeviceKey } from '../../../electron/core/central/device-key.ts';
import { openJournal } from '../../../electron/core/journal/journal.ts';
import { caseDocument } from './documents.ts';

/** What a clerk did while the line was down: cases into the journal of a profile nobody has open, each fsynced with its command. */
export async function fillJournal(profile: string, count: number, together = 50): Promise<number> {
  const clock = createSystemClock();
  const log = { write: () => undefined };
  const secrets = createFileSecrets(join(profile, 'secrets'));
  const key = await openDeviceKey(secrets);
  const journalKey = await secrets.read('journal-key');
  const device = (await openDeviceFile({ profile, dev: key.dev, clock, log })).current()?.device;
  if (!journalKey || !device) throw new Error('the profile is not enrolled');
  const journal = await openJournal({
    folder: join(profile, 'journal'),
    memoryPath: join(profile, 'journal-head.json'),
    key: journalKey,
    clock,
    log,
    dev: key.dev,
    place: device,
  });
  const began = performance.now();
  for (let from = 0; from < count; from += together) {
    await journal.append({
      cmd: crypto.randomUUID(),
      drafts: Array.from({ length: Math.min(together, count - from) }, (_, i) => {
        const body = caseDocument(from + i);
        return {
          type: 'case.accepted',
          typeV: 1,
          agg: `case/${body.caseNo}`,
          seen: { last: '', cursor: 0 },
          user: 'clerk-1',
          body: body as never,
        };
      }),
    });
  }
  const took = performance.now() - began;
  await journal.close();
  return took;
}
