import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, shallowRef } from 'vue';
import type { CardRead } from '../../../shared/contract/card.ts';
import { acceptCase } from '../../../shared/domain/case/accept-case.ts';
import type { Intake } from '../../../shared/domain/case/intake.ts';
import { problems as problemsOf } from '../../../shared/domain/case/intake-problems.ts';
import {
  newIntake,
  refill,
  withAnswer,
  withApplicantFromCard,
  withField,
  withItem,
  withMaterial,
  withTypedApplicant,
} from '../../../shared/domain/case/intake-steps.ts';
import { materialList } from '../../../shared/domain/case/material-list.ts';
import type { IdentifiedBy, MaterialRecord } from '../../../shared/domain/case/case.ts';
import { formatCaseNo } from '../../../shared/domain/case/numbers.ts';
import { promiseFor } from '../../../shared/domain/case/promise.ts';
import { applicableFields, TYPED_IDENTITY, type EarlierCase } from '../../../shared/domain/form/autofill.ts';
import type { TypedIdentity } from '../../../shared/domain/form/identity-values.ts';
import { feeOf } from '../../../shared/domain/item/fee.ts';
import type { FormField, Item } from '../../../shared/domain/item/item.ts';
import { openQuestions, visibleQuestions } from '../../../shared/domain/item/situation.ts';
import { painted } from '../app/marks.ts';
import { useServices } from '../app/services.ts';
import type { CaseRow } from '../db/hall-db.ts';
import { useCases } from './cases.ts';
import { useCatalogue } from './catalogue.ts';
import { useClock } from './clock.ts';
import { useDevice } from './device.ts';
import { createDraftKeeper } from './intake-draft.ts';
import { nextStep } from './next-step.ts';
import { usePaper } from './paper.ts';
import { useQueue } from './queue.ts';
import { useReader } from './reader.ts';
import { useStrip } from './strip.ts';

/** Why a person's earlier cases were looked at; stands in the trace. */
const LOOK_UP_REASON = '窗口受理';

/** How a person is identified when the card is not read. */
export type WithoutCard = Exclude<IdentifiedBy, 'card'>;

