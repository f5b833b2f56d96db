import { completeCitizenNumber } from '../../shared/domain/card/citizen-number.ts';
import type { CardRead } from '../../shared/contract/card.ts';
import type { CardDocument } from '../../shared/domain/card/document.ts';

/** Invented people with valid check digits. */
export const JIA = person('测试甲', completeCitizenNumber('11010119900101777'), '1990-01-01');
export const YI = person('测试乙', completeCitizenNumber('33010219850615002'), '1985-06-15');

function person(name: string, number: string, birth: string): CardDocument {
  return {
    type: 'resident',
    typeCode: ' ',
    name,
    latinName: '',
    sex: '1',
    ethnicity: '01',
    birth,
    address: '演示省演示市测试路 1 号',
    number,
    issuer: '演示市公安局',
    validFrom: '2016-03-01',
    validTo: '2036-03-01',
    longTerm: false,
    nationality: 'CHN',
    passNumber: '',
    issueCount: '',
    latestAddress: '',
    warnings: [],
  };
}

let serial = 0;
export const readOf = (document: CardDocument): CardRead => ({
  readId: `read-${++serial}`,
  document,
  lastByteAt: Date.now(),
});
