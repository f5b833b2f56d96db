/**
 * An item of government service (政务服务事项) as data. The law lives here and nowhere else: lengths of
 * time with their day type, deemed acceptance, 容缺, fees. Field groups after GB/T 39046—2020 table 4.
 */

/** 工作日 or 自然日; which one is a question of the law behind the item, never of the program. */
export type DayType = 'working' | 'calendar';

export interface TimeLimit {
  days: number;
  dayType: DayType;
  /** Where the limit is written, e.g. 行政许可法 §42. */
  basis?: string;
}

/** What silence means when something is missing (逾期不告知). */
export type DeemedAcceptance =
  /** 行政许可法 §32: told once within 5 working days, otherwise accepted from the day it arrived. */
  | 'within-5-working-days'
  /** 不动产登记暂行条例 §17: in writing at the counter, otherwise accepted. */
  | 'at-the-counter';

/** One condition over the answers to the situation questions. */
export type Condition =
  { question: string; is: string[] } | { all: Condition[] } | { any: Condition[] } | { not: Condition };

/** A situation question (情形); answered with keys 1–9. */
export interface SituationQuestion {
  id: string;
  ask: string;
  options: { id: string; label: string }[];
  when?: Condition;
}

/** A material of the application (申请材料). */
export interface Material {
  id: string;
  name: string;
  originals: number;
  copies: number;
  /** Where it comes from: read from the card, printed here and signed, or brought by the applicant. */
  origin: 'card' | 'printed-here' | 'brought';
  required: boolean;
  /** The original is checked and handed back at once (核验退还); otherwise the counter keeps it. */
  returned?: boolean;
  /** 容缺: may be handed in later, within this limit. */
  tolerated?: TimeLimit;
  when?: Condition;
  note?: string;
}

/** The fee as a rule; amounts in fen (1/100 yuan). */
export interface FeeRule {
  amounts: { when?: Condition; fen: number; label: string }[];
  basis: string;
}

/** Where a form value may come from, in order of preference. */
export type FillRule =
  | { from: 'card'; field: CardFillField }
  /**
   * The newest earlier case of the same person that has this field, or the field named. `withinDays` leaves
   * out cases older than that many days, for values that belong to one transaction.
   */
  | { from: 'case'; field?: string; withinDays?: number }
  /** The answer's value by option id; without a map the label of the option. Nothing for an option not in the map. */
  | { from: 'answer'; question: string; map?: Record<string, string> }
  | { from: 'rule'; value: string };

export type CardFillField =
  | 'name'
  | 'sexName'
  | 'ethnicityName'
  | 'birth'
  | 'address'
  | 'number'
  | 'issuer'
  | 'validity'
  | 'documentTypeName'
  | 'nationality';

/** One field of a form: a JSON Schema property with what the counter needs beside it. */
export interface FormField {
  id: string;
  title: string;
  group: string;
  /** JSON Schema (2020-12) of the value; every value is kept as text. */
  schema: {
    type: 'string';
    enum?: string[];
    pattern?: string;
    minLength?: number;
    maxLength?: number;
    format?: 'date' | 'mobile' | 'citizen-number' | 'money' | 'bank-card';
  };
  required: boolean;
  fill: FillRule[];
  when?: Condition;
  hint?: string;
}

export interface FormGroup {
  id: string;
  title: string;
}

export interface Item {
  /** 实施编码, up to 80 characters. */
  code: string;
  version: string;
  /** First day this version is in force, `YYYY-MM-DD`. */
  effectiveFrom: string;
  name: string;
  /** Pinyin, syllables separated by blanks; the search works on syllables and initials. */
  pinyin: string;
  aliases: string[];
  /** Pinyin of each alias, in the same order and written as `pinyin` is. */
  aliasPinyin?: string[];
  category: string;
  department: { code: string; name: string };
  /** 即办件 or 承诺件. */
  kind: 'instant' | 'committed';
  legalLimit: TimeLimit;
  promisedLimit: TimeLimit;
  deemedAcceptance: DeemedAcceptance;
  fee: FeeRule;
  basis: string[];
  /** Whose seal the acceptance carries (委托机关印章). */
  sealOwner: string;
  enquiryPhone: string;
  situations: SituationQuestion[];
  materials: Material[];
  formGroups: FormGroup[];
  form: FormField[];
  /** How far this item's data have been checked against the law. */
  checked: 'law-text' | 'general-knowledge';
  /** What of it was read where, and what a hall has to settle for itself before it goes into service. */
  checkedNote?: string;
}
