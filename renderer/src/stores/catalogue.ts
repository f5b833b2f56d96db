import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { itemsInForce } from '../../../shared/domain/item/catalogue.ts';
import type { Item } from '../../../shared/domain/item/item.ts';
import { searchItems } from '../../../shared/domain/item/search.ts';
import { useServices } from '../app/services.ts';
import { useClock } from './clock.ts';

/** So many earlier cases decide which items lead the list. */
const REMEMBERED = 50;

/** The items that may be applied for today, and which this desk used last. */
export const useCatalogue = defineStore('catalogue', () => {
  const { catalogue, db } = useServices();
  const clock = useClock();
  /** Item codes, last used first. */
  const recent = ref<string[]>([]);

  const items = computed(() => itemsInForce(catalogue.items, clock.day));
  const byCode = computed(() => new Map(items.value.map((item) => [item.code, item])));
  const find = (code: string): Item | null => byCode.value.get(code) ?? null;

  return {
    items,
    calendar: catalogue.calendar,
    faulty: catalogue.faulty,
    find,
    /** The item offered for the next case: the one used last. */
    last: computed(() => recent.value.map(find).find((item) => item !== null) ?? null),
    search: (query: string): Item[] => searchItems(items.value, query, recent.value),
    used(code: string): void {
      recent.value = [code, ...recent.value.filter((other) => other !== code)];
    },
    async load(): Promise<void> {
      const cases = await db.recentCases(REMEMBERED);
      recent.value = [...new Set(cases.map(({ state }) => state.item.code))];
    },
  };
});
