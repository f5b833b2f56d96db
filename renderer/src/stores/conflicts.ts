import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue';
import type { Choice, ConflictView } from '../db/sync-views.ts';
import { useServices } from '../app/services.ts';
import { useCatalogue } from './catalogue.ts';
import { useClerks } from './clerks.ts';
import { factRows, subjectOf, type TitleOf } from './conflict-facts.ts';
import { lossOf, type Loss } from './conflict-loss.ts';
import { createTold } from './told.ts';
import { useStrip } from './strip.ts';
import { windowNo } from './window-no.ts';

/** Two records that cannot both be true: which there are, which one is looked at, and a person's decision. */
export const useConflicts = defineStore('conflicts', () => {
  const { db, boot } = useServices();
  const strip = useStrip();
  const catalogue = useCatalogue();
  const clerks = useClerks();
  const told = createTold();
  /** Open ones first, newest first, as the store gives them. */
  const all = shallowRef<ConflictView[]>([]);
  const chosenId = ref('');
  /** What the clerk has pointed at but not confirmed. */
  const choice = ref<Choice | null>(null);
  const note = ref('');
  const busy = ref(false);
  const waiting = shallowRef<Loss[]>([]);
  let deciding = '';

  const open = computed(() => all.value.filter(({ state }) => state === 'open'));
  const chosen = computed(
    () => all.value.find(({ id }) => id === chosenId.value) ?? open.value[0] ?? all.value[0] ?? null,
  );
  const subject = (view: ConflictView): string => subjectOf(view.agg, [view.theirs, view.mine, view.seen]);

  const titleOf: TitleOf = (code, kind, id) => {
    const item = catalogue.find(code);
    if (kind === 'form') return item?.form.find((field) => field.id === id)?.title ?? '';
    return item?.situations.find((question) => question.id === id)?.ask ?? '';
  };

  /** Changes come in bursts while a hall catches up; the list is read again once after each burst. */
  let reading: Promise<void> | null = null;
  let asked = 0;
  async function readUntilStill(): Promise<void> {
    const before = asked;
    await readAll();
    if (asked !== before) await readUntilStill();
  }
  function refresh(): Promise<void> {
    asked += 1;
    reading ??= readUntilStill().finally(() => (reading = null));
    return reading;
  }

  async function readAll(): Promise<void> {
    all.value = await db.conflicts();
    const self = { dev: boot.device.dev, clerk: clerks.signedIn?.id ?? '' };
    const losses = all.value
      .flatMap((view) => lossOf(view, self) ?? [])
      .filter(({ mark }) => !told.has(mark));
    losses.forEach(({ mark }) => told.add(mark));
    // Whoever decides knows: nothing has to be told.
    const news = losses.filter(({ view }) => view.id !== deciding);
    if (news.length > 0) waiting.value = [...waiting.value, ...news];
  }
  onScopeDispose(db.onChange(() => void refresh().catch((error: unknown) => strip.fail(error))));

  // What somebody has to do something about goes first: it must not be written over by news of an earlier case.
  watch([waiting, () => strip.message], ([losses, message]) => {
    const [next, ...rest] = losses;
    if (!next || message?.tone === 'warn' || message?.tone === 'bad') return;
    waiting.value = rest;
    const what = subject(next.view);
    if (next.winner)
      strip.say('warn', `conflictTold.${next.kind}`, { what, n: windowNo(next.winner.station) });
    else strip.say('warn', 'conflictTold.alone', { what });
  });

  function select(id: string): void {
    if (chosen.value?.id !== id) {
      choice.value = null;
      note.value = '';
    }
    chosenId.value = id;
  }

  return {
    all,
    open,
    chosen,
    choice,
    note,
    busy,
    load: refresh,
    subject,
    nameOf: (id: string) => clerks.nameOf(id),
    rowsOf: (view: ConflictView) => factRows(view.theirs, view.mine, titleOf),
    select,
    /** The page opens at the newest open one, nothing chosen yet. */
    start(): void {
      chosenId.value = '';
      choice.value = null;
      note.value = '';
    },
    /** Goes up or down the list. */
    step(by: number): void {
      const at = all.value.findIndex(({ id }) => id === chosen.value?.id);
      const next = all.value[Math.min(all.value.length - 1, Math.max(0, at + by))];
      if (next) select(next.id);
    },
    choose(which: Choice): void {
      // Choosing what was decided before would record the same decision again.
      if (chosen.value && chosen.value.decision?.choice !== which) choice.value = which;
    },
    /**
     * Records the decision; a later one takes its place.
     * @returns whether one was recorded
     */
    async confirm(): Promise<boolean> {
      const view = chosen.value;
      const which = choice.value;
      if (!view || which === null || busy.value) return false;
      busy.value = true;
      try {
        deciding = view.id;
        await db.decide(view.id, which, note.value.trim());
        choice.value = null;
        note.value = '';
        await refresh();
        const winner = which === 'first' ? view.theirs : view.mine;
        const what = subject(view);
        if (winner) strip.say('ok', 'conflictPage.decided', { what, n: windowNo(winner.station) });
        else strip.say('ok', 'conflictPage.decidedNone', { what });
        const next = open.value[0];
        if (next) select(next.id);
        else chosenId.value = view.id;
        return true;
      } catch (error) {
        strip.fail(error);
        return false;
      } finally {
        deciding = '';
        busy.value = false;
      }
    },
  };
});
