import { defineStore } from 'pinia';
import { onScopeDispose, ref, watch } from 'vue';
import { useIntake } from './intake.ts';

/** A number stays readable this long, because somebody else may look at the screen next. */
const SHOWN_MS = 20_000;

/** Whether document numbers are shown in full: for one person, for a moment. */
export const useReveal = defineStore('reveal', () => {
  const intake = useIntake();
  const shown = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;

  function hide(): void {
    clearTimeout(timer);
    shown.value = false;
  }
  watch(() => intake.applicant?.idNumber, hide);
  onScopeDispose(hide);

  return {
    shown,
    toggle(): void {
      if (shown.value) {
        hide();
        return;
      }
      shown.value = true;
      timer = setTimeout(hide, SHOWN_MS);
    },
  };
});
