import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeCardBytes } from '../../../electron/core/id-card/decode.ts';
import { encodeReply } from '../../../electron/core/id-card/sam-frame.ts';
import { demoPeople, demoPerson } from '../../fixtures/cards.ts';
import { hexOf } from './hex.ts';

const frameOf = (id: string): Uint8Array => {
  const { text, photo } = demoPerson(id);
  return encodeReply({ sw1: 0, sw2: 0, sw3: 0x90, data: Uint8Array.of(1, 0, 4, 0, ...text, ...photo) });
};

describe('what a dump is', () => {
  it('a request, in any way of writing hex', () => {
    for (const hex of [
      'AA AA AA 96 69 00 03 20 01 22',
      'aaaaaa966900032001 22',
      '0xAA,0xAA,0xAA,0x96,0x69,0,03,20,01,22'.replace(',0,', ',00,'),
    ]) {
      expect(describeCardBytes(hex)).toEqual({
        kind: 'request',
        bytes: 10,
        command: 'find',
        checksum: 'right',
      });
    }
    expect(describeCardBytes('AA AA AA 96 69 00 04 61 FF 50 CA')).toMatchObject({
      kind: 'request',
      command: 'setMaxRf',
    });
    expect(describeCardBytes('AA AA AA 96 69 00 03 20 01 23')).toMatchObject({ checksum: 'wrong' });
  });

  it('a reply with its meaning, also inside a report', () => {
    expect(describeCardBytes('AA AA AA 96 69 00 04 00 00 66 62')).toEqual({
      kind: 'reply',
      bytes: 11,
      status: '66',
      meaning: 'the SAM is not authorised',
      dataBytes: 0,
    });
    const report = 'AA 00 00 12 00 00 00 00 AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97 4D 04';
    expect(describeCardBytes(report)).toMatchObject({ kind: 'reply', status: '9F', dataBytes: 4 });
  });

  it('a base read with its document masked', () => {
    expect(describeCardBytes(hexOf(frameOf('jia')), '2026-03-02')).toEqual({
      kind: 'reply',
      bytes: 1295,
      status: '90',
      meaning: 'done',
      dataBytes: 1284,
      document: {
        type: 'resident',
        typeName: '居民身份证',
        typeCode: ' ',
        name: '测**',
        number: '1101****7777',
        birthYear: '1900',
        addressLength: 11,
        validFrom: '2020-01-01',
        validTo: '长期',
        warnings: [],
      },
      photoBytes: 1024,
      fingerprintBytes: 0,
    });
  });

  it('a text record alone', () => {
    expect(describeCardBytes(demoPerson('expired').text, '2026-03-02')).toMatchObject({
      kind: 'text',
      document: { warnings: ['expired'] },
    });
  });

  it('no number, name, address or day of birth comes out', () => {
    for (const { id, text } of demoPeople()) {
      const said = JSON.stringify([describeCardBytes(frameOf(id)), describeCardBytes(text)]);
      expect(said).not.toMatch(/\d{15}|测试路|演示路|1900-01-01|测试甲|TEST, SAMPLE/);
    }
  });

  it('anything else is unrecognised, and nothing throws', () => {
    expect(describeCardBytes('hello')).toMatchObject({ kind: 'unrecognised', reason: 'not hex digits' });
    expect(describeCardBytes('')).toMatchObject({ kind: 'unrecognised' });
    expect(describeCardBytes('AA AA AA 96 69 05 08 00 00 90')).toMatchObject({
      reason: 'not a whole frame (incomplete)',
    });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void describeCardBytes(bytes)));
    fc.assert(fc.property(fc.string(), (text) => void describeCardBytes(text)));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (rest) => {
        describeCardBytes(Uint8Array.of(0xaa, 0xaa, 0xaa, 0x96, 0x69, ...rest));
      }),
    );
  });
});
