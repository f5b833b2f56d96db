import type { Condition } from './item.ts';

/** Answers to situation questions: question id → option id. */
export type Answers = Readonly<Record<string, string>>;

/**
 * Whether a condition holds for the answers given so far. An open question is none of its answers, so `is`
 * is false and `not` of it true; no condition at all always holds.
 */
export function holds(condition: Condition | undefined, answers: Answers): boolean {
  if (condition === undefined) return true;
  if ('question' in condition) {
    const answer = Object.hasOwn(answers, condition.question) ? answers[condition.question] : undefined;
    return answer !== undefined && condition.is.includes(answer);
  }
  if ('all' in condition) return condition.all.every((part) => holds(part, answers));
  if ('any' in condition) return condition.any.some((part) => holds(part, answers));
  return !holds(condition.not, answers);
}

/** @returns every question a condition asks about, with the answers it names */
export function questionsOf(condition: Condition): { question: string; is: string[] }[] {
  if ('question' in condition) return [condition];
  if ('all' in condition) return condition.all.flatMap(questionsOf);
  if ('any' in condition) return condition.any.flatMap(questionsOf);
  return questionsOf(condition.not);
}
