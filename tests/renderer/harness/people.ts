import type { CardDocument } from '../../../shared/domain/card/document.ts';
import { completeCitizenNumber } from '../../../shared/domain/card/citizen-number.ts';

const person = (more: Partial<CardDocument>): CardDocument => ({
  type: 'resident',
  typeCode: ' ',
  name: '',
  latinName: '',
  sex: '1',
  ethnicity: '01',
  birth: '',
  address: '',
  number: '',
  issuer: '演示市公安局城东分局',
  validFrom: '2016-03-01',
  validTo: '2036-03-01',
  longTerm: false,
  nationality: 'CHN',
  passNumber: '',
  issueCount: '',
  latestAddress: '',
  warnings: [],
  ...more,
});

/** Invented people with valid check digits. */
export const PEOPLE: Record<string, { label: string; document: CardDocument }> = {
  jia: {
    label: '测试甲 · 男 · 长期',
    document: person({
      name: '测试甲',
      birth: '1990-01-01',
      number: completeCitizenNumber('11010119900101777'),
      address: '浙江省演示市城东区人民路 18 号 3 幢 2 单元 501 室',
      longTerm: true,
      validTo: '',
    }),
  },
  yi: {
    label: '欧阳测试乙 · 女 · 过期',
    document: person({
      name: '欧阳测试乙',
      sex: '2',
      ethnicity: '05',
      birth: '1985-06-15',
      number: completeCitizenNumber('33010219850615002'),
      address: '新疆维吾尔自治区伊犁哈萨克自治州演示县阿热勒托别镇库尔德宁村三组 27 号',
      validTo: '2024-03-01',
      warnings: ['expired'],
    }),
  },
  bing: {
    label: '阿依古丽·演示 · 女',
    document: person({
      name: '阿依古丽·演示',
      sex: '2',
      ethnicity: '05',
      birth: '2001-11-30',
      number: completeCitizenNumber('65010220011130004'),
      address: '新疆维吾尔自治区乌鲁木齐市演示区团结路 9 号',
    }),
  },
};
