import { planArrivals, type Arrival } from '../../../shared/sync/plan.ts';
import { commit } from './commit.ts';
import { gather, type Here } from './gather.ts';
import type { HallTables } from './schema.ts';

/**
 * Puts events into the store: gather in bulk, plan purely, commit in bulk. Runs inside the caller's transaction
 * (`change`), in which cursor, events and pictures move together (C3). Applying anything twice changes nothing (C8).
 */
export async function applyArrivals(
  store: HallTables,
  here: Here,
  arrivals: readonly Arrival[],
): Promise<void> {
  if (arrivals.length === 0) return;
  const gathered = await gather(store, here, arrivals);
  const changes = planArrivals({ dev: here.dev, arrivals, known: gathered.known });
  await commit(store, here, gathered, changes);
}
