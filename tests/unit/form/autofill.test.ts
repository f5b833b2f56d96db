import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applicableFields, fillForm, type FillSources } from '../../../shared/domain/form/autofill.ts';
import { correct } from '../../../shared/domain/form/correct.ts';
import type { FieldRecords } from '../../../shared/domain/form/field-record.ts';
import { missingFields } from '../../../shared/domain/form/missing-fields.ts';
import { sampleItem } from '../item/sample-item.ts';
import { record, records, sampleCard } from './sample-card.ts';

const item = sampleItem();
const house = { kind: 'house', floor: 'lift' };
const today = '2026-11-20';
const card = { document: sampleCard(), readDate: today, ref: 'read-1' };
const base: FillSources = { today, clerk: 'clerk-1' };
const by = { source: 'applicant' as const, clerk: 'clerk-1', today };
const earlier = (date: string, values: Record<string, string>, caseNo = `case-${date}`) => ({
  caseNo,
  date,
  form: records(values),
});
const values = (form: FieldRecords): Record<string, string> =>
  Object.fromEntries(Object.entries(form).map(([id, { value }]) => [id, value]));
const missing = (form: FieldRecords, answers: Record<string, string> = house): string[] =>
  missingFields(item, answers, form).map(({ id }) => id);

describe('filling a form from the card', () => {
  const form = fillForm(item, house, { ...base, card, earlier: [] }, {});

  it('fills everything the card, the answers and the rules can give', () => {
    expect(values(form)).toEqual({
      name: '测试甲',
      idNumber: '110101190001017777',
      sex: '男',
      ethnicity: '汉',
      birth: '1900-01-01',
      address: '北京市东城区测试路1号',
      validity: '2020.01.01-长期',
      kind: '房屋',
      lift: '是',
      law: '测试法',
    });
  });

  it('says of each value where it came from and when', () => {
    expect(form['name']).toEqual({
      value: '测试甲',
      source: 'card',
      sourceDate: today,
      sourceRef: 'read-1',
      acceptedBy: 'clerk-1',
    });
    expect(form['kind']).toMatchObject({ source: 'answer', sourceRef: 'kind', sourceDate: today });
    expect(form['law']).toMatchObject({ source: 'rule', sourceRef: 'T-1' });
  });

  it('leaves only what is truly unknown, in the order of the form', () => {
    expect(missing(form)).toEqual(['phone', 'area']);
    expect(missing(fillForm(item, { kind: 'land' }, { ...base, card }, {}), { kind: 'land' })).toEqual([
      'phone',
    ]);
  });

  it('takes the latest address before the printed one, and no name for an unknown code', () => {
    const document = sampleCard({ latestAddress: '杭州市上城区新路2号', ethnicity: '99', sex: '7' });
    const strange = fillForm(item, house, { ...base, card: { ...card, document } }, {});
    expect(strange['address']?.value).toBe('杭州市上城区新路2号');
    expect(strange).not.toHaveProperty('ethnicity');
    expect(missing(strange)).toContain('sex');
  });
});

