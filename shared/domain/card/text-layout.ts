import type { DocumentType } from './document.ts';

/**
 * Where each field stands in the 256-byte text record of a card. Offsets and lengths are in UTF-16 code
 * units (two bytes each, little-endian), because the widths of the standard count those: a character
 * outside the basic plane takes two of a name's fifteen places. Resident card: GA/T 490-2019; permits of
 * Hong Kong, Macao and Taiwan residents: 港澳台居民居住证机读信息规范; foreign cards: versions 2017 and 2023.
 */

/** Code units of the record: 256 bytes. */
export const TEXT_UNITS = 128;
export const TEXT_BYTES = 256;

/** The code unit that tells the documents apart (byte offset 248). */
export const TYPE_UNIT = 124;

/** Fields of the record by name; `latinNameMore` continues a Latin name that did not fit. */
export type TextField =
  | 'name'
  | 'latinName'
  | 'latinNameMore'
  | 'sex'
  | 'ethnicity'
  | 'birth'
  | 'address'
  | 'number'
  | 'issuer'
  | 'validFrom'
  | 'validTo'
  | 'nationality'
  | 'passNumber'
  | 'issueCount'
  | 'authorityCode'
  | 'cardVersion'
  | 'previousLink';

/** `[first code unit, length in code units]` */
export type TextSlot = readonly [at: number, length: number];
export type TextLayout = Readonly<Partial<Record<TextField, TextSlot>>>;

export type KnownDocumentType = Exclude<DocumentType, 'unknown'>;

export const TYPE_CHARACTERS: Readonly<Record<KnownDocumentType, string>> = {
  resident: ' ',
  hmt: 'J',
  'foreign-2017': 'I',
  'foreign-2023': 'Y',
};

export const TEXT_LAYOUTS: Readonly<Record<KnownDocumentType, TextLayout>> = {
  resident: {
    name: [0, 15],
    sex: [15, 1],
    ethnicity: [16, 2],
    birth: [18, 8],
    address: [26, 35],
    number: [61, 18],
    issuer: [79, 15],
    validFrom: [94, 8],
    validTo: [102, 8],
  },
  hmt: {
    name: [0, 15],
    sex: [15, 1],
    birth: [18, 8],
    address: [26, 35],
    number: [61, 18],
    issuer: [79, 15],
    validFrom: [94, 8],
    validTo: [102, 8],
    passNumber: [110, 9],
    issueCount: [119, 2],
  },
  'foreign-2017': {
    latinName: [0, 60],
    sex: [60, 1],
    number: [61, 15],
    nationality: [76, 3],
    name: [79, 15],
    validFrom: [94, 8],
    validTo: [102, 8],
    birth: [110, 8],
    cardVersion: [118, 2],
    authorityCode: [120, 4],
  },
  'foreign-2023': {
    name: [0, 15],
    sex: [15, 1],
    issueCount: [16, 2],
    birth: [18, 8],
    latinName: [26, 35],
    number: [61, 18],
    validFrom: [94, 8],
    validTo: [102, 8],
    latinNameMore: [110, 11],
    nationality: [121, 3],
    previousLink: [125, 3],
  },
};

/** @returns the document whose chip carries this type character; an empty place is a resident card */
export function documentTypeOf(typeCharacter: string): DocumentType {
  switch (typeCharacter) {
    case '':
    case ' ':
    case '\0':
      return 'resident';
    case 'J':
      return 'hmt';
    case 'I':
      return 'foreign-2017';
    case 'Y':
      return 'foreign-2023';
    default:
      return 'unknown';
  }
}
