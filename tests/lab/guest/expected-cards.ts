import { createHash } from 'node:crypto';
import type { CardDocument } from '../../../shared/domain/card/document.ts';
import { demoPeople } from '../../../electron/adapters/simulated/card-reader/people.ts';

/**
 * What the driver must tell of the cards the lab lays down, written out by hand: computed from the same table
 * as the card, a mistake in the table would agree with itself.
 */
export const EXPECTED: Readonly<Record<string, Partial<CardDocument>>> = {
  jia: {
    type: 'resident',
    name: '测试甲',
    latinName: '',
    sex: '1',
    ethnicity: '01',
    birth: '1900-01-01',
    address: '北京市东城区测试路1号',
    number: '110101190001017777',
    issuer: '测试签发机关',
    validFrom: '2020-01-01',
    validTo: '',
    longTerm: true,
    nationality: 'CHN',
    latestAddress: '',
  },
  yi: {
    type: 'resident',
    name: '测试乙',
    sex: '2',
    ethnicity: '01',
    birth: '1988-06-15',
    address: '北京市延庆区演示街2号',
    number: '110119198806150022',
    issuer: '演示签发机关',
    validFrom: '2019-03-20',
    validTo: '2039-03-20',
    longTerm: false,
    latestAddress: '浙江省杭州市临平区演示大道88号3幢2单元601室',
  },
  rare: {
    type: 'resident',
    name: '演示𠮷䶮㼆',
    sex: '1',
    ethnicity: '11',
    address: '广东省深圳市坪山区演示路3号',
    validFrom: '2018-05-08',
    validTo: '2038-05-08',
  },
  taiwan: {
    type: 'hmt',
    name: '测试庚',
    sex: '1',
    birth: '1900-01-01',
    number: '830000190001017774',
    passNumber: '00000001',
    issueCount: '02',
    validFrom: '2024-06-01',
    validTo: '2029-06-01',
  },
};

/** @throws Error naming the first field that differs; the values are of invented people */
export function mustBe(document: CardDocument, id: string): void {
  const expected = EXPECTED[id];
  if (!expected) throw new Error(`no expectation for ${id}`);
  for (const [field, value] of Object.entries(expected)) {
    const read: unknown = document[field as keyof CardDocument];
    if (read !== value)
      throw new Error(`${id}.${field}: read "${String(read)}", expected "${String(value)}"`);
  }
}

/** SHA-256 of the data of `30 10`: lengths, text, photo and templates of two fingers. */
export function expectedFingerprintAnswer(id: string): { length: number; sha256: string } {
  const card = demoPeople().find((person) => person.id === id);
  if (!card) throw new Error(`no card ${id}`);
  const data = Buffer.concat([Buffer.from('010004000400', 'hex'), card.text, card.photo, card.fingerprint]);
  return { length: data.length, sha256: sha256(data) };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
