import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rareCharactersOf, unifyMiddleDots } from '../../../shared/domain/card/name-text.ts';

describe('dots in names', () => {
  it('become the one that belongs there', () => {
    for (const dot of ['\u2022', '\u30fb', '\uff0e', '\u2027', '\u2219', '\u22c5', '\uff65', '\u00b7']) {
      expect(unifyMiddleDots(`古丽${dot}测试`)).toBe('古丽\u00b7测试');
    }
  });

  it('a full stop between Latin words stays', () => {
    expect(unifyMiddleDots('SAMPLE, T. R.')).toBe('SAMPLE, T. R.');
  });
});

describe('characters that a screen may not have', () => {
  it('are listed with their places', () => {
    expect(rareCharactersOf('演𠮷\ue863\ufffd\u{f0001}员')).toEqual([
      { character: '𠮷', at: 1, kind: 'supplementary' },
      { character: '\ue863', at: 3, kind: 'private-use' },
      { character: '\ufffd', at: 4, kind: 'damaged' },
      { character: '\u{f0001}', at: 5, kind: 'private-use' },
    ]);
    expect(rareCharactersOf('演示·䶮㼆')).toEqual([]);
  });

  it('the places are right whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const { character, at } of rareCharactersOf(text)) {
          expect(text.startsWith(character, at)).toBe(true);
        }
      }),
    );
  });
});
