import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFingerprints } from '../../../shared/domain/card/fingerprint.ts';
import { demoPerson } from '../../fixtures/cards.ts';

/** A template with a recognisable inside, so that any of it in a result would be seen. */
function template(...head: number[]): Uint8Array {
  const bytes = new Uint8Array(512).fill(0xa5);
  bytes.set(head);
  return bytes;
}

describe('the fingerprint file of a card', () => {
  it('is empty on cards from before 2013', () => {
    expect(parseFingerprints(new Uint8Array())).toEqual([]);
  });

  it('says which fingers were taken and how well', () => {
    expect(parseFingerprints(demoPerson('yi').fingerprint)).toEqual([
      {
        result: 'registered',
        resultCode: 1,
        fingerCode: 11,
        fingerName: '右手拇指',
        hand: 'right',
        quality: 60,
        problems: [],
      },
      {
        result: 'registered',
        resultCode: 1,
        fingerCode: 16,
        fingerName: '左手拇指',
        hand: 'left',
        quality: 60,
        problems: [],
      },
    ]);
  });

  it.each([
    [11, '右手拇指'],
    [12, '右手食指'],
    [13, '右手中指'],
    [14, '右手环指'],
    [15, '右手小指'],
    [16, '左手拇指'],
    [20, '左手小指'],
    [97, '右手不确定指位'],
    [98, '左手不确定指位'],
    [99, '其他不确定指位'],
  ])('finger %i is %s', (code, name) => {
    expect(parseFingerprints(template(0x43, 1, 0, 0, 1, code, 1))).toMatchObject([
      { fingerCode: code, fingerName: name, problems: [] },
    ]);
  });

  it('keeps codes outside the tables and says so', () => {
    expect(parseFingerprints(template(0x43, 1, 0, 0, 7, 21, 101))).toMatchObject([
      {
        result: null,
        resultCode: 7,
        fingerCode: 21,
        fingerName: null,
        hand: null,
        quality: null,
        problems: ['result', 'finger', 'quality'],
      },
    ]);
    expect(parseFingerprints(template(0x41, 1, 0, 0, 1, 11, 0))).toMatchObject([
      { quality: null, problems: ['head'] },
    ]);
  });

  it.each([
    [2, 'failed'],
    [3, 'not-registered'],
    [9, 'unknown'],
  ])('registration result %i is %s', (code, result) => {
    expect(parseFingerprints(template(0x43, 1, 0, 0, code, 97, 0))).toMatchObject([{ result, problems: [] }]);
  });

  it('a finger that was not taken needs no name', () => {
    expect(parseFingerprints(template(0x43, 1, 0, 0, 3, 0, 0))).toMatchObject([
      { result: 'not-registered', problems: [] },
    ]);
  });

  it('tells blank and cut templates', () => {
    expect(parseFingerprints(new Uint8Array(512))).toMatchObject([{ problems: ['blank'] }]);
    expect(parseFingerprints(new Uint8Array(512).fill(0x20))).toMatchObject([{ problems: ['blank'] }]);
    expect(parseFingerprints(template(0x43, 1, 0, 0, 1, 11, 50).subarray(0, 100))).toMatchObject([
      { fingerCode: 11, problems: ['cut'] },
    ]);
  });

  it('never throws, and nothing of the template is in the result', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1100 }), (bytes) => {
        const summaries = parseFingerprints(bytes);
        expect(summaries).toHaveLength(Math.ceil(bytes.length / 512));
        for (const summary of summaries) {
          expect(Object.keys(summary).sort()).toEqual(
            ['fingerCode', 'fingerName', 'hand', 'problems', 'quality', 'result', 'resultCode'].sort(),
          );
        }
      }),
    );
    expect(JSON.stringify(parseFingerprints(template(0x43, 1, 0, 0, 1, 11, 50)))).not.toContain('165');
  });
});
