import { defineStore } from 'pinia';
import { onScopeDispose, ref, watch } from 'vue';
import { useServices } from '../app/services.ts';
import { useIntake } from './intake.ts';
import { useStrip } from './strip.ts';

/** A number stays readable this long, because somebody else may look at the screen next. */
const SHOWN_MS = 20_000;

/** Whether document numbers are shown in full: for one person, for a moment, and never without a trace. */
export const useReveal = defineStore('reveal', () => {
  const { db } = useServices();
  const intake = useIntake();
  const strip = useStrip();
  const shown = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = false;

  function hide(): void {
    clearTimeout(timer);
    shown.value = false;
  }
  watch(() => intake.applicant?.idNumber, hide);
  onScopeDispose(hide);

  async function show(idNumber: string): Promise<void> {
    asking = true;
    try {
      await db.traceNumberShown(idNumber);
      // Another person may sit there by now.
      if (intake.applicant?.idNumber !== idNumber) return;
      shown.value = true;
      timer = setTimeout(hide, SHOWN_MS);
    } catch (error) {
      strip.fail(error);
    } finally {
      asking = false;
    }
  }

  return {
    shown,
    async toggle(): Promise<void> {
      if (shown.value) hide();
      else if (!asking && intake.applicant) await show(intake.applicant.idNumber);
    },
  };
});
