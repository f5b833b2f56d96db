import { z } from 'zod';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import type { SealedFile } from '../settings/sealed-file.ts';

/** How often the latest time is kept, milliseconds. */
const KEEP_EVERY_MS = 10 * 60_000;

const keptSchema = z.object({ latest: z.number() });

/**
 * A wall clock that is never set back: somebody who turns the machine's clock back gains nothing by it. What a clock
 * set ahead has added is taken off again when the server has been heard.
 */
export interface SteadyTime {
  /** Milliseconds since 1970, never less than before, also over restarts (to ten minutes). */
  now(): number;
  /** The server was heard: the machine's clock counts as it stands. */
  trust(): void;
  close(): Promise<void>;
}

export async function openSteadyTime(ports: {
  clock: ClockPort;
  log: LogPort;
  file: SealedFile;
}): Promise<SteadyTime> {
  const { clock, log, file } = ports;
  const kept = keptSchema.safeParse(await file.read());
  let from = { wall: kept.success ? kept.data.latest : 0, mono: clock.monotonic() };
  let cancel: () => void = () => undefined;

  const now = (): number => Math.max(clock.now(), from.wall + (clock.monotonic() - from.mono));
  const keep = (): Promise<void> =>
    file.write({ latest: now() }).catch((error: unknown) => {
      log.write('warning', 'clerks', 'the time could not be kept', { reason: String(error) });
    });
  const keepByAndBy = (): void => {
    cancel = clock.after(KEEP_EVERY_MS, () => {
      // What the machine's clock says now is not believed to be less later on.
      from = { wall: now(), mono: clock.monotonic() };
      void keep();
      keepByAndBy();
    });
  };
  keepByAndBy();

  return {
    now,
    trust() {
      from = { wall: clock.now(), mono: clock.monotonic() };
    },
    async close() {
      cancel();
      await keep();
    },
  };
}
