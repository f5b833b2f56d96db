import { checkCitizenNumber } from './citizen-number.ts';
import type { NumberKind } from './citizen-number.ts';

/**
 * The region in a number, by historical GB/T 2260 data. It is where the number was first assigned, not where the person
 * lives. Only ever a help for the eye: a region nobody knows says nothing against a number.
 */

/** `resources/regions/gb2260.json`, described in the README beside it. */
export interface RegionData {
  source: string;
  /** Months of the revisions, `YYYYMM`, oldest first, blanks between. */
  revisions: string;
  /** By the first two digits: entries `0228密云县@0-17`, blanks between. */
  provinces: Readonly<Record<string, string>>;
}

export interface NumberRegion {
  kind: NumberKind;
  /** The digits of the number that say it: six, four (foreign card of 2017) or two (foreign card of 2023). */
  code: string;
  /** How far the name reaches; 'none' when even the province is unknown. */
  level: 'county' | 'prefecture' | 'province' | 'none';
  province: string;
  /** '' for a municipality (北京市), for places directly under a province, and where it is unknown. */
  prefecture: string;
  county: string;
  /** All of it, as an address begins: 北京市密云县, 河北省石家庄市. '' when nothing is known. */
  name: string;
  /** The code is no longer in the newest revision; the name is the last one it had. */
  withdrawn: boolean;
  /** ISO 3166-1 numeric country of the holder, foreign cards of 2023 only. */
  country?: string;
}

/** Numbers of residence permits; 83 is no region of GB/T 2260. */
const PERMIT_REGIONS: Readonly<Record<string, string>> = {
  '810000': '香港特别行政区',
  '820000': '澳门特别行政区',
  '830000': '台湾省',
};

/** Names that group places and stand in no address: 市辖区, 县, 省直辖县级行政区划 and their older forms. */
const GROUPING = /^(?:市辖区|市|县|.*(?:直辖|直属).*(?:区划|单位))$/u;

/**
 * The region in a number, with the names of the time: those in force at birth, or, where the code was not there at that
 * time, those nearest to it. Names go back to December 2002; an older number has the oldest known ones.
 *
 * @param number of any kind `checkCitizenNumber` knows, as typed
 * @returns null when the number has no known shape
 */
export function regionOf(number: string, data: RegionData): NumberRegion | null {
  const { kind, number: plain, birth } = checkCitizenNumber(number);
  const revisions = data.revisions.split(' ');
  const at = revisionAt(revisions, birth);
  switch (kind) {
    case 'citizen':
    case 'citizen-15':
      return placed(kind, plain.slice(0, 6), at, revisions.length - 1, data);
    case 'permit': {
      const code = plain.slice(0, 6);
      const province = PERMIT_REGIONS[code] ?? '';
      return { kind, code, ...NOWHERE, level: 'province', province, name: province };
    }
    // The number of 2017 is no older than the card.
    case 'foreign-2017':
      return placed(kind, plain.slice(3, 7), revisions.length - 1, revisions.length - 1, data);
    case 'foreign-2023': {
      const found = placed(kind, plain.slice(1, 3), revisions.length - 1, revisions.length - 1, data);
      return { ...found, country: plain.slice(3, 6) };
    }
    case 'unrecognised':
      return null;
  }
}

const NOWHERE = {
  level: 'none',
  province: '',
  prefecture: '',
  county: '',
  name: '',
  withdrawn: false,
} as const;

function placed(kind: NumberKind, code: string, at: number, newest: number, data: RegionData): NumberRegion {
  const entries = data.provinces[code.slice(0, 2)]?.split(' ') ?? [];
  const nameAt = (last4: string): Span | null => nearest(spansOf(entries, last4), at);
  const province = nameAt('0000');
  if (!province) return { kind, code, ...NOWHERE };
  // Shorter codes and codes that end in zeros name a prefecture or a province.
  const full = code.padEnd(6, '0');
  const prefecture = full.endsWith('0000') ? null : nameAt(full.slice(2, 4) + '00');
  const county = full.endsWith('00') ? null : nameAt(full.slice(2));
  const shown = (span: Span | null): string => (span && !GROUPING.test(span.name) ? span.name : '');
  return {
    kind,
    code,
    level: county ? 'county' : prefecture ? 'prefecture' : 'province',
    province: province.name,
    prefecture: shown(prefecture),
    county: shown(county),
    name: province.name + shown(prefecture) + shown(county),
    withdrawn: (county ?? prefecture ?? province).last < newest,
  };
}

interface Span {
  name: string;
  first: number;
  last: number;
}

function spansOf(entries: readonly string[], last4: string): Span[] {
  return entries
    .filter((entry) => entry.startsWith(last4))
    .map((entry) => {
      const [name = '', range = ''] = entry.slice(4).split('@');
      const [first = 0, last = Number.MAX_SAFE_INTEGER] = range === '' ? [] : range.split('-').map(Number);
      return { name, first, last };
    });
}

/** The span that holds the revision, else the one that ended last before it, else the first after it. */
function nearest(spans: readonly Span[], at: number): Span | null {
  const holding = spans.find(({ first, last }) => first <= at && at <= last);
  return holding ?? spans.findLast(({ last }) => last < at) ?? spans[0] ?? null;
}

/** The revision in force on a day; the oldest for days before it, the newest without a day. */
function revisionAt(revisions: readonly string[], day: string): number {
  if (day === '') return revisions.length - 1;
  const month = day.slice(0, 4) + day.slice(5, 7);
  return Math.max(
    0,
    revisions.findLastIndex((revision) => revision <= month),
  );
}
