import { canonicalJson, type Json } from './canonical-json.ts';
import { hashText } from './hash.ts';
import type { AggregatePicture } from './picture.ts';

/**
 * One hash over everything that is shown: equal for equal logs on every platform, at a window, at the server and
 * after a rebuild (S7).
 */
export function stateHash(pictures: readonly AggregatePicture[]): string {
  const sorted = [...pictures].sort((a, b) => (a.agg < b.agg ? -1 : 1));
  // Through JSON, so that a part that is undefined and one that is absent are the same.
  return hashText(canonicalJson(JSON.parse(JSON.stringify(sorted)) as Json));
}
