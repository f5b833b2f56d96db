import { inject, nextTick, provide, type InjectionKey, type Ref } from 'vue';
import { useIntake } from '../../stores/intake.ts';
import type { NextStep } from '../../stores/next-step.ts';

/** Where the cursor goes. One flow of attention: the next step is where the cursor stands. */
export interface Flow {
  /** Puts the cursor where the next step is, once the screen shows it. */
  next(): Promise<void>;
  /** Puts the cursor at a step somebody asked for. */
  to(step: NextStep): Promise<void>;
}

const FLOW: InjectionKey<Flow> = Symbol('flow');

/** Each place that can be the next step carries `data-step`; the thing in it that takes the focus `data-focus`. */
function selectorOf(step: NextStep): string {
  switch (step.kind) {
    case 'field':
    case 'material':
      return `[data-step="${step.kind}:${CSS.escape(step.id)}"]`;
    case 'question':
    case 'item':
    case 'applicant':
    case 'accept':
      return `[data-step="${step.kind}"]`;
    case 'card':
      return '';
  }
}

/** @param scrollers go back to the top when a person is done */
export function provideFlow(scrollers: readonly Ref<HTMLElement | null>[]): Flow {
  const intake = useIntake();

  async function to(step: NextStep): Promise<void> {
    await nextTick();
    const selector = selectorOf(step);
    const place = selector === '' ? null : document.querySelector<HTMLElement>(selector);
    const target = place?.querySelector<HTMLElement>('[data-focus], input, select') ?? place;
    if (!target) {
      // Nothing to type into: keys work everywhere, so no field may hold the cursor.
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
      for (const scroller of scrollers) scroller.value?.scrollTo({ top: 0 });
      return;
    }
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: 'nearest' });
  }

  const flow: Flow = { to, next: () => to(intake.step) };
  provide(FLOW, flow);
  return flow;
}

export function useFlow(): Flow {
  const flow = inject(FLOW);
  if (!flow) throw new Error('the flow was not provided');
  return flow;
}
