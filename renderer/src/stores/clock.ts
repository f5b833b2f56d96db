import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref } from 'vue';
import { localDay, localTime } from './local-time.ts';

/** The time, once a second and on the second. */
export const useClock = defineStore('clock', () => {
  const now = ref(Date.now());
  let timer: ReturnType<typeof setTimeout>;
  const tick = (): void => {
    now.value = Date.now();
    timer = setTimeout(tick, 1000 - (now.value % 1000));
  };
  tick();
  onScopeDispose(() => clearTimeout(timer));

  return {
    now,
    time: computed(() => localTime(now.value)),
    /** Today, `YYYY-MM-DD`. */
    day: computed(() => localDay(now.value)),
  };
});
