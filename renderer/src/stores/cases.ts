import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue';
import type { CaseRow } from '../db/hall-db.ts';
import { mark } from '../app/marks.ts';
import { useServices } from '../app/services.ts';

/** So many rows are shown under 最近受理. */
const SHOWN = 8;

/** The case accepted last at this window, with what the clerk wants to know of it. */
export interface SavedCase {
  agg: string;
  caseNo: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** How far a case has travelled, in the clerk's words: `stage.<name>`. */
export type Stage = 'saved' | 'sent' | 'received' | 'conflict' | 'refused';

/** Cases that are accepted: the last one of this window, the newest ones, and how far each has travelled. */
export const useCases = defineStore('cases', () => {
  const { db, syncStatus } = useServices();
  const recent = shallowRef<CaseRow[]>([]);
  const saved = ref<SavedCase | null>(null);
  const savedRow = shallowRef<CaseRow | null>(null);
  /** Own cases seen as not yet sent, so that the moment they are is told once. */
  const travelling = new Set<string>();

  async function refresh(): Promise<void> {
    const at = saved.value;
    const [rows, row] = await Promise.all([db.recentCases(SHOWN), at ? db.case(at.agg) : undefined]);
    recent.value = rows;
    if (at?.agg === saved.value?.agg) savedRow.value = row ?? null;
    for (const { state, travel } of row ? [row, ...rows] : rows) {
      if (travel === 'saved') travelling.add(state.agg);
      else if (travelling.delete(state.agg)) mark('zc:acknowledged', { agg: state.agg });
    }
  }
  onScopeDispose(db.onChange(() => void refresh()));
  watch(saved, (now) => {
    savedRow.value = null;
    if (now) travelling.add(now.agg);
  });

  /** Never further than what is known: sent is what is on the line, received what the server has acknowledged. */
  function stageOf({ state, travel }: CaseRow): Stage {
    if (state.conflict !== '') return 'conflict';
    if (travel === 'sent') return 'received';
    const { phase } = syncStatus.value;
    if (phase === 'refused') return 'refused';
    return phase === 'pushing' ? 'sent' : 'saved';
  }

  return {
    recent,
    stageOf,
    saved,
    savedRow,
    savedStage: computed<Stage>(() => (savedRow.value ? stageOf(savedRow.value) : 'saved')),
    /** How far the last case has travelled; '' while unknown. */
    savedTravel: computed(() => savedRow.value?.travel ?? (saved.value ? 'saved' : '')),
    load: refresh,
  };
});
