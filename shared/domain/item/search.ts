import type { Item } from './item.ts';

/** One letter, digit or Han character of a text, with its syllable when it has one. */
interface Unit {
  char: string;
  syllable: string;
}

interface Searchable {
  units: Unit[];
  plain: string;
}

/** Lower is better. */
const RANK = {
  same: 0,
  begins: 1,
  contains: 2,
  pinyinBegins: 3,
  pinyinContains: 4,
  code: 5,
  scattered: 6,
  pinyinScattered: 7,
} as const;

const HAN = /\p{Script=Han}/u;
const KEPT = /[\p{L}\p{N}]/u;

/**
 * Finds items by what a clerk types: Chinese characters, full pinyin, initials or any mixture of them
 * (`lhjy`, `linghuojiuye`, `灵活cb`), over name and aliases, or by part of the code. Blanks part words that
 * must all be found. Characters may be skipped, but what stands together comes first.
 *
 * @param recent item codes, last used first: they come first among equals, and lead the list while nothing
 *   is typed
 * @returns the items found, best first; all of them for an empty query
 */
export function searchItems(items: readonly Item[], query: string, recent: readonly string[] = []): Item[] {
  const words = normalise(query)
    .split(/\s+/u)
    .map((word) =>
      Array.from(word)
        .filter((c) => KEPT.test(c) || c === '-')
        .join(''),
    )
    .filter((word) => word !== '');
  const hits = items.flatMap((item, order) => {
    const rank = rankOf(item, words);
    return rank === null ? [] : [{ item, rank, order, recent: placeOf(item, recent) }];
  });
  // Kind of match, then what this clerk uses, then the closer fit; with nothing typed the catalogue's own order.
  hits.sort(
    (a, b) =>
      Math.floor(a.rank) - Math.floor(b.rank) ||
      a.recent - b.recent ||
      a.rank - b.rank ||
      (words.length === 0 ? 0 : a.item.name.length - b.item.name.length) ||
      a.order - b.order,
  );
  return hits.map((hit) => hit.item);
}

/** @returns the rank of the word found worst, or null when one is not found */
function rankOf(item: Item, words: readonly string[]): number | null {
  if (words.length === 0) return 0;
  const texts = [item.name, ...item.aliases].map((text, i) =>
    searchable(text, (i === 0 ? item.pinyin : item.aliasPinyin?.[i - 1]) ?? ''),
  );
  const code = normalise(item.code);
  let worst = 0;
  for (const word of words) {
    const ranks = texts.map((text) => rankOfWord(text, word));
    if (code === word) ranks.push(RANK.same);
    else if (word.length >= 2 && code.includes(word)) ranks.push(RANK.code);
    const best = Math.min(...ranks);
    if (best === Infinity) return null;
    worst = Math.max(worst, best);
  }
  return worst;
}

/** @returns the kind of match, and behind the point the length of the text: the closer fit comes first */
function rankOfWord(text: Searchable, word: string): number {
  return kindOfMatch(text, word) + Math.min(text.plain.length, 999) / 1000;
}

function kindOfMatch(text: Searchable, word: string): number {
  if (text.plain === word) return RANK.same;
  const at = text.plain.indexOf(word.replaceAll('-', ''));
  if (at === 0) return RANK.begins;
  if (at > 0) return RANK.contains;
  const together = find(text.units, word, false);
  if (together !== null) return together === 0 ? RANK.pinyinBegins : RANK.pinyinContains;
  if (find(text.units, word, true) === null) return Infinity;
  return HAN.test(word) ? RANK.scattered : RANK.pinyinScattered;
}

/**
 * Lays the word over the units: a Han character covers itself, letters cover the beginning of a syllable.
 * @param skip whether units may be left out in between
 * @returns the unit at which the best place begins, or null
 */
function find(units: readonly Unit[], word: string, skip: boolean): number | null {
  // Position in the word → earliest unit at which a laying that got this far began.
  let open = new Map<number, number>();
  let best: number | null = null;
  units.forEach((unit, at) => {
    const next = skip ? new Map(open) : new Map<number, number>();
    const starts = new Map(open);
    if (!starts.has(0)) starts.set(0, at);
    for (const [from, began] of starts) {
      for (const to of coveredBy(unit, word, from)) {
        if (to === word.length) best = Math.min(best ?? Infinity, began);
        else next.set(to, Math.min(next.get(to) ?? Infinity, began));
      }
    }
    open = next;
  });
  return best;
}

function coveredBy(unit: Unit, word: string, from: number): number[] {
  if (word.startsWith(unit.char, from)) return [from + unit.char.length];
  const ends: number[] = [];
  for (let n = 1; n <= unit.syllable.length && word[from + n - 1] === unit.syllable[n - 1]; n++)
    ends.push(from + n);
  return ends;
}

function searchable(text: string, pinyin: string): Searchable {
  const syllables = normalise(pinyin).split(/\s+/u).filter(Boolean);
  let next = 0;
  const units = Array.from(normalise(text))
    .filter((char) => KEPT.test(char))
    .map((char) => ({ char, syllable: HAN.test(char) ? (syllables[next++] ?? '') : '' }));
  return { units, plain: units.map((unit) => unit.char).join('') };
}

/** Half width, small letters, ü as u: 绿 is found by lv and by lu. */
function normalise(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .trim()
    .replace(/ü/gu, 'u')
    .replace(/([ln])v/gu, '$1u');
}

function placeOf(item: Item, recent: readonly string[]): number {
  const at = recent.indexOf(item.code);
  return at < 0 ? recent.length : at;
}
