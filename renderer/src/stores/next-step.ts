import type { Item } from '../../../shared/domain/item/item.ts';
import type { IntakeProblem } from '../../../shared/domain/case/intake-problems.ts';

/** What the clerk does next; the cursor goes there, and the line above says it. */
export type NextStep =
  | { kind: 'card' }
  | { kind: 'applicant' }
  | { kind: 'item' }
  | { kind: 'question'; id: string; title: string }
  | { kind: 'field'; id: string; title: string }
  | { kind: 'material'; id: string; title: string }
  | { kind: 'accept' };

/**
 * The next step, from what is missing: in the order of the screen, ① to ④, then materials, then F9.
 * @param itemChosen false while the last item is only offered
 */
export function nextStep(
  problems: readonly IntakeProblem[],
  item: Item | null,
  itemChosen: boolean,
): NextStep {
  const person = problems.find(({ code }) => code.startsWith('applicant-'));
  if (person) return { kind: person.code === 'applicant-missing' ? 'card' : 'applicant' };
  if (item === null || !itemChosen) return { kind: 'item' };
  const first = problems[0];
  if (first?.question !== undefined) {
    const { question: id } = first;
    return { kind: 'question', id, title: item.situations.find((one) => one.id === id)?.ask ?? id };
  }
  if (first?.field !== undefined) {
    const { field: id } = first;
    return { kind: 'field', id, title: item.form.find((one) => one.id === id)?.title ?? id };
  }
  if (first?.material !== undefined) {
    const { material: id } = first;
    return { kind: 'material', id, title: item.materials.find((one) => one.id === id)?.name ?? id };
  }
  return { kind: 'accept' };
}
