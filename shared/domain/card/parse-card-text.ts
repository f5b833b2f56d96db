import { dateFromDigits } from './calendar-date.ts';
import { checkCitizenNumber } from './citizen-number.ts';
import type { CardDocument, CardWarning, DocumentType } from './document.ts';
import { documentTypeOf, TEXT_LAYOUTS, TEXT_UNITS, TYPE_UNIT } from './text-layout.ts';
import type { TextField, TextLayout } from './text-layout.ts';

/**
 * Reads the text record of a card. Whatever stands in it becomes a document: what is doubtful is a warning
 * for the clerk, never a refusal, and an unknown type keeps its whole text in `rawText`. Never throws.
 *
 * @param bytes the 256 bytes of the record, UTF-16LE; a shorter record reads as if padded
 * @param today `YYYY-MM-DD`; without it nothing is said about validity
 */
export function parseCardText(bytes: Uint8Array, today?: string): CardDocument {
  const text = readUnits(bytes);
  const typeCode = text.charAt(TYPE_UNIT);
  const type = documentTypeOf(typeCode);
  const warnings = new Set<CardWarning>();
  if (bytes.length < TEXT_UNITS * 2 || hasBrokenText(text)) warnings.add('bad-text');
  if (hasPrivateUse(text)) warnings.add('private-use-character');
  const document = type === 'unknown' ? unknownDocument(typeCode, text) : knownDocument(type, text, warnings);
  if (type !== 'unknown') checkNumber(document, warnings);
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
  for (let at = 0; at < text.length; at += 35) addresses.push(trimPadding(text.slice(at, at + 35)));
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
  const field = (name: TextField): string => trimPadding(raw(name));
  const day = (name: TextField): string => {
    const digits = field(name);
    const date = dateFromDigits(digits);
    if (date === null && digits !== '') warnings.add('bad-text');
    return date ?? '';
  };
  const longTerm = field('validTo') === '长期';
  const document: CardDocument = {
    ...emptyDocument(type, type === 'resident' ? ' ' : text.charAt(TYPE_UNIT)),
    name: field('name'),
    // The continuation follows without a gap: a blank at the seam belongs to the name.
    latinName: trimPadding(raw('latinName') + raw('latinNameMore')),
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

/** Control characters, half surrogate pairs, replacement and non-characters: the chip or the wire is damaged. */
function hasBrokenText(text: string): boolean {
  return /[\u0001-\u001f\u007f-\u009f\ufffd-\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(
    text,
  );
}

/** U+E000–U+F8FF and planes 15 and 16: a rare character of the public-security fonts without a code of its own. */
function hasPrivateUse(text: string): boolean {
  return /[\ue000-\uf8ff]|[\udb80-\udbff][\udc00-\udfff]/.test(text);
}
