import { dateFromDigits } from './calendar-date.ts';
import { checkCitizenNumber } from './citizen-number.ts';
import type { CardDocument, CardWarning, DocumentType } from './document.ts';
import { unifyMiddleDots } from './name-text.ts';
import { documentTypeOf, TEXT_LAYOUTS, TEXT_UNITS, TYPE_UNIT } from './text-layout.ts';
import type { TextField, TextLayout } from './text-layout.ts';

/**
 * Reads the text record of a card. Whatever stands in it becomes a document: what is doubtful is a warning
 * for the clerk, never a refusal, and an unknown type keeps its whole text in `rawText`. Never throws.
 *
 * @param bytes the 256 bytes of the record, UTF-16LE; a shorter record reads as if padded
 * @param today `YYYY-MM-DD`; without it nothing is said about validity
 * @param options.middleDots true: every dot that looks like one in a name becomes U+00B7; otherwise names stay as they are
 */
export function parseCardText(
  bytes: Uint8Array,
  today?: string,
  options: { middleDots?: boolean } = {},
): CardDocument {
  const text = readUnits(bytes);
  const typeCode = text.charAt(TYPE_UNIT);
  const type = documentTypeOf(typeCode);
  const warnings = new Set<CardWarning>();
  if (bytes.length < TEXT_UNITS * 2 || hasBrokenText(text)) warnings.add('bad-text');
  if (hasPrivateUse(text)) warnings.add('private-use-character');
  const document = type === 'unknown' ? unknownDocument(typeCode, text) : knownDocument(type, text, warnings);
  if (type !== 'unknown') checkNumber(document, warnings);
  if (options.middleDots) {
    document.name = unifyMiddleDots(document.name);
    document.latinName = unifyMiddleDots(document.latinName);
  }
  if (today !== undefined) checkValidity(document, today, warnings);
  document.warnings = [...warnings];
  return document;
}

/**
 * The appended addresses of a card (four places of 35 characters, written when a person moves).
 * @param bytes 0–280 bytes as the reader gives them
 * @returns the last address that is not blank, or ''
 */
export function parseLatestAddress(bytes: Uint8Array): string {
  const text = readUnits(bytes, Math.floor(bytes.length / 2));
  const addresses: string[] = [];
  for (let at = 0; at < text.length; at += 35) addresses.push(mended(trimPadding(text.slice(at, at + 35))));
  return addresses.findLast((address) => address !== '') ?? '';
}

function knownDocument(
  type: Exclude<DocumentType, 'unknown'>,
  text: string,
  warnings: Set<CardWarning>,
): CardDocument {
  const layout: TextLayout = TEXT_LAYOUTS[type];
  const raw = (field: TextField): string => {
    const slot = layout[field];
    return slot ? text.slice(slot[0], slot[0] + slot[1]) : '';
  };
  const sound = (value: string): string => {
    const text = mended(value);
    if (text !== value) warnings.add('bad-text');
    return text;
  };
  const field = (name: TextField): string => sound(trimPadding(raw(name)));
  const day = (name: TextField): string => {
    const digits = field(name);
    const date = dateFromDigits(digits);
    if (date === null && digits !== '') warnings.add('bad-text');
    return date ?? '';
  };
  // Blanks may stand around and between the two characters.
  const longTerm = field('validTo').replace(/\s/gu, '') === '长期';
  const document: CardDocument = {
    ...emptyDocument(type, type === 'resident' ? ' ' : text.charAt(TYPE_UNIT)),
    name: field('name'),
    latinName: sound(latinNameOf(raw('latinName'), raw('latinNameMore'))),
    sex: field('sex'),
    ethnicity: field('ethnicity'),
    birth: day('birth'),
    address: field('address'),
    number: field('number'),
    issuer: field('issuer'),
    validFrom: day('validFrom'),
    validTo: longTerm ? '' : day('validTo'),
    longTerm,
    nationality: layout.nationality ? field('nationality') : 'CHN',
    passNumber: field('passNumber'),
    issueCount: field('issueCount'),
  };
  for (const extra of ['authorityCode', 'cardVersion', 'previousLink'] as const) {
    if (layout[extra]) document[extra] = field(extra);
  }
  return document;
}

