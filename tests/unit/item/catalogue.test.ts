import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemsInForce, readCatalogue } from '../../../shared/domain/item/catalogue.ts';
import type { Item } from '../../../shared/domain/item/item.ts';
import { sampleItem } from './sample-item.ts';

/** The faults of one item after a change at a path such as `materials.2.copies`; `undefined` takes the key away. */
function faultsAfter(path: string, value: unknown): string[] {
  const item = structuredClone(sampleItem()) as unknown as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop()!;
  const holder = keys.reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, item);
  holder[last] = value;
  // A key set to undefined is gone after the way through a file.
  return readCatalogue([JSON.parse(JSON.stringify(item))]).problems.map(
    ({ field, problem }) => `${field}: ${problem}`,
  );
}

describe('reading a catalogue', () => {
  it('takes an item that is whole', () => {
    expect(readCatalogue([sampleItem()])).toEqual({ items: [sampleItem()], problems: [] });
  });

  it.each<[string, unknown, string]>([
    ['name', undefined, 'name: missing'],
    ['name', '', 'name: empty'],
    ['name', 7, 'name: wrong-type'],
    ['name', '长'.repeat(201), 'name: too-long'],
    ['code', 'x'.repeat(81), 'code: too-long'],
    ['code', '有 空格', 'code: bad-format'],
    ['kind', 'slow', 'kind: not-allowed'],
    ['legalLimit.days', 1.5, 'legalLimit.days: wrong-type'],
    ['legalLimit.days', -1, 'legalLimit.days: out-of-range'],
    ['legalLimit.dayType', 'weekdays', 'legalLimit.dayType: not-allowed'],
    ['tolerted', 1, 'tolerted: unknown-key'],
    ['materials', [], 'materials: too-few'],
    ['materials.0.required', 'yes', 'materials[0].required: wrong-type'],
    ['materials.2.tolerated.days', undefined, 'materials[2].tolerated.days: missing'],
    ['materials.2.when', { ask: 'kind' }, 'materials[2].when: not-allowed'],
    ['materials.2.when', { not: { question: 'kind', is: [] } }, 'materials[2].when.not.is: too-few'],
    ['situations.0.options', [{ id: 'a', label: 'a' }], 'situations[0].options: too-few'],
    ['form.0.fill.0', { from: 'moon' }, 'form[0].fill[0]: not-allowed'],
    ['form.0.fill.0', { from: 'card', field: 'shoeSize' }, 'form[0].fill[0].field: not-allowed'],
    ['form.0.schema.type', 'number', 'form[0].schema.type: not-allowed'],
    ['basis', 'law', 'basis: wrong-type'],
    ['pinyin', 'Lv Se', 'pinyin: bad-format'],
  ])('names the shape that is wrong: %s = %j', (path, value, fault) => {
    expect(faultsAfter(path, value)).toContain(fault);
  });

  it('has at most nine options to a question, because the keys 1–9 answer it', () => {
    const options = Array.from({ length: 10 }, (_, i) => ({ id: `o${i}`, label: `o${i}` }));
    expect(faultsAfter('situations.0.options', options)).toContain('situations[0].options: too-many');
  });

  it.each<[string, unknown, string]>([
    ['effectiveFrom', '2026-02-30', 'effectiveFrom: not-a-day'],
    ['pinyin', 'lv se', 'pinyin: pinyin-count'],
    ['aliasPinyin', ['kuai'], 'aliasPinyin[0]: pinyin-count'],
    ['aliasPinyin', [], 'aliasPinyin: pinyin-count'],
    ['promisedLimit.days', 21, 'promisedLimit.days: promise-exceeds-law'],
    ['promisedLimit.days', 0, 'promisedLimit.days: promise-does-not-fit-kind'],
    ['kind', 'instant', 'promisedLimit.days: promise-does-not-fit-kind'],
    ['fee.amounts.1.when', { question: 'kind', is: ['land'] }, 'fee.amounts[1].when: no-default'],
    ['fee.amounts.0.when', undefined, 'fee.amounts[1]: unreachable'],
    ['materials.1.id', 'idCard', 'materials[1].id: duplicate'],
    ['form.1.id', 'name', 'form[1].id: duplicate'],
    ['situations.0.options.1.id', 'house', 'situations[0].options[1].id: duplicate'],
    ['formGroups.2', { id: 'unused', title: 'x' }, 'formGroups[2].id: unused-group'],
    ['form.0.group', 'nowhere', 'form[0].group: unknown-group'],
    ['form.0.schema.pattern', '[', 'form[0].schema.pattern: bad-pattern'],
    ['form.8.schema.enum', ['房屋'], 'form[8].fill[0]: not-in-list'],
    ['form.9.schema.enum', ['是'], 'form[9].fill[0]: not-in-list'],
    ['form.11.schema.enum', ['别的'], 'form[11].fill[0]: not-in-list'],
    ['form.8.fill.0.question', 'moon', 'form[8].fill[0]: unknown-question'],
    ['form.9.fill.0.map', { moon: '是' }, 'form[9].fill[0]: unknown-option'],
    ['materials.2.when.question', 'moon', 'materials[2].when: unknown-question'],
    ['materials.2.when.is', ['castle'], 'materials[2].when: unknown-option'],
    ['situations.0.when', { question: 'floor', is: ['lift'] }, 'situations[0].when: asks-later-question'],
    [
      'situations.1.when',
      { not: { question: 'floor', is: ['lift'] } },
      'situations[1].when: asks-later-question',
    ],
  ])('names the parts that do not fit: %s = %j', (path, value, fault) => {
    expect(faultsAfter(path, value)).toContain(fault);
  });

  it('leaves out the faulty item, names row and code, and keeps the others', () => {
    const good = sampleItem({ code: 'T-2' });
    const { items, problems } = readCatalogue([null, { ...sampleItem(), name: '' }, good]);
    expect(items).toEqual([good]);
    expect(problems).toEqual([
      { row: 0, code: '', field: '', problem: 'wrong-type' },
      { row: 1, code: 'T-1', field: 'name', problem: 'empty' },
    ]);
  });

  it('takes one version of a code once', () => {
    const { items, problems } = readCatalogue([sampleItem(), sampleItem(), sampleItem({ version: '2' })]);
    expect(items.map(({ version }) => version)).toEqual(['1', '2']);
    expect(problems).toEqual([{ row: 1, code: 'T-1', field: 'version', problem: 'duplicate' }]);
  });

  it('never throws, whatever the file holds', () => {
    const keys = fc.constantFrom(...Object.keys(sampleItem()));
    fc.assert(
      fc.property(fc.anything(), keys, (value, key) => {
        expect(readCatalogue([value]).items).toEqual([]);
        const { items, problems } = readCatalogue([{ ...sampleItem(), [key]: value }]);
        expect(items.length + Math.min(problems.length, 1)).toBe(1);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the items in force', () => {
  const version = (v: string, effectiveFrom: string): Item => sampleItem({ version: v, effectiveFrom });
  const all = [
    version('1', '2025-01-01'),
    version('3', '2027-01-01'),
    version('2', '2026-01-01'),
    sampleItem({ code: 'T-2' }),
  ];
  const on = (day: string): string[] => itemsInForce(all, day).map((item) => `${item.code} ${item.version}`);

  it('are of each code the version that came last', () => {
    expect(on('2025-12-31')).toEqual(['T-1 1', 'T-2 1']);
    expect(on('2026-01-01')).toEqual(['T-1 2', 'T-2 1']);
    expect(on('2030-01-01')).toEqual(['T-1 3', 'T-2 1']);
    expect(on('2024-01-01')).toEqual([]);
  });
});
