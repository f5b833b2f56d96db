import { defineStore } from 'pinia';
import { computed, onScopeDispose, shallowRef } from 'vue';
import type { Output } from '../../../shared/contract/index.ts';
import { useServices } from '../app/services.ts';
import type { Evidence } from '../db/sync-views.ts';
import { alertsOf } from './alerts.ts';
import { useClock } from './clock.ts';
import { useConflicts } from './conflicts.ts';
import { useLine } from './line.ts';

export type JournalStatus = Output<'journal.status'>;

/** So often the machine is asked how journal and disk are while nobody looks at them. */
const ASK_MS = 30_000;

/** How the parts stand that keep the cases safe: journal, store, disk, copies, clock. */
export const useHealth = defineStore('health', () => {
  const { bridge, db } = useServices();
  const line = useLine();
  const conflicts = useConflicts();
  const clock = useClock();
  const journal = shallowRef<JournalStatus | null>(null);
  const evidence = shallowRef<Evidence | null>(null);

  async function refresh(): Promise<void> {
    const [status, found] = await Promise.all([bridge.call('journal.status', {}), db.evidence()]);
    journal.value = status;
    evidence.value = found;
  }
  // A part that cannot be asked just now is asked again; the line's own light says when the machine is gone.
  const again = (): void => void refresh().catch(() => undefined);
  const timer = setInterval(again, ASK_MS);
  onScopeDispose(() => clearInterval(timer));

  return {
    journal,
    evidence,
    /** What a person should see to, most pressing first. */
    alerts: computed(() =>
      alertsOf({
        journal: journal.value,
        evidence: evidence.value,
        skewMs: line.central?.clockSkewMs ?? null,
        conflictsOpen: conflicts.open.length,
        now: clock.now,
      }),
    ),
    load: refresh,
  };
});
