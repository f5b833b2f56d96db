import { useCardPhoto } from '../stores/card-photo.ts';
import { useCases } from '../stores/cases.ts';
import { useCatalogue } from '../stores/catalogue.ts';
import { useClerks } from '../stores/clerks.ts';
import { useConflicts } from '../stores/conflicts.ts';
import { useDevice } from '../stores/device.ts';
import { useHealth } from '../stores/health.ts';
import { useIntake } from '../stores/intake.ts';
import { useLine } from '../stores/line.ts';
import { usePaper } from '../stores/paper.ts';
import { useQueue } from '../stores/queue.ts';
import { useReader } from '../stores/reader.ts';
import { useStrip } from '../stores/strip.ts';

/**
 * What the counter has to know before a clerk can work, fetched together. One part that cannot be had does not keep
 * the others back; its failure is said on the screen.
 */
export async function loadStores(): Promise<void> {
  const strip = useStrip();
  const device = useDevice();
  const intake = useIntake();
  // Listens from now on: a photo may be told before anything shows it.
  useCardPhoto();
  const parts = [
    device,
    useCases(),
    useCatalogue(),
    useQueue(),
    useReader(),
    useLine(),
    useClerks(),
    useConflicts(),
  ];
  const loaded = await Promise.allSettled(parts.map((part) => part.load()));
  const failed = loaded.find((result) => result.status === 'rejected');
  if (failed) strip.fail(failed.reason);
  // After the catalogue, because the open case is of an item.
  await intake.load().catch((error: unknown) => strip.fail(error));
  const { faulty } = useCatalogue();
  if (faulty > 0 && !strip.message) strip.say('warn', 'catalogue.faulty', { n: faulty });
  const [notice] = device.notices;
  if (notice !== undefined && !strip.message) strip.say('warn', `notice.${notice}`);
}

/** What can wait until the first screen stands: how disk and copies are, slips owed since a crash. */
export async function loadLater(): Promise<void> {
  const strip = useStrip();
  // Asked again by itself; what it finds stands in the bar.
  await useHealth()
    .load()
    .catch(() => undefined);
  await usePaper()
    .load()
    .catch((error: unknown) => strip.fail(error));
}
