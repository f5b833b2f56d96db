import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { demoCard } from '../../../../electron/adapters/simulated/card-reader/demo-card.ts';
import { replyFrame } from '../../../../electron/adapters/simulated/card-reader/sam-wire.ts';
import { splitCardPayload } from '../../../../electron/core/id-card/card-payload.ts';
import { createReplyDecoder } from '../../../../electron/core/id-card/sam-frame.ts';
import type { CardTextFields } from '../../../../shared/domain/card/encode-card-text.ts';
import { parseFingerprints } from '../../../../shared/domain/card/fingerprint.ts';
import { parseCardText, parseLatestAddress } from '../../../../shared/domain/card/parse-card-text.ts';
import { TEXT_LAYOUTS } from '../../../../shared/domain/card/text-layout.ts';
import type { KnownDocumentType } from '../../../../shared/domain/card/text-layout.ts';
import { CHANNELS, driverCarrier, packetsOf } from './device-side.ts';
import { createRandom } from './random.ts';

/** Characters a chip may hold: common, Latin, dots, rare ones of the supplementary planes and of the private area, blanks. */
const character = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...Array.from('演示测试甲乙丙丁戊己庚辛号路街村组')) },
  { weight: 4, arbitrary: fc.constantFrom(...Array.from('ABCXYZ0123456789,-')) },
  { weight: 2, arbitrary: fc.constantFrom('\u00b7', '\u2022', '\u30fb', ' ', '\u3000') },
  { weight: 1, arbitrary: fc.constantFrom('𠮷', '䶮', '㼆', '\ue863', '\u{f0001}', '\u{2f81a}') },
);

/** A text that fits its place and does not end in what padding looks like. */
const text = (units: number): fc.Arbitrary<string> =>
  fc.array(character, { maxLength: units }).map((characters) => {
    let fitting = '';
    for (const next of characters) if (fitting.length + next.length <= units) fitting += next;
    return fitting.replace(/^[\u3000 ]+|[ \u3000]+$/gu, '');
  });

const day = fc
  .date({ min: new Date('1850-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

/** A card of one kind with anything in every field that this kind has. */
function cardOf(type: KnownDocumentType): fc.Arbitrary<CardTextFields> {
  const layout = TEXT_LAYOUTS[type];
  const has: Record<string, fc.Arbitrary<string>> = {};
  for (const [name, [, units]] of Object.entries(layout)) {
    if (['birth', 'validFrom', 'validTo'].includes(name)) has[name] = day;
    else if (name === 'latinName' && type === 'foreign-2023') {
      // Two blanks at the seam of its two places cannot be told from padding.
      has[name] = text(46).map((latin) => latin.replace(/[ \u3000]{2,}/gu, ' '));
    } else if (name !== 'latinNameMore') has[name] = text(units);
  }
  return fc.record(has).map((fields) => ({ type, ...fields }));
}

const anyCard = fc.oneof(...(Object.keys(TEXT_LAYOUTS) as KnownDocumentType[]).map(cardOf));

describe('any card of any kind over any carrier', () => {
  it('comes out as it went in', () => {
    fc.assert(
      fc.property(
        anyCard,
        fc.constantFrom(...CHANNELS),
        fc.constantFrom(0 as const, 1 as const, 2 as const),
        fc.array(text(35), { maxLength: 4 }),
        fc.nat(),
        (fields, channel, fingers, addresses, seed) => {
          const card = demoCard('any', '', fields, { fingers, addresses });
          const lengths = [256, 1024, 512 * fingers].flatMap((length) => [length >> 8, length & 0xff]);
          const data = Uint8Array.of(...lengths, ...card.text, ...card.photo, ...card.fingerprint);
          const random = createRandom(seed);
          const receiver = driverCarrier(channel).createReceiver();
          const decoder = createReplyDecoder();
          const replies = [
            replyFrame(0x90, data),
            replyFrame(0x90, card.appended ?? new Uint8Array()),
          ].flatMap((frame) => {
            receiver.reset();
            return packetsOf(random, channel, frame).flatMap((packet) => {
              const content = receiver.take(packet);
              return content.kind === 'bytes' ? decoder.push(content.bytes) : [];
            });
          });
          expect(replies.map(({ kind }) => kind)).toEqual(['reply', 'reply']);
          const [base, appended] = replies.flatMap((part) =>
            part.kind === 'reply' ? [part.reply.data] : [],
          );
          const payload = splitCardPayload(base!);
          const document = parseCardText(payload!.text);
          expect(document).toMatchObject(fields);
          expect(document.warnings.includes('private-use-character')).toBe(
            /[\ue863\u{f0001}]/u.test(Object.values(fields).join('')),
          );
          expect(payload!.photo).toEqual(card.photo);
          expect(parseFingerprints(payload!.fingerprint!)).toHaveLength(fingers);
          expect(parseLatestAddress(appended!)).toBe(addresses.findLast((address) => address !== '') ?? '');
        },
      ),
      { numRuns: 300 },
    );
  });
});
