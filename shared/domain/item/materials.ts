import { holds, type Answers } from './conditions.ts';
import type { Item, Material } from './item.ts';
import { pruneAnswers } from './situation.ts';

/**
 * The materials of this situation and no others, in the item's order: the union of all situations is never
 * shown (行政许可法 §31: nothing beyond the matter may be asked).
 */
export function neededMaterials(item: Pick<Item, 'materials' | 'situations'>, answers: Answers): Material[] {
  const kept = pruneAnswers(item, answers);
  return item.materials.filter((material) => holds(material.when, kept));
}
