import { ITEM_SHAPE } from './item-shape.ts';
import { checkItemRules, type ItemRuleProblem } from './item-rules.ts';
import type { Item } from './item.ts';
import { checkShape, type ShapeProblem } from './shape.ts';

/** One fault of a catalogue, told so that a person finds the place. */
export interface CatalogueProblem {
  /** Position in the list given, from 0. */
  row: number;
  /** The item's code when it could be read, else ''. */
  code: string;
  /** Path within the item, e.g. `materials[2].tolerated.days`; '' for the whole. */
  field: string;
  problem: ShapeProblem | ItemRuleProblem;
}

/**
 * Reads a catalogue. An item with a fault is left out and its faults are named; the others serve. The law is
 * in these data, so nothing in them is guessed or mended.
 */
export function readCatalogue(json: readonly unknown[]): { items: Item[]; problems: CatalogueProblem[] } {
  const items: Item[] = [];
  const problems: CatalogueProblem[] = [];
  json.forEach((value, row) => {
    const before = problems.length;
    const code = codeOf(value);
    const report = (field: string, problem: CatalogueProblem['problem']): void => {
      problems.push({ row, code, field, problem });
    };
    checkShape(value, ITEM_SHAPE, '', report);
    if (problems.length > before) return;
    const item = value as Item;
    checkItemRules(item, report);
    if (items.some((other) => other.code === item.code && other.version === item.version))
      report('version', 'duplicate');
    if (problems.length === before) items.push(item);
  });
  return { items, problems };
}

/**
 * The items to offer on a day: of each code the version that came into force last.
 * @param day `YYYY-MM-DD`
 */
export function itemsInForce(items: readonly Item[], day: string): Item[] {
  const newest = new Map<string, Item>();
  for (const item of items) {
    const other = newest.get(item.code);
    if (item.effectiveFrom > day || (other !== undefined && other.effectiveFrom > item.effectiveFrom))
      continue;
    newest.set(item.code, item);
  }
  return items.filter((item) => newest.get(item.code) === item);
}

function codeOf(value: unknown): string {
  const code = typeof value === 'object' && value !== null ? (value as { code?: unknown }).code : '';
  return typeof code === 'string' ? code : '';
}
