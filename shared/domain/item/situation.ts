import { holds, type Answers } from './conditions.ts';
import type { Item, SituationQuestion } from './item.ts';

/**
 * The answers that still apply: a known option of a question that is asked. Questions are taken in order and
 * may look back only, so an answer disappears together with the answer that called for its question.
 */
export function pruneAnswers(item: Pick<Item, 'situations'>, answers: Answers): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const question of item.situations) {
    if (!holds(question.when, kept)) continue;
    const answer = Object.hasOwn(answers, question.id) ? answers[question.id] : undefined;
    if (answer !== undefined && question.options.some((option) => option.id === answer))
      kept[question.id] = answer;
  }
  return kept;
}

/** The questions to show, in order; a question that hangs on an open one is not shown yet. */
export function visibleQuestions(item: Pick<Item, 'situations'>, answers: Answers): SituationQuestion[] {
  const kept = pruneAnswers(item, answers);
  return item.situations.filter((question) => holds(question.when, kept));
}

/** The shown questions that have no answer yet, in order; the first of them is the one to ask now. */
export function openQuestions(item: Pick<Item, 'situations'>, answers: Answers): SituationQuestion[] {
  const kept = pruneAnswers(item, answers);
  return visibleQuestions(item, kept).filter((question) => !Object.hasOwn(kept, question.id));
}
