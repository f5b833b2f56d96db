import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeAppendedAddresses, encodeCardText } from '../../../shared/domain/card/encode-card-text.ts';
import type { CardTextFields } from '../../../shared/domain/card/encode-card-text.ts';
import { parseCardText, parseLatestAddress } from '../../../shared/domain/card/parse-card-text.ts';
import { TEXT_LAYOUTS } from '../../../shared/domain/card/text-layout.ts';

const RESIDENT: CardTextFields = {
  type: 'resident',
  name: '测试甲',
  sex: '1',
  ethnicity: '01',
  birth: '1900-01-01',
  address: '北京市东城区测试路1号',
  number: '110101190001017777',
  issuer: '测试签发机关',
  validFrom: '2020-01-01',
  longTerm: true,
};
const FOREIGN_2017: CardTextFields = {
  type: 'foreign-2017',
  latinName: 'TEST, SAMPLE',
  sex: '1',
  number: 'PAK110000010118',
  nationality: 'PAK',
  name: '测试丙',
  validFrom: '2018-01-01',
  validTo: '2028-01-01',
  birth: '1900-01-01',
  cardVersion: '01',
  authorityCode: '1500',
};

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** Writes text into a record at a byte offset, without any table of ours. */
function put(record: Buffer, offset: number, text: string): void {
  record.write(text, offset, 'utf16le');
}

const blank = (): Buffer => Buffer.from(' '.repeat(128), 'utf16le');

