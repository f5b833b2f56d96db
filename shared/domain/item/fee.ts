import { holds, type Answers } from './conditions.ts';
import type { Item } from './item.ts';
import { pruneAnswers } from './situation.ts';

/**
 * The fee of this situation: the first amount whose condition holds. Free when none does, because a fee needs
 * a rule that names it (行政许可法 §58).
 * @returns amount in fen with the words to print beside it
 */
export function feeOf(
  item: Pick<Item, 'fee' | 'situations'>,
  answers: Answers,
): { fen: number; label: string } {
  const kept = pruneAnswers(item, answers);
  const amount = item.fee.amounts.find(({ when }) => holds(when, kept));
  return amount === undefined ? { fen: 0, label: '不收费' } : { fen: amount.fen, label: amount.label };
}
