import { expect, it } from 'vitest';
import { createFrameLog } from '../../../../electron/core/id-card/admin/frame-log.ts';
import { createReaderAdmin } from '../../../../electron/core/id-card/admin/reader-admin.ts';
import { loadReaderProfiles } from '../../../../electron/core/id-card/load-reader-profiles.ts';
import { createDesk } from '../desk.ts';

it('a reader that only decodes in a cloud is known as such until one like it works', async () => {
  const desk = await createDesk({ real: { carrier: 'dk', attached: false } });
  const readers = new URL('../../../../resources/readers', import.meta.url).pathname;
  const log = { write: () => undefined };
  const admin = createReaderAdmin({
    clock: desk.clock,
    log,
    devices: desk.real.port,
    reader: desk.reader,
    frames: createFrameLog(desk.clock),
    profiles: await loadReaderProfiles([readers], log),
    ownProfiles: new Set(),
    mayOpen: () => Promise.resolve(null),
  });
  const verdict = async (): Promise<string | undefined> => (await admin.devices()).devices[0]?.verdict;

  desk.real.faults.add({ on: 'any', cloudOnly: true, times: Infinity });
  desk.real.faults.plug();
  await desk.clock.until(() => desk.reader.status().error === 'ID_CARD_CLOUD_ONLY', 10_000);
  expect(await verdict()).toBe('cloud-only');

  desk.real.faults.unplug();
  desk.real.faults.clear();
  await desk.clock.advance(5000);
  desk.real.faults.plug();
  await desk.clock.until(() => desk.reader.status().phase === 'waiting', 10_000);
  expect(await verdict()).toBe('ready');
  await desk.reader.stop();
});
