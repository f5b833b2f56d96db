import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskIdNumber, maskName, maskPhone, maskText } from '../../../shared/domain/masking/mask.ts';

describe('a masked name', () => {
  it.each([
    ['张三', '张*'],
    ['测试甲', '测**'],
    ['欧阳震华', '欧阳**'],
    ['欧阳', '欧*'],
    ['司马光', '司马*'],
    ['阿依古丽·买买提', '阿***·***'],
    ['SMITH, JOHN', 'S****, ****'],
    ['𠮷田', '𠮷*'],
    ['葛\u{E0100}某', '葛\u{E0100}*'],
    ['甲', '*'],
    ['  ', ''],
    ['', ''],
  ])('turns %s into %s', (name, masked) => {
    expect(maskName(name)).toBe(masked);
  });

  it('keeps at most two characters of a name without separators', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\u4e00-\u9fa5]{1,20}$/), (name) => {
        const kept = maskName(name).replace(/\*/g, '');
        expect(kept.length).toBeLessThanOrEqual(2);
        expect(name.length === 1 ? kept : 'x').not.toBe(name);
        expect(maskName(name)).toHaveLength(name.length);
      }),
    );
  });
});

describe('a masked number', () => {
  it.each([
    ['110101190001017777', '1101****7777'],
    ['11010119000101009X', '1101****009X'],
    ['PAK110000010118', 'PAK1****0118'],
    ['H12345678', 'H1****78'],
    ['12345678', '12****78'],
    ['12345', '****45'],
    ['123', '****'],
    ['', ''],
  ])('turns %s into %s', (number, masked) => {
    expect(maskIdNumber(number)).toBe(masked);
  });

  it('never shows more than eight characters, and for short ones never more than half', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9A-Z]{1,30}$/), (number) => {
        const shown = maskIdNumber(number).replace(/\*/g, '').length;
        expect(shown).toBeLessThanOrEqual(Math.min(8, Math.ceil(number.length * 0.54)));
      }),
    );
  });
});

describe('a masked telephone number', () => {
  it.each([
    ['13800001111', '138****1111'],
    ['+86 138-0000-1111', '138****1111'],
    ['１３８００００１１１１', '138****1111'],
    ['0571-88880000', '****00'],
    ['120', '****'],
    ['none', '****'],
    ['', ''],
  ])('turns %s into %s', (phone, masked) => {
    expect(maskPhone(phone)).toBe(masked);
  });
});

describe('masked text', () => {
  it.each([
    ['read 110101190001017777 ok', 'read 1101****7777 ok'],
    [
      '{"number":"11010119000101009X","birth":"1900-01-01"}',
      '{"number":"1101****009X","birth":"1900-01-01"}',
    ],
    ['号码110101190001017777已读', '号码1101****7777已读'],
    ['１１０１０１１９０００１０１７７７７', '１１０１****７７７７'],
    ['110101 19000101 7777', '1101****7777'],
    ['old 110101000101777 here', 'old 1101****1777 here'],
    ['permit 931586198001010028', 'permit 9315****0028'],
    ['permit PAK110000010118.', 'permit PAK1****0118.'],
    ['pass H12345678 / M1234567801', 'pass H1****78 / M1****01'],
    ['台胞证12345678', '台胞证12****78'],
    ['"passNumber": "12345678"', '"passNumber": "12****78"'],
    ['passport E12345678, EA1234567', 'passport E1****78, EA****67'],
    ['tel 13800001111', 'tel 138****1111'],
    ['tel +86 138 0000 1111', 'tel 138****1111'],
    ['tel:8613800001111;', 'tel:138****1111;'],
    ['card 6222020000000000000', 'card 6222****0000'],
    ['card 6222 0200 0000 0000 000', 'card 6222****0000'],
    ['/person/110101190001017777/x?tel=13800001111', '/person/1101****7777/x?tel=138****1111'],
  ])('%s → %s', (text, masked) => {
    expect(maskText(text)).toBe(masked);
  });

  it.each([
    '2026-11-21T10:43:00.123+08:00',
    'at 1795228980123 took 20 ms',
    'case 330102-20261121-A-0007',
    'ticket/20261121-A017',
    'COM3 115200 baud, VID 0400 PID C35A',
    'free 64000000 bytes',
    'ID_CARD_TIMEOUT after 5000 ms',
    '',
  ])('leaves %s as it is', (text) => {
    expect(maskText(text)).toBe(text);
  });

  const secret = fc.oneof(
    fc.stringMatching(/^[1-9][0-9]{16}[0-9X]$/),
    fc.stringMatching(/^[1-9][0-9]{14}$/),
    fc.stringMatching(/^[A-Z]{3}[0-9]{12}$/),
    fc.stringMatching(/^[HM][0-9]{8}$/),
    fc.stringMatching(/^1[3-9][0-9]{9}$/),
    fc.stringMatching(/^62[0-9]{14,17}$/),
  );
  const between = fc.constantFrom(' ', '"', ',', ':', '=', '，', '号码', '\n', '/', '&', '(', ')');

  it('shows no number of a person, wherever it stands between other text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(between, secret), { minLength: 1, maxLength: 6 }),
        between,
        (parts, end) => {
          const masked = maskText(parts.map(([gap, number]) => gap + number).join('') + end);
          for (const [, number] of parts) expect(masked).not.toContain(number);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('shows no citizen number even when other digits are glued to it', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[0-9a-z]{0,12}$/),
        fc.stringMatching(/^[0-9a-z]{0,12}$/),
        (left, right) => {
          expect(maskText(left + '110101190001017777' + right)).not.toContain('19000101');
        },
      ),
    );
  });

  it('changes nothing when it is done twice, and never throws', () => {
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9X A-H\-*号码:]{0,60}$/));
    fc.assert(
      fc.property(anything, (text) => {
        const once = maskText(text);
        expect(maskText(once)).toBe(once);
      }),
      { numRuns: 1000 },
    );
  });
});
