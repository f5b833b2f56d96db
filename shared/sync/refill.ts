import { CodedError } from '../contract/errors.ts';
import type { WantedRange } from '../contract/central.ts';
import type { CentralPort, SyncStore } from './ports.ts';

/** Events of one donation; the server's limit in bytes is kept by the core. */
const DONATION = 200;

/**
 * Gives a server that came back from an older backup what it lacks of other devices' events: whatever is held here.
 * A run it does not accept is passed over: another device may hold it with a signature.
 * @returns how many events were given
 */
export async function refill(ports: { store: SyncStore; central: CentralPort }): Promise<number> {
  const { store, central } = ports;
  const heads = await store.heads();
  const answer = await orNull(central.want(heads));
  let given = 0;
  for (const range of answer?.want ?? []) given += await donate(ports, range);
  return given;
}

/** An older server does not know the call, or this one does not take what we have: no reason to stop the rest. */
export async function orNull<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof CodedError && error.code === 'CENTRAL_BAD_ANSWER') return null;
    throw error;
  }
}

async function donate(
  { store, central }: { store: SyncStore; central: CentralPort },
  range: WantedRange,
): Promise<number> {
  const { dev, inc, to } = range;
  let { from } = range;
  while (from <= to) {
    const events = await store.heldRange({ dev, inc, from, to: Math.min(to, from + DONATION - 1) });
    if (events.length === 0) break;
    const answer = await orNull(central.donate({ dev, inc, events }));
    if (answer === null || answer.upTo < from) break;
    from = answer.upTo + 1;
  }
  return from - range.from;
}
