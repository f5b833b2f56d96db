import type { CardDocument } from '../../../shared/domain/card/document.ts';
import type { FieldRecord, FieldRecords, ValueSource } from '../../../shared/domain/form/field-record.ts';

/** An invented person with a valid check digit. */
export function sampleCard(change: Partial<CardDocument> = {}): CardDocument {
  return {
    type: 'resident',
    typeCode: ' ',
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
    passNumber: '',
    issueCount: '',
    latestAddress: '',
    warnings: [],
    ...change,
  };
}

export function record(
  value: string,
  source: ValueSource = 'clerk',
  more: Partial<FieldRecord> = {},
): FieldRecord {
  return { value, source, sourceDate: '2025-03-02', sourceRef: '', acceptedBy: 'clerk-0', ...more };
}

/** The form of an earlier case. */
export function records(values: Record<string, string>): FieldRecords {
  return Object.fromEntries(Object.entries(values).map(([id, value]) => [id, record(value)]));
}
