import type { CardDocument } from '../card/document.ts';
import type { FieldRecords } from '../form/field-record.ts';
import type { IdentityFacts } from '../form/identity-values.ts';

/** How the applicant was identified; cards fail, so each way is marked. */
export type IdentifiedBy = 'card' | 'typed' | 'camera' | 'scanner';

export interface Applicant {
  name: string;
  /** GA/T 2000.156: 111 居民身份证, 516 港澳居民来往内地通行证, 511 台湾居民来往大陆通行证, 414 护照, 999 其他. */
  idType: string;
  idNumber: string;
  identifiedBy: IdentifiedBy;
  /** As the chip says; null when it was not read. */
  document: CardDocument | null;
  /** The name was typed, although the number was read off a picture or scanned. */
  nameTyped?: true;
  /** What a machine-readable zone said beside name and number; absent in cases taken in before there was any. */
  facts?: IdentityFacts;
}

/** What became of one material at the counter. */
export interface MaterialRecord {
  id: string;
  name: string;
  state:
    'seen-returned' | 'kept-original' | 'copy-kept' | 'printed-signed' | 'tolerated' | 'waived' | 'to-bring';
  originals: number;
  copies: number;
  /** Last day for a tolerated (容缺) material, `YYYY-MM-DD`. */
  due?: string;
}

export interface PromisedDate {
  /** `YYYY-MM-DD`. */
  date: string;
  /** false when the holiday table ends before the date: then it reads "not before" (不早于). */
  certain: boolean;
  /** Version of the calendar it was counted with. */
  calendar: string;
}

/** Body of `case.accepted` (受理), version 1: everything the slip, the server and a later reader need. */
export interface CaseAcceptedBody {
  caseNo: string;
  item: {
    code: string;
    version: string;
    name: string;
    department: string;
    sealOwner: string;
    kind: 'instant' | 'committed';
  };
  /** Who applies (申请人), with how the person was identified. */
  applicant: Applicant;
  answers: Record<string, string>;
  form: FieldRecords;
  materials: MaterialRecord[];
  feeFen: number;
  promised: PromisedDate;
  /** Ticket of this visit, `ticket/<no>`; '' when taken in without a number. */
  ticket: string;
  hallName: string;
  stationName: string;
  clerkName: string;
  enquiryPhone: string;
}

/** State of a case as folded from its events. */
export interface CaseState extends CaseAcceptedBody {
  agg: string;
  acceptedAt: string;
  acceptedBy: string;
  station: string;
  dev: string;
  status: 'accepted' | 'finished';
  /** Sheets known to be on paper or in doubt, from `sheet.*` events. */
  sheets: Record<string, 'printed' | 'handed-over' | 'uncertain' | 'resolved'>;
  /** What the back office did with it, oldest first; absent while nothing was. */
  steps?: { step: string; text: string; at: string; by: string }[];
  /** How it ended (办结); absent while it is open. */
  finished?: { result: 'approved' | 'refused'; text: string; at: string; by: string };
  /** Set when two devices recorded things that cannot both be true: a {@link CaseConflict}, '' when all is well. */
  conflict: '' | CaseConflict;
  /** Device of the event that contradicts, beside `conflict`. */
  conflictWith?: string;
  /** Events of this case that this version could not read; absent when there are none. */
  ignored?: number;
}

export type CaseConflict =
  /** Two acceptances that say different things under one aggregate. The first stands. */
  | 'accepted-twice'
  /** Approved by one, refused by another. The first stands. */
  | 'finished-differently'
  /** An end was recorded before any acceptance. */
  | 'finished-before-accepted'
  /** A step was recorded before any acceptance. */
  | 'stepped-before-accepted'
  /** The back office moved a case that had ended. */
  | 'stepped-after-end'
  /** Its number stands on another case as well. The first keeps it. */
  | 'number-twice';
