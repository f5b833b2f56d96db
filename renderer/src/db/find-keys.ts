import type { Seal } from './seal.ts';

/** Names are found by their first 1 … 4 characters; a longer search looks at the names themselves. */
export const MAX_PREFIX = 4;

/**
 * Keys of the indexes: bytes as a text of one character each, which Chromium copies and compares faster than byte arrays
 * (measured: a third of the time of a put). A keyed hash in front finds, the time behind it puts the newest last.
 */
export interface CaseKeys {
  when: string;
  person?: string;
  names: string[];
}

/** Time of an event as 6 bytes, big-endian milliseconds; 0 for what is no time. */
export function timeBytes(at: string): Uint8Array {
  const ms = Math.max(0, Date.parse(at) || 0);
  const bytes = new Uint8Array(6);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(ms / 2 ** 32));
  view.setUint32(2, ms % 2 ** 32);
  return bytes;
}

/**
 * A name as it is compared: composed, without blanks, middle dots of one kind, Latin letters small. Rare characters
 * (生僻字) lie outside the basic plane: whoever counts characters counts code points.
 */
export function plainName(name: string): string {
  return name
    .normalize('NFC')
    .replace(/\s/gu, '')
    .replace(/[•‧∙・.．]/gu, '·')
    .toLowerCase();
}

/** @returns the first 1 … {@link MAX_PREFIX} characters, shortest first */
export function prefixesOf(name: string): string[] {
  const characters = Array.from(plainName(name)).slice(0, MAX_PREFIX);
  return characters.map((_, i) => characters.slice(0, i + 1).join(''));
}

/** @param agg breaks ties between cases of one millisecond, so that a page never ends between two equal keys */
export function caseKeys(
  seal: Seal,
  { agg, acceptedAt, idNumber, name }: { agg: string; acceptedAt: string; idNumber: string; name: string },
): CaseKeys {
  const time = timeBytes(acceptedAt);
  return {
    when: joined(time, tieBytes(agg)),
    ...(idNumber === '' ? {} : { person: joined(seal.personKey(idNumber), time) }),
    names: prefixesOf(name).map((prefix) => joined(seal.nameKey(prefix), time)),
  };
}

/** Everything that begins with `front`: bounds for a range of an index of {@link CaseKeys}. */
export function beginningWith(front: Uint8Array): [lower: string, upper: string] {
  const lower = textOf(front);
  return [lower, `${lower}\uffff`];
}

const textOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
const joined = (a: Uint8Array, b: Uint8Array): string => textOf(a) + textOf(b);

/** FNV-1a over the aggregate's name, 6 bytes of it: no secret, only a tie-breaker. */
function tieBytes(agg: string): Uint8Array {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let i = 0; i < agg.length; i++) {
    low = Math.imul(low ^ agg.charCodeAt(i), 0x01000193) >>> 0;
    high = Math.imul(high ^ low, 0x85ebca6b) >>> 0;
  }
  const bytes = new Uint8Array(6);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, low);
  view.setUint16(4, high >>> 16);
  return bytes;
}
