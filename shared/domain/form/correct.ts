import type { FieldRecord, ValueSource } from './field-record.ts';

/** Who enters a value, and on whose responsibility. */
export interface EnteredBy {
  source: 'clerk' | 'applicant';
  /** Clerk's id. */
  clerk: string;
  /** `YYYY-MM-DD`. */
  today: string;
}

/** By hand, so that a slip of the hand is put right and not argued with. */
const TYPED: ReadonlySet<ValueSource> = new Set(['clerk', 'applicant', 'typed']);

/**
 * Enters a value, or corrects one that was filled in: the person may disagree with what the card or an old
 * case says, and then the person's word counts and both are kept (浙江省保障"最多跑一次"改革规定 §7).
 * Correcting twice keeps what stood there first; putting back what stood there undoes the correction.
 * @param record what the field holds now, undefined for an empty field
 * @param reason in the person's words; kept with the value that was replaced
 */
export function correct(
  record: FieldRecord | undefined,
  value: string,
  by: EnteredBy,
  reason: string,
): FieldRecord {
  const entered = { value, source: by.source, sourceDate: by.today, sourceRef: '', acceptedBy: by.clerk };
  if (record === undefined) return entered;
  if (record.value === value) return record;
  const { replaced } = record;
  if (replaced !== undefined) {
    if (replaced.value !== value)
      return { ...entered, replaced: { ...replaced, reason: reason || replaced.reason } };
    return { ...entered, source: replaced.source, sourceDate: replaced.sourceDate };
  }
  // What was typed here a moment ago is no source that anybody could disagree with.
  if (TYPED.has(record.source) || record.value === '') return entered;
  return {
    ...entered,
    replaced: { value: record.value, source: record.source, sourceDate: record.sourceDate, reason },
  };
}
