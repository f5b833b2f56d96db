import { dayNumber, isDay } from '../calendar/day.ts';
import type { CardDocument } from '../card/document.ts';
import { holds, type Answers } from '../item/conditions.ts';
import type { FillRule, FormField, Item } from '../item/item.ts';
import { pruneAnswers } from '../item/situation.ts';
import type { FieldRecord, FieldRecords } from './field-record.ts';
import { cardValue, typedValue, type TypedIdentity } from './identity-values.ts';

/** An earlier case of the same person, as far as filling needs it. */
export interface EarlierCase {
  caseNo: string;
  /** Day of its acceptance, `YYYY-MM-DD`. */
  date: string;
  form: FieldRecords;
}

/** Where values come from. A source left out is not known at the moment, so what it gave before stays. */
export interface FillSources {
  card?: { document: CardDocument; readDate: string; ref: string };
  /** In place of a card: what was typed, or got by another way that is named. */
  typed?: TypedIdentity & { identifiedBy?: 'card' | 'typed' | 'camera' | 'scanner' };
  /** In any order; an empty list means there are none. */
  earlier?: readonly EarlierCase[];
  /** `YYYY-MM-DD`. */
  today: string;
  /** Clerk's id. */
  clerk: string;
}

/** `sourceRef` of a value that identifies the person without a card; a card read later takes its place. */
export const TYPED_IDENTITY = 'identity';

/** The fields of this situation, in the order of the form. */
export function applicableFields(item: Pick<Item, 'form' | 'situations'>, answers: Answers): FormField[] {
  const kept = pruneAnswers(item, answers);
  return item.form.filter((field) => holds(field.when, kept));
}

/**
 * 免填单: fills every field that a source can give, by the rules of the item in their order. What the clerk or
 * the applicant entered is never overwritten; where the card says otherwise, or an earlier case says something
 * else than the card, both are kept and `differs` shows the other (浙江省保障"最多跑一次"改革规定 §7).
 * Values that follow from an answer or a source disappear with it; entered ones stay, also of fields that do
 * not apply now, so that a wrong key costs nothing. Use {@link applicableFields} to read the result.
 */
export function fillForm(
  item: Item,
  answers: Answers,
  sources: FillSources,
  current: FieldRecords,
): FieldRecords {
  const kept = pruneAnswers(item, answers);
  const filled: FieldRecords = {};
  for (const [id, record] of Object.entries(current)) if (isEntered(record)) filled[id] = record;
  for (const field of applicableFields(item, kept)) {
    const old = Object.hasOwn(current, field.id) ? current[field.id] : undefined;
    const record =
      old !== undefined && isEntered(old)
        ? besideCard(field, old, sources)
        : fillField(item, field, kept, sources, old);
    if (record !== undefined) filled[field.id] = record;
  }
  return filled;
}

/** Entered at the counter, not to be touched: with a value, or emptied on purpose. */
function isEntered(record: FieldRecord): boolean {
  return (
    (record.source === 'clerk' || record.source === 'applicant') &&
    record.sourceRef !== TYPED_IDENTITY &&
    (record.value !== '' || record.replaced !== undefined)
  );
}

function fillField(
  item: Item,
  field: FormField,
  answers: Answers,
  sources: FillSources,
  old: FieldRecord | undefined,
): FieldRecord | undefined {
  for (const rule of field.fill) {
    const record = byRule(item, field, rule, answers, sources, old);
    if (record === undefined || record.value === '') continue;
    return rule.from === 'card' ? besideCase(field, record, sources, old) : record;
  }
  return undefined;
}

