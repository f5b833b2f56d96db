/** The four machine-readable identity documents a SAM reader can read, told apart by the character at offset 248. */
export type DocumentType =
  | 'resident' // 居民身份证
  | 'hmt' // 港澳台居民居住证 (J)
  | 'foreign-2017' // 外国人永久居留身份证 2017 版 (I)
  | 'foreign-2023' // 外国人永久居留身份证 2023 版 (Y)
  | 'unknown'; // kept raw, never refused

/** GB/T 2261.1. Anything but 1 and 2 is kept as it is: "not male" is not female. */
export type SexCode = string;

/** Something about the card that a person should look at; never a reason to refuse it. */
export type CardWarning =
  | 'number-check-digit'
  | 'number-birth-differs'
  | 'number-sex-differs'
  | 'number-pass-differs' // the travel permit is of another region than the number
  | 'expired'
  | 'not-yet-valid'
  | 'private-use-character' // a rare character in the old private area; print and compare with the card
  | 'bad-text';

/** The text of one card, parsed. Dates are `YYYY-MM-DD`. Empty fields are ''. */
export interface CardDocument {
  type: DocumentType;
  /** The raw type character, for unknown documents. */
  typeCode: string;
  /** Chinese name as on the card; for foreign documents '' when the card has none. */
  name: string;
  /** Latin name of a foreign document. */
  latinName: string;
  sex: SexCode;
  /** Two digits of GB/T 3304, '' where the document has none. */
  ethnicity: string;
  birth: string;
  address: string;
  number: string;
  issuer: string;
  validFrom: string;
  /** '' when long-term (长期). */
  validTo: string;
  longTerm: boolean;
  /** ISO 3166 alpha-3, 'CHN' for resident cards. */
  nationality: string;
  /** Travel-permit number (通行证号码), HK/Macao/Taiwan permits only. */
  passNumber: string;
  /** Issue or renewal count as printed in the chip, '' where there is none. */
  issueCount: string;
  /** Latest address from the appended file, '' when none or not read. */
  latestAddress: string;
  /** The first four digits of the accepting authority's region, 2017 foreign cards only. */
  authorityCode?: string;
  /** Version of the chip's text, 2017 foreign cards only. */
  cardVersion?: string;
  /** What ties a 2023 foreign card to the number of the card before it; '000' means no earlier card. */
  previousLink?: string;
  /** The whole text record as it stands in the chip, for unknown documents only. */
  rawText?: string;
  warnings: CardWarning[];
}
