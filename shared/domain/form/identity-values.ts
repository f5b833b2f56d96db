import { displayName, validityText } from '../card/card-summary.ts';
import { checkCitizenNumber } from '../card/citizen-number.ts';
import { documentTypeName, ethnicityName, sexName } from '../card/code-tables.ts';
import type { CardDocument, SexCode } from '../card/document.ts';
import type { CardFillField } from '../item/item.ts';

/** What is known of a person whose card could not be read: typed, read off a picture or scanned. */
export interface TypedIdentity {
  name: string;
  /** 证件类型代码 of GA/T 2000.156, three digits. */
  idType: string;
  idNumber: string;
  /** The name was typed, although the number came by another way. */
  nameTyped?: true;
  /** What the document said beside that. */
  facts?: IdentityFacts;
}

/** What a machine-readable zone says of a person beside name and number; a fact it does not say is left out. */
export interface IdentityFacts {
  /** `YYYY-MM-DD` */
  birth?: string;
  sex?: SexCode;
  /** ISO 3166 alpha-3. */
  nationality?: string;
  /** Last day of the document, `YYYY-MM-DD`. */
  validTo?: string;
}

/** Names of the documents people are identified by without a reader; other codes have no name here. */
const ID_TYPE_NAMES: Readonly<Record<string, string>> = {
  '111': '居民身份证',
  '112': '临时居民身份证',
  '114': '军官证',
  '414': '普通护照',
  '511': '台湾居民来往大陆通行证',
  '516': '港澳居民来往内地通行证',
  '553': '外国人永久居留身份证',
  '990': '其他证件',
  '999': '其他证件',
};

/**
 * One value of a card as a form holds it: names instead of codes. An unknown code gives '' and no guess.
 * The latest address of the appended file goes before the printed one, because it is the newer word.
 */
export function cardValue(document: CardDocument, field: CardFillField): string {
  switch (field) {
    case 'name':
      return displayName(document);
    case 'sexName':
      return sexName(document.sex) ?? '';
    case 'ethnicityName':
      return document.ethnicity === '' ? '' : (ethnicityName(document.ethnicity) ?? '');
    case 'address':
      return document.latestAddress === '' ? document.address : document.latestAddress;
    case 'validity':
      return validityText(document);
    case 'documentTypeName':
      return document.type === 'unknown' ? '' : documentTypeName(document.type);
    case 'birth':
    case 'number':
    case 'issuer':
    case 'nationality':
      return document[field];
  }
}

/**
 * What a typed identity gives for a field that a card would fill: the typed values themselves, what the document
 * said beside them, and birth and sex where a number of eighteen places says them and its check digit holds
 * (GB 11643—1999).
 * @returns `derived` when the value follows from the number
 */
export function typedValue(typed: TypedIdentity, field: CardFillField): { value: string; derived: boolean } {
  if (field === 'name') return { value: typed.name, derived: false };
  if (field === 'number') return { value: typed.idNumber, derived: false };
  if (field === 'documentTypeName') return { value: ID_TYPE_NAMES[typed.idType] ?? '', derived: false };
  const { birth, sex, nationality } = typed.facts ?? {};
  if (field === 'birth' && birth !== undefined) return { value: birth, derived: false };
  if (field === 'sexName' && sex !== undefined) return { value: sexName(sex) ?? '', derived: false };
  if (field === 'nationality') return { value: nationality ?? '', derived: false };
  const check = checkCitizenNumber(typed.idNumber);
  const sound = check.problems.every((problem) => problem === 'region');
  if (field === 'birth') return { value: sound ? check.birth : '', derived: true };
  if (field === 'sexName')
    return { value: sound && check.sex !== '' ? (sexName(check.sex) ?? '') : '', derived: true };
  return { value: '', derived: true };
}
