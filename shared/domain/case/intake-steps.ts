import { displayName } from '../card/card-summary.ts';
import { documentTypeCode } from '../card/code-tables.ts';
import type { CardDocument } from '../card/document.ts';
import { fillForm, type EarlierCase } from '../form/autofill.ts';
import { correct, type EnteredBy } from '../form/correct.ts';
import { tidyValue } from '../form/tidy-value.ts';
import type { TypedIdentity } from '../form/identity-values.ts';
import type { FormField, Item } from '../item/item.ts';
import { pruneAnswers } from '../item/situation.ts';
import type { Applicant, IdentifiedBy, MaterialRecord } from './case.ts';
import type { Intake } from './intake.ts';

/** The steps of taking a case in: each takes an intake and gives the next one, and changes nothing else. */

/**
 * @param ids `agg` is `case/<id>`, `cmd` the command id of the acceptance; both made now, so that accepting
 *   twice is accepting once
 * @param now milliseconds since 1970
 * @param ticket `ticket/…` of this visit, '' without one
 */
export function newIntake(ids: { agg: string; cmd: string }, now: number, ticket: string): Intake {
  return {
    ...ids,
    startedAt: now,
    ticket,
    applicant: null,
    itemCode: '',
    answers: {},
    form: {},
    materials: {},
  };
}

/**
 * The person whose card was read.
 * @param read as the reader gave it
 * @param today day of the reading, `YYYY-MM-DD`
 */
export function withApplicantFromCard(
  intake: Intake,
  read: { readId: string; document: CardDocument },
  today: string,
): Intake {
  const { document } = read;
  const applicant: Applicant = {
    name: displayName(document),
    idType: documentTypeCode(document.type),
    idNumber: document.number,
    identifiedBy: 'card',
    document,
  };
  return { ...forPerson(intake, applicant), applicant, read: { id: read.readId, day: today } };
}

/**
 * The person as typed, photographed or scanned, when the card cannot be read; marked, because such an identity is
 * worth less.
 */
export function withTypedApplicant(
  intake: Intake,
  typed: TypedIdentity,
  identifiedBy: Exclude<IdentifiedBy, 'card'> = 'typed',
): Intake {
  const applicant: Applicant = {
    name: typed.name.trim(),
    idType: typed.idType,
    idNumber: typed.idNumber.normalize('NFKC').replace(/\s/gu, '').toUpperCase(),
    identifiedBy,
    document: null,
    ...(typed.nameTyped === true && identifiedBy !== 'typed' ? { nameTyped: true } : {}),
    ...(typed.facts === undefined ? {} : { facts: typed.facts }),
  };
  const next: Intake = { ...forPerson(intake, applicant), applicant };
  delete next.read;
  return next;
}

/** Chooses the item. Another item than before asks other questions, so their answers and ticks go. */
export function withItem(intake: Intake, item: Item): Intake {
  if (intake.itemCode === item.code) return { ...intake, answers: pruneAnswers(item, intake.answers) };
  return { ...intake, itemCode: item.code, answers: {}, materials: {} };
}

/** Answers a situation question; answers that no longer apply go with it. */
export function withAnswer(intake: Intake, item: Item, question: string, option: string): Intake {
  return { ...intake, answers: pruneAnswers(item, { ...intake.answers, [question]: option }) };
}

/**
 * Fills the form again from everything known (免填单): after a card, an item, an answer or a look-up.
 * @param known `earlier` left out means not looked up yet: what earlier cases gave before stays
 */
export function refill(
  intake: Intake,
  item: Item,
  known: { earlier?: readonly EarlierCase[]; today: string; clerk: string },
): Intake {
  const { applicant, read } = intake;
  const document = applicant?.document ?? null;
  const sources = {
    ...known,
    ...(document === null
      ? {}
      : { card: { document, readDate: read?.day ?? known.today, ref: read?.id ?? '' } }),
    ...(applicant === null || document !== null ? {} : { typed: applicant }),
  };
  return { ...intake, form: fillForm(item, intake.answers, sources, intake.form) };
}

/** Enters or corrects a value, tidied as its field wants it; see {@link correct}. */
export function withField(
  intake: Intake,
  field: FormField,
  typed: string,
  by: EnteredBy,
  reason = '',
): Intake {
  const value = tidyValue(field, typed);
  const old = Object.hasOwn(intake.form, field.id) ? intake.form[field.id] : undefined;
  return { ...intake, form: { ...intake.form, [field.id]: correct(old, value, by, reason) } };
}

/** Ticks a material; null takes the tick away, so that the default counts again. */
export function withMaterial(
  intake: Intake,
  material: string,
  state: MaterialRecord['state'] | null,
): Intake {
  const rest = Object.fromEntries(Object.entries(intake.materials).filter(([id]) => id !== material));
  return { ...intake, materials: state === null ? rest : { ...rest, [material]: state } };
}

/** Another person than before: nothing of the one before may stay. Item and ticket belong to the visit. */
function forPerson(intake: Intake, applicant: Applicant): Intake {
  const { applicant: before } = intake;
  if (before === null || before.idNumber === applicant.idNumber) return intake;
  return { ...intake, answers: {}, form: {}, materials: {} };
}

export { acceptCase, type AcceptContext } from './accept-case.ts';
export { problems, type IntakeProblem, type IntakeProblemCode } from './intake-problems.ts';
export { materialList, type MaterialLine } from './material-list.ts';
