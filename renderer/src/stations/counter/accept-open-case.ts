import { nextTick } from 'vue';
import { mark, painted } from '../../app/marks.ts';
import { useCases } from '../../stores/cases.ts';
import { useIntake } from '../../stores/intake.ts';
import { useStrip } from '../../stores/strip.ts';
import type { Flow } from './use-flow.ts';

/** F9: accepts the open case, or says the first thing that is missing and puts the cursor there. */
export async function acceptOpenCase(flow: Flow): Promise<void> {
  const intake = useIntake();
  const strip = useStrip();
  const cases = useCases();
  const began = performance.now();
  // What stands in the field with the cursor belongs to the case, Enter or not.
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  await nextTick();
  const { step } = intake;
  if (step.kind !== 'accept') {
    strip.say('warn', `missing.${step.kind}`, {
      title: 'title' in step ? step.title : '',
      n: intake.missing,
    });
    await flow.next();
    return;
  }
  const saved = await intake.accept();
  await flow.next();
  if (!saved || !cases.saved) return;
  await painted();
  mark('zc:saved', { ...cases.saved, ms: performance.now() - began });
}
