import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CodedError } from '../../../shared/contract/errors.ts';
import { useCases } from '../../../renderer/src/stores/cases.ts';
import { useCatalogue } from '../../../renderer/src/stores/catalogue.ts';
import { useClock } from '../../../renderer/src/stores/clock.ts';
import { useIntake } from '../../../renderer/src/stores/intake.ts';
import { useQueue } from '../../../renderer/src/stores/queue.ts';
import { useStrip } from '../../../renderer/src/stores/strip.ts';
import { setUp, settle } from '../fakes.ts';
import { JIA, readOf, YI } from '../people.ts';

const PENSION = 'ZC-20-RS001';

describe('the case being taken in', () => {
  let world: ReturnType<typeof setUp>;
  beforeEach(() => {
    world = setUp();
  });
  // What a test leaves under way would make its stores the active ones of the next.
  afterEach(settle);
  const place = (who: typeof JIA): void => world.machine.tell('card.read', readOf(who));
  const field = (id: string): string => useIntake().intake.form[id]?.value ?? '';
  const choose = (code = PENSION): void => {
    const item = useCatalogue().find(code);
    if (item) useIntake().chooseItem(item);
  };
  /** Everything but F9. */
  async function complete(): Promise<void> {
    const intake = useIntake();
    place(JIA);
    choose();
    intake.answer('household', 'local');
    intake.answer('payment', 'self');
    intake.answer('base', 'b100');
    const phone = intake.fields.find(({ id }) => id === 'phone');
    if (phone) intake.enter(phone, '13800001111');
    await settle();
  }

  it('is filled by the card in the same turn, before anything is looked up or saved', () => {
    const intake = useIntake();
    choose();
    place(JIA);
    expect(intake.applicant?.name).toBe('测试甲');
    expect([field('name'), field('idNumber'), field('sex'), field('ethnicity')]).toEqual([
      '测试甲',
      JIA.number,
      '男',
      '汉',
    ]);
    expect(intake.intake.form['name']).toMatchObject({ source: 'card', acceptedBy: 'clerk-1' });
  });

  it('leads from the card over item, questions and fields to F9', () => {
    const intake = useIntake();
    expect(intake.step).toEqual({ kind: 'card' });
    place(JIA);
    expect(intake.step).toEqual({ kind: 'item' });
    choose();
    expect(intake.step).toMatchObject({ kind: 'question', id: 'household' });
    intake.answer('household', 'local');
    intake.answer('payment', 'self');
    intake.answer('base', 'b100');
    expect(intake.step).toMatchObject({ kind: 'field', id: 'phone', title: '手机号码' });
    const phone = intake.fields.find(({ id }) => id === 'phone');
    if (phone) intake.enter(phone, '13800001111');
    expect(intake.step).toEqual({ kind: 'accept' });
  });

  it('is kept on the medium at every change, the last word last', async () => {
    const intake = useIntake();
    place(JIA);
    choose();
    intake.answer('household', 'local');
    await intake.draftSettled();
    expect(world.store.drafts.at(-1)?.answers).toEqual({ household: 'local' });
  });

  it('comes back after a crash as it was', async () => {
    const first = useIntake();
    place(JIA);
    choose();
    first.answer('household', 'elsewhere');
    await first.draftSettled();
    const kept = world.store.drafts.at(-1);

    world = setUp();
    if (kept) world.store.setDraft(kept);
    const again = useIntake();
    await again.load();
    expect(again.applicant?.name).toBe('测试甲');
    expect(again.intake.answers).toEqual({ household: 'elsewhere' });
    expect(again.itemChosen).toBe(true);
    expect(useStrip().message?.key).toBe('intake.restored');
  });

  it('does not come back when it was accepted just before the crash', async () => {
    await complete();
    const kept = world.store.drafts.at(-1);
    await useIntake().accept();
    if (kept) world.store.setDraft(kept);
    const intake = useIntake();
    await intake.load();
    expect(intake.applicant).toBeNull();
  });

  it('takes values from earlier cases once they are found, and notes that they were looked at', async () => {
    await complete();
    await useIntake().accept();
    await settle();
    place(JIA);
    expect(field('phone')).toBe('');
    await settle();
    expect(useIntake().earlier).toHaveLength(1);
    expect(field('phone')).toBe('13800001111');
    expect(useIntake().intake.form['phone']?.source).toBe('case');
  });

  it('offers the last item with its form filled, and waits for a yes', async () => {
    await complete();
    await useIntake().accept();
    await settle();
    const intake = useIntake();
    place(YI);
    expect(intake.item?.code).toBe(PENSION);
    expect(field('name')).toBe('测试乙');
    expect(intake.step).toEqual({ kind: 'item' });
    choose();
    expect(intake.step.kind).toBe('question');
  });

  it('is saved once, and only then said to be; the slip is printed once', async () => {
    await complete();
    const intake = useIntake();
    const { agg, cmd } = intake.intake;
    const [first, second] = await Promise.all([intake.accept(), intake.accept()]);
    expect([first, second]).toEqual([true, false]);
    await settle();
    const saved = world.store.events.filter(({ type }) => type === 'case.accepted');
    expect(saved).toHaveLength(1);
    expect(world.store.commands.has(cmd)).toBe(true);
    expect(useCases().saved).toMatchObject({
      agg,
      caseNo: `330102-${useClock().day.replaceAll('-', '')}-A-0001`,
    });
    expect(world.printed).toEqual([{ kind: 'slip', key: `${agg}:slip:1` }]);
    expect(world.store.drafts.at(-1)).toBeNull();
    expect(intake.applicant).toBeNull();
  });

  it('stays open with everything in it when saving fails, and says so', async () => {
    await complete();
    const intake = useIntake();
    world.store.failNextSave(new CodedError('JOURNAL_DISK_FULL'));
    expect(await intake.accept()).toBe(false);
    expect(useStrip().message?.key).toBe('error.JOURNAL_DISK_FULL');
    expect(field('phone')).toBe('13800001111');
    expect(useCases().saved).toBeNull();
    expect(world.printed).toEqual([]);
    expect(await intake.accept()).toBe(true);
  });

  it('keeps the number of the first saving when the same command is saved again', async () => {
    await complete();
    const intake = useIntake();
    const { agg, cmd } = intake.intake;
    const open = intake.intake;
    await intake.accept();
    const first = useCases().saved?.caseNo;
    // As after an answer that was lost on the way: the same case is accepted once more.
    world.store.setDraft(open);
    intake.intake = open;
    intake.itemChosen = true;
    await intake.accept();
    expect(useCases().saved).toMatchObject({ agg, caseNo: first });
    expect(world.store.commands.get(cmd)).toHaveLength(1);
  });

  it('is not thrown away for the card of somebody else', async () => {
    const intake = useIntake();
    await complete();
    place(YI);
    expect(intake.applicant?.name).toBe('测试甲');
    expect(intake.otherCard?.document.name).toBe('测试乙');
    intake.switchToOtherCard();
    expect(intake.applicant?.name).toBe('测试乙');
    expect(field('phone')).toBe('');
    expect(intake.intake.answers).toEqual({});
    expect(intake.item?.code).toBe(PENSION);
    expect(intake.otherCard).toBeNull();
  });

  it('gives way to another card as long as nobody has put work into it', () => {
    const intake = useIntake();
    place(JIA);
    const { agg } = intake.intake;
    place(YI);
    expect(intake.applicant?.name).toBe('测试乙');
    expect(intake.otherCard).toBeNull();
    expect(intake.intake.agg).toBe(agg);
  });

  it('belongs to the number that is being served', async () => {
    const queue = useQueue();
    await queue.take();
    await queue.callNext();
    await complete();
    await useIntake().accept();
    const accepted = world.store.events.find(({ type }) => type === 'case.accepted');
    expect((accepted?.body as { ticket: string }).ticket).toBe(queue.current?.agg);
  });

  it('keeps both values and the reason when a filled one is corrected', () => {
    const intake = useIntake();
    place(JIA);
    choose();
    const address = intake.fields.find(({ id }) => id === 'postalAddress');
    if (address) intake.enter(address, '演示市另一条路 2 号', '本人申明现已变更');
    expect(intake.intake.form['postalAddress']).toMatchObject({
      value: '演示市另一条路 2 号',
      source: 'clerk',
      replaced: { value: JIA.address, source: 'card', reason: '本人申明现已变更' },
    });
  });

  it('can be taken in without a card, marked as typed', async () => {
    const intake = useIntake();
    intake.identify({ name: '测试甲', idType: '111', idNumber: JIA.number });
    choose();
    await settle();
    expect(intake.applicant).toMatchObject({ identifiedBy: 'typed', document: null });
    expect([field('name'), field('birth'), field('sex')]).toEqual(['测试甲', '1990-01-01', '男']);
    expect(intake.intake.form['name']?.source).toBe('typed');
    expect(intake.step).toMatchObject({ kind: 'question' });
  });

  it('takes the newest answer back on request', async () => {
    await complete();
    const intake = useIntake();
    intake.unanswer();
    expect(intake.intake.answers).toEqual({ household: 'local', payment: 'self' });
    expect(intake.step).toMatchObject({ kind: 'question', id: 'base' });
  });
});