function byRule(
  item: Item,
  field: FormField,
  rule: FillRule,
  answers: Answers,
  sources: FillSources,
  old: FieldRecord | undefined,
): FieldRecord | undefined {
  const { today, clerk } = sources;
  switch (rule.from) {
    case 'card':
      return fromIdentity(rule.field, sources, old);
    case 'case':
      if (sources.earlier === undefined) return old?.source === 'case' ? old : undefined;
      return fromEarlier(field, rule, sources);
    case 'answer': {
      const answer = answers[rule.question];
      if (answer === undefined) return undefined;
      const options = item.situations.find(({ id }) => id === rule.question)?.options;
      const value =
        rule.map === undefined ? options?.find(({ id }) => id === answer)?.label : rule.map[answer];
      return {
        value: value ?? '',
        source: 'answer',
        sourceDate: today,
        sourceRef: rule.question,
        acceptedBy: clerk,
      };
    }
    case 'rule':
      return {
        value: rule.value,
        source: 'rule',
        sourceDate: today,
        sourceRef: item.code,
        acceptedBy: clerk,
      };
  }
}

function fromIdentity(
  field: (FillRule & { from: 'card' })['field'],
  { card, typed, today, clerk }: FillSources,
  old: FieldRecord | undefined,
): FieldRecord | undefined {
  if (card !== undefined) {
    const value = cardValue(card.document, field);
    return { value, source: 'card', sourceDate: card.readDate, sourceRef: card.ref, acceptedBy: clerk };
  }
  if (typed === undefined) return old?.source === 'card' ? old : undefined;
  const { value, derived } = typedValue(typed, field);
  const came = field === 'name' && typed.nameTyped === true ? 'typed' : (typed.identifiedBy ?? 'typed');
  return {
    value,
    source: derived ? 'rule' : came,
    sourceDate: today,
    sourceRef: TYPED_IDENTITY,
    acceptedBy: clerk,
  };
}

function fromEarlier(
  field: FormField,
  rule: FillRule & { from: 'case' },
  sources: FillSources,
): FieldRecord | undefined {
  const id = rule.field ?? field.id;
  let newest: FieldRecord | undefined;
  for (const { caseNo, date, form } of sources.earlier ?? []) {
    const value = Object.hasOwn(form, id) ? (form[id]?.value ?? '') : '';
    if (value === '' || (newest !== undefined && newest.sourceDate >= date)) continue;
    if (rule.withinDays !== undefined && !isWithin(date, sources.today, rule.withinDays)) continue;
    // An old value that the list of today no longer knows helps nobody.
    if (field.schema.enum?.includes(value) === false) continue;
    newest = { value, source: 'case', sourceDate: date, sourceRef: caseNo, acceptedBy: sources.clerk };
  }
  return newest;
}

/** A value of the card, with what an earlier case says otherwise if the item compares the two. */
function besideCase(
  field: FormField,
  record: FieldRecord,
  sources: FillSources,
  old: FieldRecord | undefined,
): FieldRecord {
  const rule = field.fill.find((other) => other.from === 'case');
  if (rule === undefined) return record;
  if (sources.earlier === undefined) {
    return old?.differs !== undefined && old.value === record.value
      ? { ...record, differs: old.differs }
      : record;
  }
  const earlier = fromEarlier(field, rule, sources);
  if (earlier === undefined || same(earlier.value, record.value)) return record;
  return { ...record, differs: { value: earlier.value, source: 'case', sourceDate: earlier.sourceDate } };
}

/** An entered value, with what the card says otherwise; a correction has that in `replaced` already. */
function besideCard(field: FormField, record: FieldRecord, sources: FillSources): FieldRecord {
  const rule = field.fill[0];
  if (rule?.from !== 'card' || sources.card === undefined || record.replaced !== undefined) return record;
  const value = cardValue(sources.card.document, rule.field);
  const plain = { ...record };
  delete plain.differs;
  if (value === '' || same(value, record.value)) return plain;
  return { ...plain, differs: { value, source: 'card', sourceDate: sources.card.readDate } };
}

function same(a: string, b: string): boolean {
  const plain = (text: string): string => text.normalize('NFKC').replace(/\s/gu, '').toUpperCase();
  return plain(a) === plain(b);
}

function isWithin(date: string, today: string, days: number): boolean {
  return isDay(date) && isDay(today) && dayNumber(today) - dayNumber(date) <= days;
}
