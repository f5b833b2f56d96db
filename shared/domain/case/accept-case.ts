import type { WorkCalendar } from '../calendar/calendar.ts';
import { addDays } from '../calendar/working-days.ts';
import { applicableFields } from '../form/autofill.ts';
import type { FieldRecords } from '../form/field-record.ts';
import { valueOf } from '../form/missing-fields.ts';
import { feeOf } from '../item/fee.ts';
import type { Item } from '../item/item.ts';
import { pruneAnswers } from '../item/situation.ts';
import type { CaseAcceptedBody, MaterialRecord } from './case.ts';
import type { Intake } from './intake.ts';
import { problems, type IntakeProblem } from './intake-problems.ts';
import { materialList } from './material-list.ts';
import { promiseFor } from './promise.ts';

/** Where, by whom and when a case is accepted. */
export interface AcceptContext {
  caseNo: string;
  hallName: string;
  stationName: string;
  clerkName: string;
  /** Day of the acceptance in the hall, `YYYY-MM-DD`: the clock starts the day after. */
  today: string;
  calendar: WorkCalendar;
  /** Clerk and moment stand in the event's envelope; they may be given here and are not written twice. */
  clerkId?: string;
  now?: number;
}

/**
 * Accepts a case (受理): nothing may be missing that the law or the item asks for. A material handed in later
 * (容缺) has its last day in the record.
 * @returns the body of `case.accepted`, complete in itself, or everything that is missing
 */
export function acceptCase(
  intake: Intake,
  item: Item,
  context: AcceptContext,
): { ok: true; body: CaseAcceptedBody } | { ok: false; problems: IntakeProblem[] } {
  const missing = problems(intake, item);
  const { applicant } = intake;
  if (missing.length > 0 || applicant === null) return { ok: false, problems: missing };
  const materials = materialRecords(intake, item, context);
  const tolerated = materials.some(({ state }) => state === 'tolerated');
  return {
    ok: true,
    body: {
      caseNo: context.caseNo,
      item: {
        code: item.code,
        version: item.version,
        name: item.name,
        department: item.department.name,
        sealOwner: item.sealOwner,
        kind: item.kind,
      },
      applicant,
      answers: pruneAnswers(item, intake.answers),
      form: formRecords(intake, item),
      materials,
      feeFen: feeOf(item, intake.answers).fen,
      promised: promiseFor(item, tolerated, context.today, context.calendar),
      ticket: intake.ticket,
      hallName: context.hallName,
      stationName: context.stationName,
      clerkName: context.clerkName,
      enquiryPhone: item.enquiryPhone,
    },
  };
}

/** Numbers of originals and copies are those the item asks for; the state says what became of them. */
function materialRecords(intake: Intake, item: Item, { today, calendar }: AcceptContext): MaterialRecord[] {
  return materialList(intake, item).flatMap(({ material, state }) => {
    if (state === null) return [];
    const { id, name, originals, copies, tolerated } = material;
    const record = { id, name, state, originals, copies };
    if (state !== 'tolerated' || tolerated === undefined) return [record];
    return [{ ...record, due: addDays(today, tolerated, calendar).date }];
  });
}

/** What applies and has a value, in the order of the form; drafts of other situations are not part of the case. */
function formRecords(intake: Intake, item: Item): FieldRecords {
  const records: FieldRecords = {};
  for (const { id } of applicableFields(item, intake.answers)) {
    const record = intake.form[id];
    if (record !== undefined && valueOf(intake.form, id) !== '') records[id] = record;
  }
  return records;
}
