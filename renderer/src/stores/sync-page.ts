import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { useServices } from '../app/services.ts';
import type { RefusedCommand } from '../db/sync-views.ts';
import { codeOf } from './admin-readers.ts';
import { useClock } from './clock.ts';
import { evidenceParts } from './evidence-rows.ts';
import { useHealth } from './health.ts';
import { useLine } from './line.ts';

/** So often the evidence is asked for while somebody looks at it. */
const LOOK_MS = 2_000;
const FOLDER_KEY = 'zongchuang-export-folder';

/** A deed of the page and how it went: a message key of what to say, `error.<CODE>` when it failed. */
export interface Outcome {
  ok: boolean;
  key: string;
  params: Record<string, string | number>;
}

/** 同步与数据: the evidence while somebody looks at it, and what can be done by hand. */
export const useSyncPage = defineStore('sync-page', () => {
  const { bridge, db, nudgeSync } = useServices();
  const health = useHealth();
  const line = useLine();
  const clock = useClock();
  const refused = shallowRef<RefusedCommand[]>([]);
  const folder = ref(localStorage.getItem(FOLDER_KEY) ?? '');
  const file = ref('');
  const busy = ref('');
  const outcome = shallowRef<Outcome | null>(null);
  /** Code of why the evidence could not be had; '' when it could. */
  const problem = ref('');

  async function look(): Promise<void> {
    try {
      const [, list] = await Promise.all([health.load(), db.refused(), line.load()]);
      refused.value = list;
      problem.value = '';
    } catch (error) {
      problem.value = codeOf(error);
    }
  }

  async function doing(name: string, deed: () => Promise<Omit<Outcome, 'ok'>>): Promise<void> {
    if (busy.value !== '') return;
    busy.value = name;
    outcome.value = null;
    try {
      outcome.value = { ok: true, ...(await deed()) };
    } catch (error) {
      outcome.value = { ok: false, key: `error.${codeOf(error)}`, params: {} };
    } finally {
      busy.value = '';
      void look();
    }
  }

  return {
    refused,
    folder,
    file,
    busy,
    outcome,
    problem,
    parts: computed(() =>
      health.journal && health.evidence
        ? evidenceParts({
            journal: health.journal,
            evidence: health.evidence,
            central: line.central,
            now: clock.now,
            today: clock.day,
          })
        : [],
    ),
    /** Looks now and again until the returned function is called. */
    watch(): () => void {
      outcome.value = null;
      void look();
      const timer = setInterval(() => void look(), LOOK_MS);
      return () => clearInterval(timer);
    },
    /** Asks for a round; how it went is what the light says a moment later. */
    syncNow(): void {
      nudgeSync();
      outcome.value = { ok: true, key: 'syncPage.asked', params: {} };
      void look();
    },
    exportNow: () =>
      doing('export', async () => {
        const where = folder.value.trim();
        const made = await bridge.call('journal.export', { folder: where });
        localStorage.setItem(FOLDER_KEY, where);
        return { key: 'syncPage.exported', params: { n: made.events, file: made.file } };
      }),
    importNow: () =>
      doing('import', async () => {
        const { events, added, held } = await bridge.call('journal.import', { file: file.value.trim() });
        file.value = '';
        nudgeSync();
        if (held) return { key: 'syncPage.held', params: { n: events } };
        return { key: 'syncPage.imported', params: { n: events, added } };
      }),
    forgetOutcome: () => void (outcome.value = null),
    /** The self-checks of this PC, for the text that goes to support. */
    checks: () => bridge.call('diagnostics.run', {}),
  };
});
