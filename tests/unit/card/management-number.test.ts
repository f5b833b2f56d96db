import { describe, expect, it } from 'vitest';
import { parseManagementNumber } from '../../../shared/domain/card/management-number.ts';

const bytes = Uint8Array.from({ length: 28 }, (_, i) => i + 1);

describe('the management number of a card', () => {
  it('is IIN, SN and DN', () => {
    expect(parseManagementNumber(bytes)).toEqual({
      iin: '01020304',
      sn: '05060708090A0B0C',
      dn: '0D0E0F101112131415161718191A1B1C',
    });
  });

  it('comes without the IIN from some readers', () => {
    expect(parseManagementNumber(bytes.subarray(4))).toEqual({
      iin: '',
      sn: '05060708090A0B0C',
      dn: '0D0E0F101112131415161718191A1B1C',
    });
  });

  it('zeros say nothing', () => {
    expect(parseManagementNumber(new Uint8Array(28))).toEqual({ iin: '', sn: '', dn: '' });
  });

  it('has no other length', () => {
    for (const length of [0, 16, 23, 25, 27, 29]) {
      expect(parseManagementNumber(new Uint8Array(length))).toBeNull();
    }
  });
});
