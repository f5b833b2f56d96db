import type { Material, Item } from '../item/item.ts';
import { neededMaterials } from '../item/materials.ts';
import type { MaterialRecord } from './case.ts';
import type { Intake } from './intake.ts';

export interface MaterialLine {
  material: Material;
  /** null while nobody has seen it. */
  state: MaterialRecord['state'] | null;
  /** false when something has to be done before the case can be accepted. */
  settled: boolean;
}

/**
 * The materials of this situation with what is known of each. The clerk's tick counts; without one, what the
 * reader read counts as seen and given back, and what is printed here as printed and signed. What the
 * applicant has to bring is never assumed.
 */
export function materialList(intake: Intake, item: Pick<Item, 'materials' | 'situations'>): MaterialLine[] {
  return neededMaterials(item, intake.answers).map((material) => {
    const state = stateOf(intake, material);
    return { material, state, settled: isSettled(material, state) };
  });
}

function stateOf(intake: Intake, material: Material): MaterialRecord['state'] | null {
  const ticked = Object.hasOwn(intake.materials, material.id) ? intake.materials[material.id] : undefined;
  if (ticked !== undefined) return ticked;
  if (material.origin === 'card' && intake.applicant?.identifiedBy === 'card') return 'seen-returned';
  return material.origin === 'printed-here' ? 'printed-signed' : null;
}

function isSettled(material: Material, state: MaterialRecord['state'] | null): boolean {
  if (state === 'tolerated') return material.tolerated !== undefined;
  if (state === null || state === 'to-bring') return !material.required;
  return true;
}