describe('the text record of a card', () => {
  it('is written byte by byte as in the reference vectors', () => {
    expect(hash(encodeCardText(RESIDENT))).toBe('c6b4b2497f24ced1');
    expect(hash(encodeCardText(FOREIGN_2017))).toBe('0abe1d0de46e7b0f');
  });

  it('reads a resident card', () => {
    expect(parseCardText(encodeCardText(RESIDENT), '2026-01-01')).toEqual({
      ...RESIDENT,
      typeCode: ' ',
      latinName: '',
      validTo: '',
      nationality: 'CHN',
      passNumber: '',
      issueCount: '',
      latestAddress: '',
      warnings: [],
    });
  });

  it('reads a residence permit of a Hong Kong resident at the offsets of the standard', () => {
    const record = blank();
    put(record, 0, '测试乙');
    put(record, 30, '2');
    put(record, 36, '19000101');
    put(record, 52, '广东省深圳市测试路2号');
    put(record, 122, '820000190001017772');
    put(record, 158, '测试签发机关');
    put(record, 188, '20200101');
    put(record, 204, '20250101');
    put(record, 220, 'M00000001');
    put(record, 238, '01');
    put(record, 248, 'J');
    const document = parseCardText(record, '2024-12-31');
    expect(document).toMatchObject({
      type: 'hmt',
      typeCode: 'J',
      name: '测试乙',
      ethnicity: '',
      address: '广东省深圳市测试路2号',
      validTo: '2025-01-01',
      passNumber: 'M00000001',
      issueCount: '01',
      nationality: 'CHN',
    });
    // 777 is a man's sequence number.
    expect(document.warnings).toEqual(['number-sex-differs']);
  });

  it('reads a foreign card of 2017, whose Chinese name stands where others have the issuer', () => {
    const { longTerm, issuer, ...document } = parseCardText(encodeCardText(FOREIGN_2017), '2026-01-01');
    expect(document).toMatchObject(FOREIGN_2017);
    expect({ longTerm, issuer, warnings: document.warnings }).toEqual({
      longTerm: false,
      issuer: '',
      warnings: [],
    });
  });

  it('reads a foreign card of 2023 at the offsets of the standard, with a name that needs the second place', () => {
    const latinName = 'ZHENGJIAN, YANGBEN WITH A VERY LONG GIVEN NAME';
    const record = blank();
    put(record, 0, '证件样本');
    put(record, 30, '2');
    put(record, 32, '00');
    put(record, 36, '19800101');
    put(record, 52, latinName.slice(0, 35));
    put(record, 122, '931586198001010028');
    put(record, 188, '20230808');
    put(record, 204, '20330807');
    put(record, 220, latinName.slice(35));
    put(record, 242, 'PAK');
    put(record, 248, 'Y');
    put(record, 250, '000');
    expect(latinName.length).toBe(46);
    expect(parseCardText(record, '2026-01-01')).toMatchObject({
      type: 'foreign-2023',
      name: '证件样本',
      latinName,
      issueCount: '00',
      nationality: 'PAK',
      previousLink: '000',
      warnings: [],
    });
  });

  it('keeps a blank at the seam of the two places of a Latin name', () => {
    const latinName = 'A'.repeat(34) + ' ' + 'B'.repeat(11);
    expect(parseCardText(encodeCardText({ type: 'foreign-2023', latinName })).latinName).toBe(latinName);
  });

  it('a Latin name broken between two words is joined with one blank', () => {
    const record = Buffer.from(encodeCardText({ type: 'foreign-2023', latinName: 'YANSHI, CESHI' }));
    put(record, 220, 'ALEXANDRA');
    expect(parseCardText(record).latinName).toBe('YANSHI, CESHI ALEXANDRA');
  });

  it('keeps the whole text of a type it does not know', () => {
    const record = blank();
    put(record, 0, '测试丁');
    put(record, 248, 'K');
    const document = parseCardText(record, '2026-01-01');
    expect(document).toMatchObject({ type: 'unknown', typeCode: 'K', name: '', number: '', warnings: [] });
    expect(document.rawText).toBe(record.toString('utf16le'));
  });

  it('takes an empty type place for a resident card', () => {
    const record = Buffer.from(encodeCardText(RESIDENT));
    record.writeUInt16LE(0, 248);
    expect(parseCardText(record)).toMatchObject({ type: 'resident', typeCode: ' ', name: '测试甲' });
  });

  it('trims padding at the end only', () => {
    const address = '北京市 东城区 测试路 1号';
    expect(parseCardText(encodeCardText({ ...RESIDENT, address })).address).toBe(address);
    expect(parseCardText(encodeCardText({ ...RESIDENT, name: '测试\u3000\0' })).name).toBe('测试');
  });

  it('keeps rare characters of the supplementary planes', () => {
    const document = parseCardText(encodeCardText({ ...RESIDENT, name: '𠮷䶮㼆' }));
    expect(document.name).toBe('𠮷䶮㼆');
    expect(document.warnings).toEqual([]);
  });

  it('warns of a character of the private area and leaves it as it is', () => {
    const document = parseCardText(encodeCardText({ ...RESIDENT, name: '测\ue863' }));
    expect(document).toMatchObject({ name: '测\ue863', warnings: ['private-use-character'] });
    expect(parseCardText(encodeCardText({ ...RESIDENT, name: '测\u{f0001}' })).warnings).toEqual([
      'private-use-character',
    ]);
  });

  it('cuts a name as the chip does, and half a character left over is reported', () => {
    const document = parseCardText(encodeCardText({ ...RESIDENT, name: '一二三四五六七八九十一二三四𠮷' }));
    expect(document.name).toBe('一二三四五六七八九十一二三四');
    expect(document.warnings).toEqual(['bad-text']);
  });

  it('half characters and NULs never get out, since databases refuse them', () => {
    const name = '演\0示\udc00员\ud842';
    const document = parseCardText(encodeCardText({ ...RESIDENT, name }));
    expect(document.name).toBe('演\ufffd示\ufffd员');
    expect(document.warnings).toEqual(['bad-text']);
    const half = encodeCardText({ ...RESIDENT, address: '测试路\ud842' });
    expect(parseCardText(half)).toMatchObject({ address: '测试路', warnings: ['bad-text'] });
    expect(parseLatestAddress(encodeAppendedAddresses(['测试路\ud842']))).toBe('测试路');
  });

  it('two halves in two fields are no character', () => {
    const record = Buffer.from(encodeCardText({ ...RESIDENT, name: '一二三四五六七八九十一二三四\ud842' }));
    record.writeUInt16LE(0xdfb7, 30);
    expect(parseCardText(record)).toMatchObject({ sex: '\ufffd', warnings: ['bad-text'] });
  });

  it('whatever stands in the chip, every field can be stored as JSON in a database', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 256, maxLength: 256 }),
        fc.constantFrom('J', 'I', 'Y', ' '),
        (bytes, type) => {
          const record = Buffer.from(bytes);
          put(record, 248, type);
          const { rawText, ...document } = parseCardText(record);
          const json = JSON.stringify(document);
          expect(rawText).toBeUndefined();
          expect(json).not.toMatch(/\\u0000|\\ud[89a-f]/);
        },
      ),
    );
  });

  it('is not shifted by a byte-order mark', () => {
    const record = Buffer.from(encodeCardText(RESIDENT));
    record.writeUInt16LE(0xfeff, 0);
    const document = parseCardText(record);
    expect(document).toMatchObject({ name: '试甲', number: RESIDENT.number, warnings: ['bad-text'] });
  });

  it('warns of a day that is none, of a short record and of control characters', () => {
    const record = Buffer.from(encodeCardText(RESIDENT));
    put(record, 36, '19000231');
    expect(parseCardText(record)).toMatchObject({ birth: '', warnings: ['bad-text'] });
    expect(parseCardText(encodeCardText(RESIDENT).subarray(0, 200)).warnings).toContain('bad-text');
    expect(parseCardText(encodeCardText({ ...RESIDENT, name: '测\u0007' })).warnings).toEqual(['bad-text']);
  });

  it.each(['长期', '长期      ', ' 长期', '长 期', '长期\u3000\u3000', '长期\0\0\0\0\0\0'])(
    'reads %j as a card without an end',
    (validTo) => {
      const record = Buffer.from(encodeCardText({ ...RESIDENT, longTerm: false }));
      put(record, 204, validTo);
      expect(parseCardText(record, '2099-01-01')).toMatchObject({
        validTo: '',
        longTerm: true,
        warnings: [],
      });
    },
  );

  it('an end that is neither a day nor 长期 is reported and not made up', () => {
    const record = Buffer.from(encodeCardText({ ...RESIDENT, longTerm: false }));
    put(record, 204, '长久');
    expect(parseCardText(record)).toMatchObject({ validTo: '', longTerm: false, warnings: ['bad-text'] });
  });

  it('leaves dots in names as they are, and makes one of them when asked to', () => {
    const card = encodeCardText({ ...RESIDENT, name: '古丽\u2022测试\u30fb演' });
    expect(parseCardText(card).name).toBe('古丽\u2022测试\u30fb演');
    expect(parseCardText(card, undefined, { middleDots: true }).name).toBe('古丽·测试·演');
  });

  it('says that the travel permit of a residence permit is another region’s', () => {
    const card: CardTextFields = { type: 'hmt', birth: '1900-01-01', sex: '1', number: '820000190001017772' };
    expect(parseCardText(encodeCardText({ ...card, passNumber: 'M00000001' })).warnings).toEqual([]);
    expect(parseCardText(encodeCardText({ ...card, passNumber: 'H00000001' })).warnings).toEqual([
      'number-pass-differs',
    ]);
    expect(parseCardText(encodeCardText(card)).warnings).toEqual([]);
  });

  it('says on which days a card is good', () => {
    const card = encodeCardText({
      ...RESIDENT,
      validFrom: '2020-01-01',
      validTo: '2030-01-01',
      longTerm: false,
    });
    expect(parseCardText(card, '2030-01-01').warnings).toEqual([]);
    expect(parseCardText(card, '2030-01-02').warnings).toEqual(['expired']);
    expect(parseCardText(card, '2019-12-31').warnings).toEqual(['not-yet-valid']);
    expect(parseCardText(card).warnings).toEqual([]);
    expect(parseCardText(encodeCardText(RESIDENT), '2099-01-01').warnings).toEqual([]);
  });

  it('warns of a number that does not fit the card and gives it unchanged', () => {
    const document = parseCardText(
      encodeCardText({ ...RESIDENT, number: '110101190001017770', birth: '1901-01-01' }),
    );
    expect(document.number).toBe('110101190001017770');
    expect(document.warnings).toEqual(['number-check-digit', 'number-birth-differs']);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => parseCardText(bytes, '2026-01-01')).not.toThrow();
        expect(() => parseLatestAddress(bytes)).not.toThrow();
      }),
    );
  });

  it('every record written can be read back', () => {
    const text = (max: number): fc.Arbitrary<string> =>
      fc.stringMatching(new RegExp(`^(?:[一-龥A-Z·][一-龥A-Z· ]{0,${max - 2}}[一-龥A-Z·])?$`));
    const day = fc
      .date({ min: new Date('1850-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    const types = Object.keys(TEXT_LAYOUTS) as CardTextFields['type'][];
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        text(15),
        text(35),
        day,
        day,
        day,
        (type, name, address, birth, from, to) => {
          const has = TEXT_LAYOUTS[type];
          const document = parseCardText(
            encodeCardText({ type, name, address, birth, validFrom: from, validTo: to }),
          );
          expect(document).toMatchObject({ type, name, birth, validFrom: from, validTo: to });
          expect(document.address).toBe(has.address ? address : '');
        },
      ),
    );
  });

  it('a value that is too long for its place is a mistake of the demo data', () => {
    expect(() => encodeCardText({ ...RESIDENT, number: '1'.repeat(19) })).toThrow(/number: 19/);
  });
});

describe('the appended addresses', () => {
  it('the last one that is not blank is the latest', () => {
    const bytes = encodeAppendedAddresses(['北京市东城区测试路2号', '北京市东城区测试路 3号', '']);
    expect(bytes).toHaveLength(280);
    expect(parseLatestAddress(bytes)).toBe('北京市东城区测试路 3号');
    expect(parseLatestAddress(bytes.subarray(0, 70))).toBe('北京市东城区测试路2号');
  });

  it('no address is an empty text', () => {
    expect(parseLatestAddress(new Uint8Array())).toBe('');
    expect(parseLatestAddress(encodeAppendedAddresses([]))).toBe('');
  });
});
