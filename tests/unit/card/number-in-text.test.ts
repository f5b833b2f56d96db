import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completeCitizenNumber } from '../../../shared/domain/card/citizen-number.ts';
import { numberInText } from '../../../shared/domain/card/number-in-text.ts';

const JIA = '110101190001017777';
const WU = '11010119000101009X';

const citizens = fc
  .tuple(
    fc.constantFrom('110101', '330114', '440310', '652902', '820000'),
    fc.date({ min: new Date('1900-01-01'), max: new Date('2026-01-01'), noInvalidDate: true }),
    fc.integer({ min: 0, max: 999 }),
  )
  .map(([region, birth, sequence]) =>
    completeCitizenNumber(
      region + birth.toISOString().slice(0, 10).replaceAll('-', '') + String(sequence).padStart(3, '0'),
    ),
  );

describe('the number in what was read off a picture', () => {
  it('is found among other lines, in pieces, with letters taken for digits', () => {
    for (const text of [
      JIA,
      `姓名 测试甲\n公民身份号码 ${JIA}\n`,
      '110101 1900 0101 7777',
      '11O1O1l9000lO17777',
      '１１０１０１１９０００１０１７７７７',
      `  48 ${JIA} .`,
      '110101-19000101-7777',
    ])
      expect(numberInText(text), text).toEqual({ number: JIA, certain: true });
    for (const text of [WU, '11010119000101009x', '11010119000101009×', '1101O119OOO1O1OO9 X'])
      expect(numberInText(text), text).toEqual({ number: WU, certain: true });
  });

  it('is found when the label before it was taken for digits', () => {
    expect(numberInText(`4888 ${JIA}`)).toEqual({ number: JIA, certain: true });
  });

  it('is only a guess when its check digit, its day or its province does not hold', () => {
    for (const wrong of [
      '110101190001017778',
      '110101190013017777',
      completeCitizenNumber('00010119000101777'),
    ])
      expect(numberInText(wrong)).toEqual({ number: wrong, certain: false });
  });

  it('is only a guess when two different ones hold', () => {
    expect(numberInText(`${JIA}\n${WU}`).certain).toBe(false);
    expect(numberInText(`${JIA}\n${JIA}`).certain).toBe(true);
  });

  it('is the longest run of digits when nothing holds, and nothing when there is none', () => {
    expect(numberInText('12345\n11010119000101777\n1')).toEqual({
      number: '11010119000101777',
      certain: false,
    });
    for (const nothing of ['', '姓名', '2026-07-01', 'XXXXXXXXXXXXXXXXXX'])
      expect(numberInText(nothing)).toEqual({ number: '', certain: false });
  });

  it('never throws, and never calls something certain that does not hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('0123456789XOl \n姓')) }), (text) => {
        const { number, certain } = numberInText(text);
        if (certain) expect(completeCitizenNumber(number.slice(0, 17))).toBe(number);
      }),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void numberInText(text)));
  });

  it('finds every sound number whatever blanks and letters stand for its digits', () => {
    const confused: Record<string, string> = { '0': 'O', '1': 'l', '2': 'Z', '5': 'S', '8': 'B', X: 'x' };
    fc.assert(
      fc.property(citizens, fc.array(fc.boolean(), { minLength: 18, maxLength: 18 }), (number, wild) => {
        const read = Array.from(number).map((digit, i) => (wild[i] ? ` ${confused[digit] ?? digit}` : digit));
        expect(numberInText(`号码 ${read.join('')}`)).toEqual({ number, certain: true });
      }),
    );
  });

  it('never takes one misread digit for certain', () => {
    fc.assert(
      fc.property(citizens, fc.nat(16), fc.integer({ min: 1, max: 9 }), (number, at, by) => {
        const digit = String((Number(number[at]) + by) % 10);
        const read = number.slice(0, at) + digit + number.slice(at + 1);
        expect(numberInText(read).certain).toBe(false);
      }),
    );
  });
});
