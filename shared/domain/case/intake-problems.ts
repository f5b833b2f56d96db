import { checkCitizenNumber } from '../card/citizen-number.ts';
import { applicableFields } from '../form/autofill.ts';
import { valueOf } from '../form/missing-fields.ts';
import { validateField, type FieldProblemCode } from '../form/validate-field.ts';
import type { Item } from '../item/item.ts';
import { openQuestions } from '../item/situation.ts';
import type { Intake } from './intake.ts';
import { materialList } from './material-list.ts';

/** What keeps a case from being accepted; the message files hold the words (`problem.<code>`). */
export type IntakeProblemCode =
  | 'applicant-missing'
  | 'applicant-incomplete'
  | 'item-missing'
  | 'question-open'
  | 'field-missing'
  | 'field-invalid'
  | 'material-missing'
  | 'material-not-tolerable';

export interface IntakeProblem {
  code: IntakeProblemCode;
  question?: string;
  field?: string;
  /** What is wrong with the field, beside `field-invalid`. */
  detail?: FieldProblemCode;
  material?: string;
}

/** Everything that is missing, said at once (一口说清) and in the order of the screen: ① to ④, then materials. */
export function problems(intake: Intake, item: Item | null): IntakeProblem[] {
  const found: IntakeProblem[] = applicantProblems(intake);
  if (item === null || intake.itemCode !== item.code) return [...found, { code: 'item-missing' }];
  for (const { id } of openQuestions(item, intake.answers))
    found.push({ code: 'question-open', question: id });
  for (const field of applicableFields(item, intake.answers)) {
    const worst = validateField(field, valueOf(intake.form, field.id)).find(({ level }) => level === 'error');
    if (worst?.code === 'required') found.push({ code: 'field-missing', field: field.id });
    else if (worst !== undefined) found.push({ code: 'field-invalid', field: field.id, detail: worst.code });
  }
  for (const { material, state, settled } of materialList(intake, item)) {
    if (settled) continue;
    found.push({
      code: state === 'tolerated' ? 'material-not-tolerable' : 'material-missing',
      material: material.id,
    });
  }
  return found;
}

/** A wrong check digit stops nobody; a name or a number that is not there, or no number at all, does. */
function applicantProblems({ applicant }: Intake): IntakeProblem[] {
  if (applicant === null) return [{ code: 'applicant-missing' }];
  const noNumber =
    applicant.idType === '111' && checkCitizenNumber(applicant.idNumber).problems.includes('shape');
  const incomplete = applicant.name.trim() === '' || applicant.idNumber.trim() === '' || noNumber;
  return incomplete ? [{ code: 'applicant-incomplete' }] : [];
}
