import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bigintArray, textArray } from '../../server/store/binary-array.ts';
import { nativeHashText, nativeNextStreamHash } from '../../server/store/native-hash.ts';
import { hashText, nextStreamHash } from '../../shared/sync/hash.ts';

describe('what a push is made of', () => {
  it('the server’s hashes are those of everybody else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(nativeHashText(a)).toBe(hashText(a));
        expect(nativeNextStreamHash(hashText(a), hashText(b))).toBe(nextStreamHash(hashText(a), hashText(b)));
      }),
      { numRuns: 50 },
    );
  });

  it('columns are written as PostgreSQL reads them', () => {
    expect(textArray(['a', '长']).toString('hex')).toBe(
      '00000001' +
        '00000000' +
        '00000019' +
        '00000002' +
        '00000001' +
        '00000001' +
        '61' +
        '00000003' +
        'e995bf',
    );
    expect(
      bigintArray([2 ** 40])
        .subarray(20)
        .toString('hex'),
    ).toBe('00000008' + '0000010000000000');
    expect(textArray([])).toHaveLength(12);
  });
});
