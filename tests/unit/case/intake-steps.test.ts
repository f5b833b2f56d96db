import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCalendar } from '../../../shared/domain/calendar/calendar.ts';
import { isAcceptedBody } from '../../../shared/domain/case/accepted-body.ts';
import type { CaseAcceptedBody } from '../../../shared/domain/case/case.ts';
import type { Intake } from '../../../shared/domain/case/intake.ts';
import {
  acceptCase,
  materialList,
  newIntake,
  problems,
  refill,
  withAnswer,
  withApplicantFromCard,
  withField,
  withItem,
  withMaterial,
  withTypedApplicant,
} from '../../../shared/domain/case/intake-steps.ts';
import type { EarlierCase } from '../../../shared/domain/form/autofill.ts';
import { readCatalogue } from '../../../shared/domain/item/catalogue.ts';
import type { Item } from '../../../shared/domain/item/item.ts';
import { sampleCard } from '../form/sample-card.ts';
import { sampleItem } from '../item/sample-item.ts';

const calendarFile = readCalendar(JSON.parse(readFileSync('resources/calendar/cn.json', 'utf8')));
if (!calendarFile.ok) throw new Error('no calendar');
const { calendar } = calendarFile;
const FOLDER = 'resources/catalogue';
const { items } = readCatalogue(
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json') && file !== 'item.schema.json')
    .map((file): unknown => JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8'))),
);
const named = (code: string): Item => items.find((item) => item.code === code)!;

const today = '2026-11-20';
const known = { today, clerk: 'clerk-1' };
const by = { source: 'clerk' as const, ...known };
const context = {
  caseNo: '330102-20261120-A-0001',
  hallName: '演示政务服务大厅',
  stationName: '综合窗口3',
  clerkName: '王丽',
  today,
  calendar,
};
const start = (): Intake => newIntake({ agg: 'case/1', cmd: 'command-1' }, 1_795_000_000_000, 'ticket/A017');
const read = { readId: 'read-1', document: sampleCard() };

/** A whole intake as the counter does it: card, item, answers, fill. */
function taken(item: Item, answers: Record<string, string>, earlier: EarlierCase[] = []): Intake {
  let intake = withItem(withApplicantFromCard(start(), read, today), item);
  for (const [question, option] of Object.entries(answers))
    intake = withAnswer(intake, item, question, option);
  return refill(intake, item, { ...known, earlier });
}
function entered(intake: Intake, item: Item, values: Record<string, string>): Intake {
  return Object.entries(values).reduce(
    (next, [id, value]) =>
      withField(
        next,
        item.form.find((field) => field.id === id)!,
        value,
        by,
      ),
    intake,
  );
}
const ticked = (intake: Intake, ids: string[]): Intake =>
  ids.reduce((next, id) => withMaterial(next, id, 'seen-returned'), intake);
const inputs = (intake: Intake, item: Item): string[] =>
  problems(intake, item).flatMap(({ code, field }) => (code === 'field-missing' ? [field!] : []));
function accepted(intake: Intake, item: Item): CaseAcceptedBody {
  const result = acceptCase(intake, item, context);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.body;
}

/** The three items worked out in full: what a first visit has to type, and what a second one. */
const WORKED = [
  {
    code: 'ZC-20-RS001',
    answers: { household: 'elsewhere', payment: 'bank', base: 'b60' },
    type: { phone: '13800001111', bankName: '测试银行杭州分行', bankAccount: '6222020000000000000' },
    again: [],
    bring: ['residencePermit', 'bankCard'],
    fee: 0,
    promised: '2026-11-20',
  },
  {
    code: 'ZC-10-SJ001',
    answers: { place: 'rented', family: 'individual', licence: 'no' },
    type: {
      phone: '13800001111',
      businessName: '测试区甲甲小吃店',
      businessScope: '小餐饮店',
      placeAddress: '测试路1号',
    },
    again: ['businessName'],
    bring: ['ownership', 'lease'],
    fee: 0,
    promised: '2026-11-20',
  },
  {
    code: 'ZC-07-ZR001',
    answers: { cause: 'sale', use: 'home', mortgage: 'no' },
    type: {
      phone: '13800001111',
      otherName: '测试乙',
      otherIdNumber: '11010119000101009X',
      certificateNo: '浙（2020）测试市不动产权第0000001号',
    },
    again: [],
    bring: ['otherId', 'certificate', 'saleContract', 'taxProof'],
    fee: 8000,
    promised: '2026-11-27',
  },
];

describe.each(WORKED)('taking in $code', ({ code, answers, type, again, bring, fee, promised }) => {
  const item = named(code);

  it('asks a first visitor for two to four values and nothing the card knows', () => {
    const intake = taken(item, answers);
    expect(inputs(intake, item)).toHaveLength(Object.keys(type).length);
    expect(inputs(intake, item).sort()).toEqual(Object.keys(type).sort());
    expect(Object.keys(type).length).toBeGreaterThanOrEqual(2);
    expect(Object.keys(type).length).toBeLessThanOrEqual(4);
  });

  it('asks a returning one for one value at most', () => {
    const first = accepted(ticked(entered(taken(item, answers), item, type), bring), item);
    const second = taken(item, answers, [{ caseNo: first.caseNo, date: '2026-11-01', form: first.form }]);
    expect(inputs(second, item)).toEqual(again);
    expect(second.form['phone']).toMatchObject({
      value: '13800001111',
      source: 'case',
      sourceDate: '2026-11-01',
    });
  });

  it('is accepted when all is there: fee, date, materials and every field', () => {
    const body = accepted(ticked(entered(taken(item, answers), item, type), bring), item);
    expect(body).toMatchObject({
      caseNo: context.caseNo,
      feeFen: fee,
      promised: { date: promised, certain: true },
      answers,
    });
    expect(body.materials.map(({ id }) => id).sort()).toEqual(['application', 'idCard', ...bring].sort());
    expect(body.materials.find(({ id }) => id === 'idCard')?.state).toBe('seen-returned');
    expect(body.materials.find(({ id }) => id === 'application')?.state).toBe('printed-signed');
    expect(isAcceptedBody(JSON.parse(JSON.stringify(body)))).toBe(true);
  });

  it('names each material that is not there', () => {
    const intake = entered(taken(item, answers), item, type);
    expect(problems(intake, item)).toEqual(bring.map((material) => ({ code: 'material-missing', material })));
  });
});

describe('what is missing', () => {
  const item = sampleItem();

  it('is said at once and in the order of the screen', () => {
    expect(problems(start(), null)).toEqual([{ code: 'applicant-missing' }, { code: 'item-missing' }]);
    expect(problems(withItem(start(), item), item)).toEqual([
      { code: 'applicant-missing' },
      { code: 'question-open', question: 'kind' },
      { code: 'field-missing', field: 'name' },
      { code: 'field-missing', field: 'idNumber' },
      { code: 'field-missing', field: 'sex' },
      { code: 'field-missing', field: 'birth' },
      { code: 'field-missing', field: 'address' },
      { code: 'field-missing', field: 'phone' },
      { code: 'field-missing', field: 'kind' },
      { code: 'field-missing', field: 'law' },
      { code: 'material-missing', material: 'idCard' },
      { code: 'material-missing', material: 'map' },
    ]);
  });

  it('includes a value that cannot stand, also one from an old case, but no warning', () => {
    const old = [
      {
        caseNo: 'c',
        date: '2025-01-01',
        form: {
          phone: { value: '123', source: 'clerk' as const, sourceDate: '', sourceRef: '', acceptedBy: '' },
        },
      },
    ];
    expect(problems(taken(item, { kind: 'land' }, old), item)).toContainEqual({
      code: 'field-invalid',
      field: 'phone',
      detail: 'mobile',
    });
  });

  it('includes an applicant without a name or a number, but nobody is stopped by a check digit', () => {
    const typed = (name: string, idNumber: string, idType = '111') =>
      problems(withTypedApplicant(start(), { name, idType, idNumber }), null)[0]?.code;
    expect(typed('', '110101190001017777')).toBe('applicant-incomplete');
    expect(typed('测试甲', '')).toBe('applicant-incomplete');
    expect(typed('测试甲', '1101011900')).toBe('applicant-incomplete');
    expect(typed('测试甲', '110101190001017778')).toBe('item-missing');
    expect(typed('测试甲', 'E12345678', '414')).toBe('item-missing');
  });

  it('is not judged by an item that is not the chosen one', () => {
    expect(problems(taken(item, { kind: 'land' }), sampleItem({ code: 'T-2' }))).toEqual([
      { code: 'item-missing' },
    ]);
  });

  it('keeps the case from being accepted', () => {
    const intake = taken(item, { kind: 'land' });
    expect(acceptCase(intake, item, context)).toEqual({ ok: false, problems: problems(intake, item) });
  });
});

describe('materials at the counter', () => {
  const item = sampleItem();
  const ready = entered(taken(item, { kind: 'house', floor: 'lift' }), item, {
    phone: '13800001111',
    area: '88',
  });

  it('may be handed in later where the item says so, with the last day in the record (容缺)', () => {
    const body = accepted(withMaterial(ready, 'deed', 'tolerated'), item);
    expect(body.materials).toContainEqual({
      id: 'deed',
      name: '房屋证明',
      state: 'tolerated',
      originals: 0,
      copies: 1,
      due: '2026-11-27',
    });
  });

  it('may not be handed in later where the item does not say so', () => {
    const strict = sampleItem({
      materials: item.materials.map((m) =>
        m.id === 'deed' ? { ...m, tolerated: undefined } : m,
      ) as Item['materials'],
    });
    expect(problems(withMaterial(ready, 'deed', 'tolerated'), strict)).toEqual([
      { code: 'material-not-tolerable', material: 'deed' },
    ]);
  });

  it('still to be brought are missing, and optional ones never are', () => {
    expect(problems(withMaterial(ready, 'deed', 'to-bring'), item)).toEqual([
      { code: 'material-missing', material: 'deed' },
    ]);
    expect(accepted(withMaterial(ready, 'deed', 'copy-kept'), item).materials.map(({ id }) => id)).toEqual([
      'idCard',
      'application',
      'deed',
    ]);
  });

  it('take their tick back', () => {
    const twice = withMaterial(withMaterial(ready, 'deed', 'copy-kept'), 'deed', null);
    expect(twice.materials).toEqual({});
    expect(materialList(twice, item).find(({ material }) => material.id === 'deed')).toMatchObject({
      state: null,
      settled: false,
    });
  });

  it('do not count the card as seen when the person was typed', () => {
    const typed = withItem(
      withTypedApplicant(start(), { name: '测试甲', idType: '111', idNumber: '110101190001017777' }),
      item,
    );
    expect(materialList(typed, item)[0]).toMatchObject({ state: null, settled: false });
    expect(materialList(withMaterial(typed, 'idCard', 'seen-returned'), item)[0]).toMatchObject({
      settled: true,
    });
  });

  it('put off the promise of an instant item: nobody decides today what comes later', () => {
    const instant = sampleItem({
      kind: 'instant',
      promisedLimit: { days: 0, dayType: 'working' },
      legalLimit: { days: 3, dayType: 'working' },
    });
    expect(accepted(withMaterial(ready, 'deed', 'copy-kept'), instant).promised.date).toBe('2026-11-20');
    expect(accepted(withMaterial(ready, 'deed', 'tolerated'), instant).promised.date).toBe('2026-11-25');
  });
});

describe('the steps of an intake', () => {
  const item = sampleItem();
  const ready = entered(taken(item, { kind: 'house', floor: 'lift' }), item, {
    phone: '13800001111',
    area: '88',
  });

  it('leave nothing of one person when another card is read, but keep item and ticket', () => {
    const other = {
      readId: 'read-2',
      document: sampleCard({ name: '测试乙', number: '11010119000101009X' }),
    };
    const next = withApplicantFromCard(withMaterial(ready, 'deed', 'copy-kept'), other, today);
    expect(next).toMatchObject({
      itemCode: 'T-1',
      ticket: 'ticket/A017',
      answers: {},
      form: {},
      materials: {},
    });
    expect(JSON.stringify(next)).not.toContain('测试甲');
    expect(JSON.stringify(next)).not.toContain('13800001111');
  });

  it('keep everything when the same card is read again, and what was entered before any card', () => {
    expect(withApplicantFromCard(ready, read, today)).toEqual(ready);
    const before = entered(withItem(start(), item), item, { phone: '13800001111' });
    expect(withApplicantFromCard(before, read, today).form['phone']?.value).toBe('13800001111');
  });

  it('let a card take the place of a typed identity of the same number', () => {
    const typed = refill(
      withItem(
        withTypedApplicant(start(), { name: '测试假', idType: '111', idNumber: ' 110101 19000101 7777 ' }),
        item,
      ),
      item,
      known,
    );
    expect(typed.applicant).toMatchObject({
      idNumber: '110101190001017777',
      identifiedBy: 'typed',
      document: null,
    });
    const next = refill(withApplicantFromCard(typed, read, today), item, known);
    expect(next.form['name']).toMatchObject({ value: '测试甲', source: 'card', sourceRef: 'read-1' });
  });

  it('carry how the person was identified, and what the zone said, into the accepted case', () => {
    const facts = { birth: '1974-08-12', sex: '2', nationality: 'UTO', validTo: '2031-04-15' };
    const anna = { name: 'ERIKSSON, ANNA MARIA', idType: '414', idNumber: 'L898902C3', facts };
    const scanned = withTypedApplicant(ready, anna, 'scanner');
    expect(scanned.applicant).toEqual({ ...anna, identifiedBy: 'scanner', document: null });
    expect(withTypedApplicant(ready, anna, 'camera').applicant?.identifiedBy).toBe('camera');
    const typed = withTypedApplicant(scanned, { name: '测试甲', idType: '111', idNumber: 'X' });
    expect(typed.applicant).not.toHaveProperty('facts');
  });

  it('forget the reading when the person is typed anew', () => {
    const typed = withTypedApplicant(ready, {
      name: '测试乙',
      idType: '111',
      idNumber: '11010119000101009X',
    });
    expect(typed).not.toHaveProperty('read');
    expect(typed.form).toEqual({});
  });

  it('forget answers and ticks of another item, keep what was entered', () => {
    const other = sampleItem({ code: 'T-2' });
    const next = refill(withItem(withMaterial(ready, 'deed', 'copy-kept'), other), other, known);
    expect(next).toMatchObject({ itemCode: 'T-2', answers: {}, materials: {} });
    expect(next.form['phone']?.value).toBe('13800001111');
    expect(withItem(ready, item)).toEqual(ready);
  });

  it('leave out of the case what does not apply to it', () => {
    const land = refill(withAnswer(ready, item, 'kind', 'land'), item, known);
    const body = accepted(withMaterial(land, 'map', 'kept-original'), item);
    expect(body.answers).toEqual({ kind: 'land' });
    expect(body.form).not.toHaveProperty('area');
    expect(body.form).not.toHaveProperty('lift');
    expect(body.materials.map(({ id }) => id)).toEqual(['idCard', 'application', 'map']);
  });

  it('survive being written down and read back as a draft', () => {
    const draft = JSON.parse(JSON.stringify(ready)) as Intake;
    expect(draft).toEqual(ready);
    expect(refill(draft, item, known)).toEqual(refill(ready, item, known));
  });

  it('accept the same intake to the same body', () => {
    const done = withMaterial(ready, 'deed', 'copy-kept');
    expect(acceptCase(done, item, context)).toEqual(
      acceptCase(structuredClone(done), item, { ...context, now: 1, clerkId: 'x' }),
    );
  });

  it('change nothing they were given', () => {
    const frozen = JSON.stringify(ready);
    withApplicantFromCard(ready, { ...read, document: sampleCard({ number: 'X' }) }, today);
    withAnswer(ready, item, 'kind', 'land');
    withMaterial(ready, 'deed', 'waived');
    refill(ready, item, { ...known, earlier: [] });
    acceptCase(ready, item, context);
    expect(JSON.stringify(ready)).toBe(frozen);
  });

  it('fill a property transfer from the tax declaration made before it (先税后证)', () => {
    const tax = named('ZC-20-SW001');
    const typed = {
      phone: '13800001111',
      otherName: '测试乙',
      otherIdNumber: '11010119000101009X',
      certificateNo: '浙（2020）测试市不动产权第0000001号',
      price: '1000000',
    };
    const declared = accepted(ticked(entered(taken(tax, {}), tax, typed), ['saleContract']), tax);
    const transfer = named('ZC-07-ZR001');
    const intake = taken(transfer, { cause: 'sale', use: 'home', mortgage: 'no' }, [
      { caseNo: declared.caseNo, date: '2026-11-19', form: declared.form },
    ]);
    expect(inputs(intake, transfer)).toEqual([]);
    const late = taken(transfer, { cause: 'sale', use: 'home', mortgage: 'no' }, [
      { caseNo: declared.caseNo, date: '2025-11-19', form: declared.form },
    ]);
    expect(inputs(late, transfer)).toEqual(
      ['otherName', 'otherIdNumber', 'certificateNo'].sort(
        (a, b) => transfer.form.findIndex((f) => f.id === a) - transfer.form.findIndex((f) => f.id === b),
      ),
    );
  });
});

describe('every item of the catalogue', () => {
  it.each(items.map((item) => [item.name, item] as const))('can be taken in to the end: %s', (_, item) => {
    // Every way through the questions.
    const ways = item.situations.reduce<Record<string, string>[]>(
      (all, question) =>
        all.flatMap((way) => question.options.map(({ id }) => ({ ...way, [question.id]: id }))),
      [{}],
    );
    for (const way of ways) {
      let intake = taken(item, way);
      for (const id of inputs(intake, item)) intake = entered(intake, item, { [id]: guess(item, id) });
      intake = ticked(
        intake,
        materialList(intake, item).flatMap(({ material, settled }) => (settled ? [] : [material.id])),
      );
      expect([way, problems(intake, item)]).toEqual([way, []]);
      expect(isAcceptedBody(accepted(intake, item))).toBe(true);
    }
  });
});

/** Any value a field takes. */
function guess(item: Item, id: string): string {
  const field = item.form.find((f) => f.id === id)!;
  const { format, pattern } = field.schema;
  if (field.schema.enum !== undefined) return field.schema.enum[0]!;
  if (pattern?.includes('{18}') === true) return '91330102MA27XXXX0X';
  if (format === 'citizen-number') return '11010119000101009X';
  const byFormat = {
    date: '2026-11-20',
    mobile: '13800001111',
    money: '100',
    'bank-card': '6222020000000000000',
  };
  return format === undefined ? '测试填写的内容' : byFormat[format];
}
