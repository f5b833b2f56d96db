import { z } from 'zod';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import type { SealedFile } from '../settings/sealed-file.ts';

export const MOST_WRONG = 5;
export const LOCK_MS = 5 * 60_000;
/** While a lock runs, what is left of it is kept so often, milliseconds: a restart adds no more than this. */
const KEEP_EVERY_MS = 20_000;

const keptSchema = z.record(z.string(), z.object({ wrong: z.number(), lockMs: z.number() }));

/**
 * Counts wrong secrets by clerk. A lock is served in time the program runs, counted by the clock that nobody can
 * set; what is left of it is kept, so neither a restart nor a changed date ends it early.
 */
export interface LockOut {
  /** Milliseconds until this clerk may try again; 0 when there is no lock. */
  left(id: string): number;
  /** Counts a try before it is checked, so that ending the program in between gains nothing. */
  begin(id: string): Promise<void>;
  /** The secret was right. */
  passed(id: string): Promise<void>;
  /** The secret was wrong. @returns whether that locked the clerk out */
  failed(id: string): Promise<boolean>;
  close(): Promise<void>;
}

export async function openLockOut(ports: {
  clock: ClockPort;
  log: LogPort;
  file: SealedFile;
}): Promise<LockOut> {
  const { clock, log, file } = ports;
  const kept = keptSchema.safeParse(await file.read());
  /** `until` by the monotonic clock. */
  const tries = new Map<string, { wrong: number; until: number }>();
  for (const [id, { wrong, lockMs }] of Object.entries(kept.success ? kept.data : {})) {
    // The program was ended during the last try that was allowed: nobody can say how it went.
    const open = wrong >= MOST_WRONG;
    const ms = open ? LOCK_MS : Math.min(Math.max(lockMs, 0), LOCK_MS);
    tries.set(id, { wrong: open ? 0 : wrong, until: clock.monotonic() + ms });
  }
  let cancel: () => void = () => undefined;
  const left = (id: string): number => Math.max(0, (tries.get(id)?.until ?? 0) - clock.monotonic());

  /** A disk that takes nothing must not keep a clerk from finishing the case in hand: then memory has to do. */
  async function keep(): Promise<void> {
    const rows = [...tries].map(([id, { wrong }]) => [id, { wrong, lockMs: left(id) }] as const);
    try {
      await file.write(Object.fromEntries(rows));
    } catch (error) {
      log.write('warning', 'clerks', 'wrong secrets could not be counted on disk', { reason: String(error) });
    }
    watch();
  }
  function watch(): void {
    cancel();
    const locked = [...tries.keys()].some((id) => left(id) > 0);
    cancel = locked ? clock.after(KEEP_EVERY_MS, () => void keep()) : () => undefined;
  }
  watch();

  return {
    left,
    async begin(id) {
      const { wrong = 0, until = 0 } = tries.get(id) ?? {};
      tries.set(id, { wrong: wrong + 1, until });
      await keep();
    },
    async passed(id) {
      tries.delete(id);
      await keep();
    },
    async failed(id) {
      if ((tries.get(id)?.wrong ?? 0) < MOST_WRONG) return false;
      tries.set(id, { wrong: 0, until: clock.monotonic() + LOCK_MS });
      await keep();
      log.write('warning', 'clerks', 'locked out after wrong secrets', { clerk: id });
      return true;
    },
    close: async () => {
      cancel();
      if (tries.size > 0) await keep();
      cancel();
    },
  };
}
