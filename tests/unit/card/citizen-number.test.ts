import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { citizenCheckCharacter, foreignCheckDigit } from '../../../shared/domain/card/check-digits.ts';
import {
  checkCitizenNumber,
  completeCitizenNumber,
  upgradeCitizenNumber,
} from '../../../shared/domain/card/citizen-number.ts';

describe('citizen numbers', () => {
  it.each(['110101190001017777', '820000190001017772', '830000190001017774', '11010119000101009X'])(
    'the invented number %s has a right check character and says when its person was born',
    (number) => {
      expect(checkCitizenNumber(number)).toMatchObject({ number, birth: '1900-01-01', problems: [] });
    },
  );

  it('any other check character is noticed', () => {
    for (const wrong of '0123456789X'.replace('7', '')) {
      expect(checkCitizenNumber('11010119000101777' + wrong).problems).toEqual(['check-digit']);
    }
  });

  it('one wrong digit or two swapped neighbours are always noticed', () => {
    const digits17 = fc.stringMatching(/^[1-6]\d{16}$/);
    fc.assert(
      fc.property(digits17, fc.nat(16), fc.integer({ min: 1, max: 9 }), (first17, at, shift) => {
        const number = completeCitizenNumber(first17);
        const changed =
          number.slice(0, at) + String((Number(number[at]) + shift) % 10) + number.slice(at + 1);
        expect(checkCitizenNumber(changed).problems).toContain('check-digit');
        const next = at + 1;
        if (next < 17 && number[at] !== number[next]) {
          const swapped =
            number.slice(0, at) + number.charAt(next) + number.charAt(at) + number.slice(next + 1);
          expect(checkCitizenNumber(swapped).problems).toContain('check-digit');
        }
      }),
    );
  });

  it('tells the permits of Hong Kong, Macao and Taiwan residents from citizen numbers', () => {
    expect(checkCitizenNumber('110101190001017777').kind).toBe('citizen');
    expect(checkCitizenNumber('820000190001017772').kind).toBe('permit');
    expect(checkCitizenNumber('830000190001017774').kind).toBe('permit');
    expect(checkCitizenNumber(completeCitizenNumber('81000019000101001')).kind).toBe('permit');
  });

  it('compares birth and sex with what the card says', () => {
    expect(checkCitizenNumber('110101190001017777', { birth: '1900-01-01', sex: '1' }).problems).toEqual([]);
    expect(checkCitizenNumber('110101190001017777', { birth: '1900-01-02', sex: '2' }).problems).toEqual([
      'birth-differs',
      'sex-differs',
    ]);
  });

  it('does not take an unknown sex for the other sex', () => {
    for (const sex of ['0', '9', '', 'M']) {
      expect(checkCitizenNumber('110101190001017777', { sex }).problems).toEqual([]);
    }
  });

  it('names a region that is no province and a birth that is no day', () => {
    expect(checkCitizenNumber(completeCitizenNumber('19010119000101777')).problems).toEqual(['region']);
    expect(checkCitizenNumber(completeCitizenNumber('11010119000230777')).problems).toEqual(['birth']);
  });

  it('takes numbers as people type them', () => {
    expect(checkCitizenNumber(' 110101 19000101 009x ').number).toBe('11010119000101009X');
    expect(checkCitizenNumber('11010119000101777７').problems).toEqual([]);
  });

  it('brings 15 digits to 18', () => {
    expect(upgradeCitizenNumber('110101000101777')).toBe('110101190001017777');
    expect(checkCitizenNumber('110101000101777')).toEqual({
      kind: 'citizen-15',
      number: '110101190001017777',
      birth: '1900-01-01',
      sex: '1',
      problems: [],
    });
    expect(upgradeCitizenNumber('11010100010177')).toBeNull();
  });

  it('knows that sequence 996 to 999 of the old form were born in the eighteen hundreds', () => {
    expect(upgradeCitizenNumber('110101880101996')?.slice(6, 14)).toBe('18880101');
    expect(upgradeCitizenNumber('110101880101995')?.slice(6, 14)).toBe('19880101');
  });

  it('never throws and never finds a shape in garbage', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (garbage) => {
        expect(() => checkCitizenNumber(garbage)).not.toThrow();
      }),
    );
    expect(checkCitizenNumber('张三').problems).toEqual(['shape']);
    expect(citizenCheckCharacter('1101011900010177')).toBeNull();
    expect(() => completeCitizenNumber('1')).toThrow(RangeError);
  });
});

describe('numbers of foreign permanent residents', () => {
  it('2017: the published specimen and the invented vector pass, an altered specimen does not', () => {
    expect(checkCitizenNumber('CAN110081080310').problems).toEqual([]);
    expect(checkCitizenNumber('PAK110000010118', { birth: '1900-01-01' }).problems).toEqual([]);
    expect(checkCitizenNumber('CAN110081080319').problems).toEqual(['check-digit']);
    expect(foreignCheckDigit('PAK11000001011')).toBe('8');
  });

  it('2017: the birth is compared by its six digits and never told, because the century is not written', () => {
    expect(checkCitizenNumber('PAK110000010118').birth).toBe('');
    expect(checkCitizenNumber('PAK110000010118', { birth: '1901-01-01' }).problems).toEqual([
      'birth-differs',
    ]);
  });

  it('2023: the published specimen passes with its birth', () => {
    expect(checkCitizenNumber('931586198001010028', { birth: '1980-01-01', sex: '2' })).toEqual({
      kind: 'foreign-2023',
      number: '931586198001010028',
      birth: '1980-01-01',
      sex: '2',
      problems: [],
    });
  });
});
