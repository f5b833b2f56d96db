import { describe, expect, it } from 'vitest';
import { demoCard } from '../../../../electron/adapters/simulated/card-reader/demo-card.ts';
import type { DemoCard } from '../../../../electron/adapters/simulated/card-reader/demo-card.ts';
import type { ReaderKind } from '../../../../electron/adapters/simulated/card-reader/device-ends.ts';
import { DEVICE_ENDS } from '../../../../electron/adapters/simulated/card-reader/device-ends.ts';
import type { CardDocument } from '../../../../shared/domain/card/document.ts';
import type { CardTextFields } from '../../../../shared/domain/card/encode-card-text.ts';
import { waiting } from '../desk.ts';

/** One of each document, with every field that it has. Nobody real: born on 1 January 1900, or specimens. */
const DOCUMENTS: CardTextFields[] = [
  {
    type: 'resident',
    name: '演示𠮷·测试甲',
    sex: '1',
    ethnicity: '05',
    birth: '1900-01-01',
    address: '北京市东城区 测试路1号院 2单元',
    number: '110101190001017777',
    issuer: '测试签发机关',
    validFrom: '2020-01-01',
    longTerm: true,
  },
  {
    type: 'hmt',
    name: '测试己',
    sex: '1',
    birth: '1900-01-01',
    address: '广东省珠海市香洲区测试路10号',
    number: '820000190001017772',
    issuer: '测试签发机关',
    validFrom: '2023-01-01',
    validTo: '2028-01-01',
    passNumber: 'M00000001',
    issueCount: '01',
  },
  {
    type: 'foreign-2017',
    latinName: 'TEST, SAMPLE WITH A NAME OF SIXTY LETTERS ALEXANDRA THEODORA',
    sex: '2',
    number: 'PAK110000010118',
    nationality: 'PAK',
    name: '测试丙',
    validFrom: '2018-01-01',
    validTo: '2028-01-01',
    birth: '1900-01-01',
    cardVersion: '01',
    authorityCode: '1500',
  },
  {
    type: 'foreign-2023',
    name: '证件样本',
    latinName: 'ZHENGJIAN, YANGBEN ALEXANDRA MAXIMILIANA THEOD',
    sex: '2',
    birth: '1980-01-01',
    number: '931586198001010028',
    nationality: 'PAK',
    validFrom: '2023-08-08',
    validTo: '2033-08-07',
    issueCount: '00',
    previousLink: '000',
  },
];

const EMPTY: CardDocument = {
  type: 'unknown',
  typeCode: '',
  name: '',
  latinName: '',
  sex: '',
  ethnicity: '',
  birth: '',
  address: '',
  number: '',
  issuer: '',
  validFrom: '',
  validTo: '',
  longTerm: false,
  nationality: 'CHN',
  passNumber: '',
  issueCount: '',
  latestAddress: '',
  warnings: [],
};
const TYPE_CODES = { resident: ' ', hmt: 'J', 'foreign-2017': 'I', 'foreign-2023': 'Y' } as const;
const ADDRESSES = [
  [],
  ['浙江省杭州市临平区演示大道 88号3幢2单元601室'],
  ['演示路1号', '演示路2号', '演示路3号', '演示路4号'],
];

interface Variant {
  card: DemoCard;
  document: CardDocument;
  fingers: 0 | 1 | 2;
}

/** Every document with no, one and two fingers and with no, one and four appended addresses, and a type nobody knows. */
function variants(): Variant[] {
  const known = DOCUMENTS.flatMap((fields) =>
    ([0, 1, 2] as const).flatMap((fingers) =>
      ADDRESSES.map((addresses): Variant => {
        const moves = fields.type === 'resident' || fields.type === 'hmt';
        return {
          fingers,
          card: demoCard(`${fields.type} ${fingers} ${addresses.length}`, '', fields, {
            fingers,
            ...(addresses.length > 0 && { addresses }),
          }),
          document: {
            ...EMPTY,
            ...fields,
            typeCode: TYPE_CODES[fields.type],
            latestAddress: moves ? (addresses.at(-1) ?? '') : '',
          },
        };
      }),
    ),
  );
  const strange = demoCard('strange', '', { type: 'resident', name: '未来证件' });
  strange.text[248] = 0x4b;
  const rawText = Buffer.from(strange.text).toString('utf16le');
  const document = { ...EMPTY, typeCode: 'K', nationality: '', rawText };
  return [...known, { card: strange, document, fingers: 0 }];
}

const KINDS = Object.keys(DEVICE_ENDS) as ReaderKind[];

describe('from the chip to the document, through the simulated reader', () => {
  it.each(KINDS)(
    'over %s every document, finger and address variant gives its exact fields',
    async (carrier) => {
      const all = variants();
      const { choice } = DEVICE_ENDS[carrier];
      const desk = await waiting({
        real: { carrier, cards: all.map(({ card }) => card) },
        reader: { readFingerprint: true, readManagement: true, ...(choice !== '' && { profile: choice }) },
      });
      const photos: (Uint8Array | undefined)[] = [];
      desk.reader.onPhoto((_, wlt) => void photos.push(wlt?.slice()));
      expect(all).toHaveLength(37);
      for (const { card, document, fingers } of all) {
        desk.reads.length = 0;
        desk.real.cards.place(card.id);
        await desk.clock.until(() => desk.reads.length > 0, 5000);
        desk.real.cards.lift();
        await desk.clock.until(() => desk.reader.status().phase === 'waiting', 5000);
        expect(desk.reads, card.id).toHaveLength(1);
        const [read] = desk.reads;
        expect(read?.document, card.id).toEqual(document);
        expect(read?.fingerprints?.map(({ fingerName }) => fingerName)).toEqual(
          ['右手拇指', '左手拇指'].slice(0, fingers),
        );
        expect(photos.pop()).toEqual(card.photo);
        // Zeros, as in every published sample.
        expect(read?.management).toEqual({ iin: '', sn: '', dn: '' });
      }
      await desk.reader.stop();
    },
  );

  it('nobody hears of fingers or of the chip unless the reader is told to read them', async () => {
    const [, , one] = variants().filter(({ fingers }) => fingers === 2);
    const desk = await waiting({ real: { cards: [one!.card] } });
    desk.real.cards.place(one!.card.id);
    await desk.clock.until(() => desk.reads.length > 0, 5000);
    expect(Object.keys(desk.reads[0]!).sort()).toEqual(['document', 'lastByteAt', 'readId']);
    expect(desk.real.requests).not.toContain('30 10');
    expect(desk.real.requests.indexOf('30 05')).toBe(-1);
    await desk.reader.stop();
  });
});
