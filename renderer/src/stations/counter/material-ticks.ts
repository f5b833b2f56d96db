import type { MaterialRecord } from '../../../../shared/domain/case/case.ts';
import type { MaterialLine } from '../../../../shared/domain/case/material-list.ts';
import type { Material } from '../../../../shared/domain/item/item.ts';

type State = MaterialRecord['state'];

/**
 * What can become of a material at the counter, the usual one first. 容缺 is offered only where the item allows
 * it; a waiver (免交) needs a reason and a second person and is not a tick.
 */
export function ticksOf(material: Material): State[] {
  const tolerated: State[] = material.tolerated === undefined ? [] : ['tolerated'];
  switch (material.origin) {
    case 'card':
      return ['seen-returned', 'copy-kept', ...tolerated];
    case 'printed-here':
      return ['printed-signed', 'to-bring', ...tolerated];
    case 'brought':
      if (material.copies > 0) return ['copy-kept', 'seen-returned', 'kept-original', ...tolerated];
      return material.returned
        ? ['seen-returned', 'kept-original', ...tolerated]
        : ['kept-original', 'seen-returned', ...tolerated];
  }
}

/** The state one more press gives: round all that are possible, then back to none. */
export function nextTickOf(line: Pick<MaterialLine, 'material' | 'state'>): State | null {
  const ticks = ticksOf(line.material);
  if (line.state === null) return ticks[0] ?? null;
  return ticks[ticks.indexOf(line.state) + 1] ?? null;
}
