import { describe, expect, it } from 'vitest';
import { ageOn, displayName, validityText } from '../../../shared/domain/card/card-summary.ts';
import {
  documentTypeCode,
  documentTypeName,
  ethnicities,
  ethnicityName,
  sexName,
} from '../../../shared/domain/card/code-tables.ts';

describe('code tables', () => {
  it('has the 56 ethnic groups in the order of GB/T 3304, and the two other codes', () => {
    expect(ethnicities()).toHaveLength(58);
    expect(['01', '05', '15', '22', '31', '45', '56', '97', '98'].map(ethnicityName)).toEqual([
      '汉',
      '维吾尔',
      '土家',
      '畲',
      '达斡尔',
      '鄂温克',
      '基诺',
      '其他',
      '外国血统中国籍人士',
    ]);
  });

  it('gives no name to a code it does not know', () => {
    expect(['00', '57', '58', '81', '99', '1', '', 'xx'].map(ethnicityName)).toEqual(Array(8).fill(null));
    expect(['3', '', ' ', 'toString'].map(sexName)).toEqual(Array(4).fill(null));
  });

  it('keeps the two unknown sexes apart from male and female', () => {
    expect(['0', '1', '2', '9'].map(sexName)).toEqual(['未知的性别', '男', '女', '未说明的性别']);
  });

  it('names the documents and their codes', () => {
    expect(documentTypeName('resident')).toBe('居民身份证');
    expect(documentTypeName('hmt')).toBe('港澳台居民居住证');
    expect(documentTypeName('foreign-2023')).toBe('外国人永久居留身份证');
    expect(documentTypeCode('resident')).toBe('111');
    expect(documentTypeCode('foreign-2017')).toBe('553');
    expect(documentTypeCode('hmt')).toBe('990');
  });
});

describe('what a document says in short', () => {
  it('writes the validity as the card does', () => {
    expect(validityText({ validFrom: '2020-01-01', validTo: '2040-01-01', longTerm: false })).toBe(
      '2020.01.01-2040.01.01',
    );
    expect(validityText({ validFrom: '2020-01-01', validTo: '', longTerm: true })).toBe('2020.01.01-长期');
    expect(validityText({ validFrom: '', validTo: '', longTerm: false })).toBe('');
  });

  it('calls a foreigner without a Chinese name by the Latin one', () => {
    expect(displayName({ name: '', latinName: 'TEST, SAMPLE' })).toBe('TEST, SAMPLE');
    expect(displayName({ name: '测试丙', latinName: 'TEST, SAMPLE' })).toBe('测试丙');
  });

  it('counts full years', () => {
    expect(ageOn('1956-05-02', '2026-05-01')).toBe(69);
    expect(ageOn('1956-05-02', '2026-05-02')).toBe(70);
    expect(ageOn('', '2026-05-02')).toBeNull();
  });
});