function unknownDocument(typeCode: string, text: string): CardDocument {
  return { ...emptyDocument('unknown', typeCode), rawText: text };
}

function emptyDocument(type: DocumentType, typeCode: string): CardDocument {
  return {
    type,
    typeCode,
    name: '',
    latinName: '',
    sex: '',
    ethnicity: '',
    birth: '',
    address: '',
    number: '',
    issuer: '',
    validFrom: '',
    validTo: '',
    longTerm: false,
    nationality: '',
    passNumber: '',
    issueCount: '',
    latestAddress: '',
    warnings: [],
  };
}

function checkNumber(document: CardDocument, warnings: Set<CardWarning>): void {
  const { problems } = checkCitizenNumber(document.number, document);
  if (problems.includes('shape') || problems.includes('check-digit')) warnings.add('number-check-digit');
  if (problems.includes('birth') || problems.includes('birth-differs')) warnings.add('number-birth-differs');
  if (problems.includes('sex-differs')) warnings.add('number-sex-differs');
  if (problems.includes('pass-differs')) warnings.add('number-pass-differs');
}

/** A card is good up to the end of its last day. `YYYY-MM-DD` compares as text. */
function checkValidity(document: CardDocument, today: string, warnings: Set<CardWarning>): void {
  if (document.validTo !== '' && document.validTo < today) warnings.add('expired');
  if (document.validFrom !== '' && document.validFrom > today) warnings.add('not-yet-valid');
}

/**
 * Code units one by one rather than through TextDecoder, which swallows a leading byte-order mark and so
 * shifts every field, and replaces what it does not know.
 */
function readUnits(bytes: Uint8Array, units = TEXT_UNITS): string {
  const codes: number[] = [];
  for (let i = 0; i < units; i++) {
    const low = bytes[2 * i];
    const high = bytes[2 * i + 1];
    codes.push(low === undefined || high === undefined ? 0x20 : low | (high << 8));
  }
  return String.fromCharCode(...codes);
}

/** Padding stands at the end only: blanks inside a name or an address belong to it. */
function trimPadding(text: string): string {
  return text.replace(/[ \0\u3000]+$/u, '');
}

/**
 * The continuation follows without a gap: one blank at the seam belongs to the name, more are the padding of a
 * name that was broken between two words.
 */
function latinNameOf(first: string, more: string): string {
  const rest = trimPadding(more);
  return rest === '' ? trimPadding(first) : first.replace(/[ \0\u3000]{2,}$/u, ' ') + rest;
}

/**
 * A field as it can be stored and sent: JSON of half a surrogate pair or a NUL is refused by databases. A half at the
 * end is a character that the chip cut and goes; a byte-order mark goes; anything else becomes U+FFFD, for a person to see.
 */
function mended(text: string): string {
  return trimPadding(text.replace(/^\ufeff+/, '').replace(/[\ud800-\udbff]$/, '')).replace(BROKEN, '\ufffd');
}

/** Control characters, half surrogate pairs and non-characters: the chip or the wire is damaged. */
const BROKEN =
  /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The same in the whole record, where NUL is padding, and the mark of an earlier replacement. */
function hasBrokenText(text: string): boolean {
  return text.includes('\ufffd') || text.replaceAll('\0', ' ').search(BROKEN) >= 0;
}

/** U+E000–U+F8FF and planes 15 and 16: a rare character of the public-security fonts without a code of its own. */
function hasPrivateUse(text: string): boolean {
  return /[\ue000-\uf8ff]|[\udb80-\udbff][\udc00-\udfff]/.test(text);
}
