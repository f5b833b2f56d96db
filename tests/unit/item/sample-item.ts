import type { Item } from '../../../shared/domain/item/item.ts';

/** A small invented item with every part in it; tests change what they are about. */
export function sampleItem(change: Partial<Item> = {}): Item {
  return {
    code: 'T-1',
    version: '1',
    effectiveFrom: '2025-01-01',
    name: '绿色通道登记（测试）',
    pinyin: 'lv se tong dao deng ji ce shi',
    aliases: ['快办'],
    aliasPinyin: ['kuai ban'],
    category: '测试',
    department: { code: 'T', name: '测试局' },
    kind: 'committed',
    legalLimit: { days: 20, dayType: 'working' },
    promisedLimit: { days: 5, dayType: 'working' },
    deemedAcceptance: 'within-5-working-days',
    fee: {
      amounts: [
        { when: { question: 'kind', is: ['house'] }, fen: 8000, label: '80 元' },
        { fen: 0, label: '不收费' },
      ],
      basis: '测试',
    },
    basis: ['测试法 §1'],
    sealOwner: '测试局',
    enquiryPhone: '12345',
    situations: [
      {
        id: 'kind',
        ask: '办哪一种？',
        options: [
          { id: 'house', label: '房屋' },
          { id: 'land', label: '土地' },
        ],
      },
      {
        id: 'floor',
        ask: '有电梯吗？',
        options: [
          { id: 'lift', label: '有' },
          { id: 'stairs', label: '没有' },
        ],
        when: { question: 'kind', is: ['house'] },
      },
    ],
    materials: [
      { id: 'idCard', name: '身份证', originals: 1, copies: 0, origin: 'card', required: true },
      { id: 'application', name: '申请书', originals: 1, copies: 0, origin: 'printed-here', required: true },
      {
        id: 'deed',
        name: '房屋证明',
        originals: 0,
        copies: 1,
        origin: 'brought',
        required: true,
        tolerated: { days: 5, dayType: 'working' },
        when: { question: 'kind', is: ['house'] },
      },
      {
        id: 'map',
        name: '土地图',
        originals: 1,
        copies: 0,
        origin: 'brought',
        required: true,
        when: { not: { question: 'kind', is: ['house'] } },
      },
      { id: 'extra', name: '补充说明', originals: 1, copies: 0, origin: 'brought', required: false },
    ],
    formGroups: [
      { id: 'person', title: '申请人' },
      { id: 'more', title: '其他' },
    ],
    form: [
      field('name', 'person', true, [{ from: 'card', field: 'name' }, { from: 'case' }]),
      field('idNumber', 'person', true, [{ from: 'card', field: 'number' }]),
      field('sex', 'person', true, [{ from: 'card', field: 'sexName' }]),
      field('ethnicity', 'person', false, [{ from: 'card', field: 'ethnicityName' }, { from: 'case' }]),
      field('birth', 'person', true, [{ from: 'card', field: 'birth' }], {
        schema: { type: 'string', format: 'date' },
      }),
      field('address', 'person', true, [{ from: 'card', field: 'address' }, { from: 'case' }]),
      field('validity', 'person', false, [{ from: 'card', field: 'validity' }]),
      field('phone', 'more', true, [{ from: 'case' }], { schema: { type: 'string', format: 'mobile' } }),
      field('kind', 'more', true, [{ from: 'answer', question: 'kind' }]),
      field(
        'lift',
        'more',
        true,
        [{ from: 'answer', question: 'floor', map: { lift: '是', stairs: '否' } }],
        {
          when: { question: 'kind', is: ['house'] },
        },
      ),
      field('area', 'more', true, [], { when: { question: 'kind', is: ['house'] } }),
      field('law', 'more', true, [{ from: 'rule', value: '测试法' }]),
      field('remark', 'more', false, []),
    ],
    checked: 'general-knowledge',
    checkedNote: '测试用',
    ...change,
  };
}

function field(
  id: string,
  group: string,
  required: boolean,
  fill: Item['form'][number]['fill'],
  more: Partial<Item['form'][number]> = {},
): Item['form'][number] {
  return { id, title: id, group, schema: { type: 'string', maxLength: 100 }, required, fill, ...more };
}
