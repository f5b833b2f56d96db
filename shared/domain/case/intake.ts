import type { FieldRecords } from '../form/field-record.ts';
import type { Applicant, MaterialRecord } from './case.ts';

/** The case being taken in at the counter, before it is a case: kept as a draft so that a crash loses nothing. */
export interface Intake {
  /** Aggregate id of the case to be, `case/<id>`. Made at the start, so that accepting twice is accepting once. */
  agg: string;
  /** Command id of the acceptance, for the same reason. */
  cmd: string;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** `ticket/…` of this visit, '' without one. */
  ticket: string;
  applicant: Applicant | null;
  /** The reading the applicant's card came from, and its day `YYYY-MM-DD`; absent when typed. */
  read?: { id: string; day: string };
  itemCode: string;
  answers: Record<string, string>;
  form: FieldRecords;
  /** State per material id; absent = not yet seen. */
  materials: Record<string, MaterialRecord['state']>;
}