describe('filling a form from earlier cases', () => {
  const two = [
    earlier('2024-05-01', { phone: '13800001111', address: '旧地址1号', area: '60' }),
    earlier('2025-03-02', { phone: '13900002222', name: '测试甲' }),
  ];

  it('takes the newest one that has the field, whatever their order', () => {
    for (const list of [two, [...two].reverse()]) {
      const form = fillForm(item, house, { ...base, card, earlier: list }, {});
      expect(form['phone']).toMatchObject({
        value: '13900002222',
        source: 'case',
        sourceDate: '2025-03-02',
        sourceRef: 'case-2025-03-02',
      });
      expect(form).not.toHaveProperty('area');
    }
  });

  it('lets the card win and shows what the old case said', () => {
    const form = fillForm(item, house, { ...base, card, earlier: two }, {});
    expect(form['address']).toMatchObject({
      value: '北京市东城区测试路1号',
      source: 'card',
      differs: { value: '旧地址1号', source: 'case', sourceDate: '2024-05-01' },
    });
    expect(form['name']).not.toHaveProperty('differs');
  });

  it('sees no difference in blanks and widths', () => {
    const form = fillForm(
      item,
      house,
      { ...base, card, earlier: [earlier('2025-01-01', { address: ' 北京市东城区测试路１号 ' })] },
      {},
    );
    expect(form['address']).not.toHaveProperty('differs');
  });

  it('fills by the case what the card would have filled, when there is no card', () => {
    const typed = { name: '测试甲', idType: '111', idNumber: '110101190001017777' };
    const form = fillForm(item, house, { ...base, typed, earlier: two }, {});
    expect(form['address']).toMatchObject({ value: '旧地址1号', source: 'case' });
    expect(form['name']).toMatchObject({ value: '测试甲', source: 'typed' });
    expect(form['birth']).toMatchObject({ value: '1900-01-01', source: 'rule' });
    expect(form['sex']).toMatchObject({ value: '男', source: 'rule' });
  });

  it('leaves out cases older than the rule allows and values the list no longer knows', () => {
    const change = (fill: object, schema: object) =>
      sampleItem({
        form: item.form.map((f) =>
          f.id === 'area' ? { ...f, fill: [fill], schema: { type: 'string', ...schema } } : f,
        ) as typeof item.form,
      });
    const old = [earlier('2026-08-01', { area: '60' })];
    expect(
      fillForm(change({ from: 'case', withinDays: 120 }, {}), house, { ...base, earlier: old }, {})['area']
        ?.value,
    ).toBe('60');
    expect(
      fillForm(change({ from: 'case', withinDays: 90 }, {}), house, { ...base, earlier: old }, {}),
    ).not.toHaveProperty('area');
    expect(
      fillForm(change({ from: 'case' }, { enum: ['80'] }), house, { ...base, earlier: old }, {}),
    ).not.toHaveProperty('area');
    expect(
      fillForm(change({ from: 'case', field: 'phone' }, {}), house, { ...base, earlier: two }, {})['area']
        ?.value,
    ).toBe('13900002222');
  });
});

describe('filling a typed identity', () => {
  it.each([
    ['a wrong check digit', '110101190001017778'],
    ['a birth that is no day', '110101190002307777'],
    ['a passport', 'E12345678'],
  ])('takes no birth and no sex from %s', (_, idNumber) => {
    const form = fillForm(item, house, { ...base, typed: { name: '测试甲', idType: '111', idNumber } }, {});
    expect(form['idNumber']?.value).toBe(idNumber);
    expect(form).not.toHaveProperty('birth');
    expect(form).not.toHaveProperty('sex');
  });

  it.each(['typed', 'camera', 'scanner'] as const)('marks what came by %s as that', (identifiedBy) => {
    const typed = { name: '测试甲', idType: '111', idNumber: '110101190001017777', identifiedBy };
    const form = fillForm(item, house, { ...base, typed }, {});
    expect(form['name']).toMatchObject({ value: '测试甲', source: identifiedBy, sourceRef: 'identity' });
    expect(form['idNumber']).toMatchObject({ source: identifiedBy });
    expect(form['birth']).toMatchObject({ value: '1900-01-01', source: 'rule' });
    expect(fillForm(item, house, { ...base, card }, form)['name']).toMatchObject({ source: 'card' });
    const named = fillForm(item, house, { ...base, typed: { ...typed, nameTyped: true } }, {});
    expect([named['name']?.source, named['idNumber']?.source]).toEqual(['typed', identifiedBy]);
  });

  it('takes birth and sex from the machine-readable zone where no number says them', () => {
    const facts = { birth: '1974-08-12', sex: '2', nationality: 'UTO' };
    const typed = { name: 'ERIKSSON, ANNA MARIA', idType: '414', idNumber: 'L898902C3', facts };
    const form = fillForm(item, house, { ...base, typed: { ...typed, identifiedBy: 'scanner' } }, {});
    expect(form['birth']).toMatchObject({ value: '1974-08-12', source: 'scanner' });
    expect(form['sex']).toMatchObject({ value: '女', source: 'scanner' });
  });

  it('gives way to a card read later', () => {
    const typed = fillForm(
      item,
      house,
      { ...base, typed: { name: '测试假', idType: '111', idNumber: '110101190001017777' } },
      {},
    );
    const form = fillForm(item, house, { ...base, card }, typed);
    expect(form['name']).toMatchObject({ value: '测试甲', source: 'card' });
    expect(form['name']).not.toHaveProperty('differs');
    expect(form['sex']).toMatchObject({ source: 'card' });
  });
});

