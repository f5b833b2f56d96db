import { nextTick } from 'vue';
import { mark, painted } from '../../app/marks.ts';
import { useCases } from '../../stores/cases.ts';
import { useIntake } from '../../stores/intake.ts';
import { useStrip } from '../../stores/strip.ts';
import type { Flow } from './use-flow.ts';

/** So long after a case was saved F9 is taken for the same press, milliseconds. */
const SECOND_PRESS_MS = 1_500;

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
  // A nervous second press belongs to the case just saved, not to the empty one after it.
  if (step.kind === 'card' && Date.now() - (cases.saved?.at ?? 0) < SECOND_PRESS_MS) return;
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
  const { agg, caseNo } = cases.saved;
  mark('zc:saved', { agg, caseNo, ms: performance.now() - began });
}