/** The case being taken in. Every step goes through the rules of shared/domain; here is only what they cannot know. */
export const useIntake = defineStore('intake', () => {
  const { db, clerk } = useServices();
  const clock = useClock();
  const catalogue = useCatalogue();
  const cases = useCases();
  const paper = usePaper();
  const queue = useQueue();
  const strip = useStrip();
  const { device } = useDevice();
  const draft = createDraftKeeper(db, (error) => strip.fail(error));

  const intake = shallowRef<Intake>(fresh());
  /** False while the last item is only offered: its form shows, but nobody has said yes to it. */
  const itemChosen = ref(false);
  /** Earlier cases of this person; null while not looked up. */
  const earlier = shallowRef<CaseRow[] | null>(null);
  const lastRead = shallowRef<CardRead | null>(null);
  /** A card of somebody else, read while this case is under way. */
  const otherCard = shallowRef<CardRead | null>(null);
  const accepting = ref(false);

  function fresh(): Intake {
    const ids = { agg: `case/${crypto.randomUUID()}`, cmd: crypto.randomUUID() };
    return newIntake(ids, Date.now(), '');
  }

  const item = computed(() => catalogue.find(intake.value.itemCode));
  const problems = computed(() => problemsOf(intake.value, item.value));
  /** Fields that an open question will fill: nobody is asked for them twice. */
  const awaited = computed(() => {
    const open = new Set(
      item.value ? openQuestions(item.value, intake.value.answers).map(({ id }) => id) : [],
    );
    const fields = (item.value?.form ?? []).filter(({ fill }) =>
      fill.some((rule) => rule.from === 'answer' && open.has(rule.question)),
    );
    return new Set(fields.map(({ id }) => id));
  });
  const step = computed(() => nextStep(problems.value, item.value, itemChosen.value));
  const entered = computed(() =>
    Object.values(intake.value.form).some(
      ({ source, sourceRef, value }) =>
        (source === 'clerk' || source === 'applicant') && sourceRef !== TYPED_IDENTITY && value !== '',
    ),
  );
  /** Typed, photographed or scanned: no card on the reader brings it back. */
  const isWithoutCard = computed(() => {
    const by = intake.value.applicant?.identifiedBy;
    return by !== undefined && by !== 'card';
  });
  /** Work of a person that nobody could get back from the card. */
  const hasWork = computed(
    () =>
      entered.value ||
      isWithoutCard.value ||
      Object.keys(intake.value.answers).length > 0 ||
      Object.keys(intake.value.materials).length > 0,
  );

  const earlierCases = (): readonly EarlierCase[] | undefined =>
    earlier.value?.map(({ state }) => ({
      caseNo: state.caseNo,
      date: state.acceptedAt.slice(0, 10),
      form: state.form,
    }));

  function known(): { earlier?: readonly EarlierCase[]; today: string; clerk: string } {
    const found = earlierCases();
    return { today: clock.day, clerk: clerk.value.id, ...(found ? { earlier: found } : {}) };
  }

  function set(next: Intake): void {
    // Something was done about it.
    if (strip.message?.tone === 'warn') strip.clear();
    intake.value = next;
    draft.keep(next);
  }
  function setAndFill(next: Intake, of: Item | null): void {
    set(of === null ? next : refill(next, of, known()));
  }

  /** The item the form is of: the chosen one, or the one used last, offered. */
  function offered(next: Intake): { intake: Intake; item: Item | null } {
    const chosen = catalogue.find(next.itemCode) ?? catalogue.last;
    return { intake: chosen === null ? next : withItem(next, chosen), item: chosen };
  }

  function takeCard(read: CardRead): void {
    const person = read.document.number;
    const now = intake.value.applicant;
    if (now !== null && now.idNumber !== person && hasWork.value) {
      otherCard.value = read;
      return;
    }
    beginWith(read, now?.idNumber !== person);
  }

  function beginWith(read: CardRead, isOtherPerson: boolean): void {
    otherCard.value = null;
    lastRead.value = read;
    strip.clear();
    if (isOtherPerson) earlier.value = null;
    const begun =
      intake.value.ticket === '' ? { ...intake.value, ticket: queue.current?.agg ?? '' } : intake.value;
    const next = offered(withApplicantFromCard(begun, read, clock.day));
    setAndFill(next.intake, next.item);
    if (isOtherPerson) void lookUp(read.document.number);
  }

  /** Fills what earlier cases can give; the form from the card does not wait for it. */
  async function lookUp(idNumber: string): Promise<void> {
    if (idNumber === '') return;
    try {
      const rows = await db.casesOfPerson(idNumber, LOOK_UP_REASON);
      if (intake.value.applicant?.idNumber !== idNumber) return;
      earlier.value = rows;
      setAndFill(intake.value, item.value);
    } catch (error) {
      strip.fail(error);
    }
  }

  function clear(): void {
    intake.value = fresh();
    draft.keep(null);
    itemChosen.value = false;
    earlier.value = null;
    otherCard.value = null;
    strip.clear();
  }

  onScopeDispose(useReader().onRead(takeCard));

  async function accept(): Promise<boolean> {
    const began = intake.value;
    const of = item.value;
    if (accepting.value || of === null || step.value.kind !== 'accept') return false;
    accepting.value = true;
    strip.clear();
    try {
      const day = clock.day;
      const caseNo = formatCaseNo(device.hall, day, device.series, await db.nextNumber('case', day));
      const ticket = began.ticket === '' ? (queue.current?.agg ?? '') : began.ticket;
      const accepted = acceptCase({ ...began, ticket }, of, {
        caseNo,
        hallName: device.hallName,
        stationName: device.stationName,
        clerkName: clerk.value.name,
        today: day,
        calendar: catalogue.calendar,
      });
      if (!accepted.ok) return false;
      await draft.settled();
      await db.save(began.cmd, [{ type: 'case.accepted', agg: began.agg, body: accepted.body }]);
      // Read back: a repeated command keeps what its first saving said, number included.
      const row = await db.case(began.agg);
      cases.saved = { agg: began.agg, caseNo: row?.state.caseNo ?? caseNo, at: Date.now() };
      catalogue.used(of.code);
      clear();
      // Drawing the slip takes the main thread: 已保存 comes first.
      if (row) {
        void painted()
          .then(() => paper.printSlip(row.state))
          .catch((error: unknown) => strip.fail(error));
      }
      return true;
    } catch (error) {
      strip.fail(error);
      return false;
    } finally {
      accepting.value = false;
    }
  }

  return {
    intake,
    item,
    itemChosen,
    earlier,
    lastRead,
    otherCard,
    accepting,
    problems,
    awaited,
    /** Things still to be done, as a person counts them. */
    missing: computed(
      () =>
        problems.value.filter(({ field }) => field === undefined || !awaited.value.has(field)).length +
        (item.value !== null && !itemChosen.value ? 1 : 0),
    ),
    step,
    entered,
    isWithoutCard,
    applicant: computed(() => intake.value.applicant),
    questions: computed(() => (item.value ? visibleQuestions(item.value, intake.value.answers) : [])),
    fields: computed(() => (item.value ? applicableFields(item.value, intake.value.answers) : [])),
    materials: computed(() => (item.value ? materialList(intake.value, item.value) : [])),
    fee: computed(() => (item.value ? feeOf(item.value, intake.value.answers) : null)),
    promised: computed(() => {
      if (!item.value) return null;
      const tolerated = materialList(intake.value, item.value).some(({ state }) => state === 'tolerated');
      return promiseFor(item.value, tolerated, clock.day, catalogue.calendar);
    }),

    /** Goes on with the case that was open when the window ended. */
    async load(): Promise<void> {
      const kept = await db.readDraft();
      if (!kept) return;
      if (await db.case(kept.agg)) {
        draft.keep(null);
        return;
      }
      intake.value = kept;
      itemChosen.value = catalogue.find(kept.itemCode) !== null && (hasWork.value || kept.applicant === null);
      if (kept.applicant !== null) strip.say('info', 'intake.restored', { name: kept.applicant.name });
    },

    chooseItem(next: Item): void {
      itemChosen.value = true;
      setAndFill(withItem(intake.value, next), next);
    },

    answer(question: string, option: string): void {
      if (item.value) setAndFill(withAnswer(intake.value, item.value, question, option), item.value);
    },

    /** Takes the newest answer back, so that it can be given again. */
    unanswer(): void {
      const of = item.value;
      if (!of) return;
      const given = visibleQuestions(of, intake.value.answers).filter(({ id }) => id in intake.value.answers);
      const last = given.at(-1);
      if (!last) return;
      const answers = Object.fromEntries(
        Object.entries(intake.value.answers).filter(([id]) => id !== last.id),
      );
      setAndFill({ ...intake.value, answers }, of);
    },

    enter(field: FormField, value: string, reason = ''): void {
      const by = { source: 'clerk', clerk: clerk.value.id, today: clock.day } as const;
      set(withField(intake.value, field, value, by, reason));
    },

    tick(material: string, state: MaterialRecord['state'] | null): void {
      set(withMaterial(intake.value, material, state));
    },

    /** The person as typed (手工录入), photographed (拍照识别) or scanned (扫描). */
    identify(typed: TypedIdentity, by: WithoutCard = 'typed'): void {
      const before = intake.value.applicant?.idNumber;
      const next = offered(withTypedApplicant(intake.value, typed, by));
      if (next.intake.applicant?.idNumber !== before) earlier.value = null;
      setAndFill(next.intake, next.item);
      if (earlier.value === null) void lookUp(next.intake.applicant?.idNumber ?? '');
    },

    /** Drops the open case for the person whose card lies on the reader. */
    switchToOtherCard(): void {
      const read = otherCard.value;
      if (!read) return;
      const { itemCode } = intake.value;
      const chosen = itemChosen.value;
      clear();
      set({ ...intake.value, itemCode });
      itemChosen.value = chosen;
      beginWith(read, true);
    },
    ignoreOtherCard(): void {
      otherCard.value = null;
    },

    clear,
    accept,
    /** Resolves when the draft is on the medium. */
    draftSettled: () => draft.settled(),
  };
});