describe('filling again', () => {
  const sources = {
    ...base,
    card,
    earlier: [earlier('2025-03-02', { phone: '13900002222', address: '旧地址1号' })],
  };
  const first = fillForm(item, house, sources, {});

  it('changes nothing when nothing changed', () => {
    expect(fillForm(item, house, sources, first)).toEqual(first);
    expect(fillForm(item, house, base, first)).toEqual(first);
    expect(fillForm(item, house, { ...base, card }, first)).toEqual(first);
  });

  it('never overwrites what was entered', () => {
    const entered = {
      ...first,
      phone: correct(first['phone'], '13700003333', by, '换号了'),
      area: correct(undefined, '88', by, ''),
    };
    const form = fillForm(item, house, sources, entered);
    expect(form['phone']).toEqual(entered.phone);
    expect(form['area']).toEqual(entered.area);
  });

  it('keeps a value that the person emptied on purpose', () => {
    const emptied = { ...first, ethnicity: correct(first['ethnicity'], '', by, '不愿填写') };
    expect(fillForm(item, house, sources, emptied)['ethnicity']?.value).toBe('');
  });

  it('shows what the card says beside a value entered before the card was read', () => {
    const form = fillForm(item, house, sources, { address: record('杭州市上城区某路3号') });
    expect(form['address']).toMatchObject({
      value: '杭州市上城区某路3号',
      differs: { value: '北京市东城区测试路1号', source: 'card' },
    });
    expect(
      fillForm(item, house, sources, { address: record('北京市东城区测试路1号') })['address'],
    ).not.toHaveProperty('differs');
  });

  it('takes back what followed from an answer that is gone, and keeps what was entered for it', () => {
    const entered = { ...first, area: correct(undefined, '88', by, '') };
    const land = fillForm(item, { kind: 'land' }, sources, entered);
    expect(land['kind']?.value).toBe('土地');
    expect(land).not.toHaveProperty('lift');
    expect(applicableFields(item, { kind: 'land' }).map(({ id }) => id)).not.toContain('area');
    expect(fillForm(item, house, sources, land)['area']?.value).toBe('88');
  });

  it('takes back what earlier cases gave once it is known that there are none', () => {
    expect(fillForm(item, house, { ...base, card, earlier: [] }, first)).not.toHaveProperty('phone');
    expect(fillForm(item, house, { ...base, card, earlier: [] }, first)['address']).not.toHaveProperty(
      'differs',
    );
  });

  it('never fills a value of nobody, never touches an entered one, and comes to rest at once', () => {
    const text = fc.constantFrom('', 'x', '13800001111', '测试甲', '旧地址1号');
    const anyRecord = fc.record({
      value: text,
      source: fc.constantFrom('card', 'case', 'answer', 'rule', 'clerk', 'applicant', 'typed', 'camera'),
      sourceDate: fc.constant('2026-01-01'),
      sourceRef: fc.constantFrom('', 'identity', 'read-0'),
      acceptedBy: fc.constant('c'),
    }) as fc.Arbitrary<FieldRecords[string]>;
    const ids = fc.constantFrom(...item.form.map(({ id }) => id), 'foreign');
    const answers = fc.dictionary(fc.constantFrom('kind', 'floor'), fc.constantFrom('house', 'land', 'lift'));
    const some = fc.record(
      {
        card: fc.constant(card),
        typed: fc.constant({ name: 'T', idType: '111', idNumber: '110101190001017777' }),
        earlier: fc.constant(sources.earlier),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.dictionary(ids, anyRecord), answers, some, (current, given, known) => {
        const all: FillSources = { ...base, ...known };
        const form = fillForm(item, given, all, current);
        expect(fillForm(item, given, all, form)).toEqual(form);
        for (const [id, filled] of Object.entries(form)) {
          expect(filled.value).not.toBe('');
          const old = current[id];
          if (
            (old?.source === 'clerk' || old?.source === 'applicant') &&
            old.sourceRef !== 'identity' &&
            old.value !== ''
          ) {
            expect(filled.value).toBe(old.value);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
