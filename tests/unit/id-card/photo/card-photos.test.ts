import { describe, expect, it } from 'vitest';
import { createCardPhotos } from '../../../../electron/core/id-card/card-photos.ts';
import type { DecodedPhoto, PhotoDecoderPort } from '../../../../electron/core/ports/photo-decoder.ts';
import type { CardPhoto } from '../../../../shared/contract/card.ts';
import { createFakeClock, settled } from '../fake-clock.ts';
import { wltOf } from './photo-host.ts';

/** A decoder that answers when the test says so. */
function heldDecoder() {
  const asked: { wlt: Uint8Array; answer: (photo: DecodedPhoto) => void }[] = [];
  let closed = false;
  const port: PhotoDecoderPort = {
    decode: (wlt) => new Promise((answer) => void asked.push({ wlt, answer })),
    check: async () => ({ library: 'unusable', reason: 'library-32bit', detail: 'i386' }),
    async close() {
      closed = true;
    },
  };
  return { port, asked, isClosed: () => closed };
}

function desk() {
  const clock = createFakeClock();
  const decoder = heldDecoder();
  const told: CardPhoto[] = [];
  const lines: string[] = [];
  const photos = createCardPhotos({
    decoder: decoder.port,
    clock,
    log: { write: (level, _area, text, data) => void lines.push(`${level} ${text} ${JSON.stringify(data)}`) },
    onPhoto: (photo) => void told.push(photo),
  });
  return { clock, decoder, told, lines, photos };
}

describe('the photo of a card', () => {
  it('is told after the call has returned, as a picture, and leaves no copy of the chip behind', async () => {
    const { clock, decoder, told, photos } = desk();
    const wlt = wltOf(5);
    photos.take('read-1', wlt);
    // The reader wipes its own at once.
    wlt.fill(0);
    expect(decoder.asked).toEqual([]);
    await clock.advance(0);
    expect(decoder.asked[0]!.wlt).toEqual(wltOf(5));
    expect(told).toEqual([]);
    const png = Uint8Array.of(1, 2, 3);
    decoder.asked[0]!.answer({ outcome: 'decoded', png });
    await settled();
    expect(told).toEqual([{ readId: 'read-1', outcome: 'decoded', png: 'AQID' }]);
    expect(decoder.asked[0]!.wlt.every((byte) => byte === 0)).toBe(true);
    expect([...png]).toEqual([0, 0, 0]);
  });

  it.each([
    ['that gave none', null],
    ['whose photo is blank', new Uint8Array(1024)],
  ])('%s is none, and no decoder is asked', async (_what, wlt) => {
    const { clock, decoder, told, lines, photos } = desk();
    photos.take('read-1', wlt);
    expect(told).toEqual([]);
    await clock.advance(0);
    expect(told).toEqual([{ readId: 'read-1', outcome: 'none' }]);
    expect(decoder.asked).toEqual([]);
    expect(lines).toEqual([]);
  });

  it('in another form is not given to native code', async () => {
    const { clock, decoder, told, lines, photos } = desk();
    photos.take('read-1', wltOf(1).fill(9, 2, 3));
    await clock.advance(0);
    expect(told).toEqual([{ readId: 'read-1', outcome: 'failed' }]);
    expect(decoder.asked).toEqual([]);
    expect(lines).toEqual([
      'warning the photo was not decoded {"outcome":"failed","reason":"not-wlt","detail":"1024 bytes","ms":0}',
    ]);
  });

  it('that nobody can decode is told without a line in the log for every card', async () => {
    const { clock, decoder, told, lines, photos } = desk();
    photos.take('read-1', wltOf(1));
    await clock.advance(0);
    decoder.asked[0]!.answer({ outcome: 'no-decoder' });
    await settled();
    expect(told).toEqual([{ readId: 'read-1', outcome: 'no-decoder' }]);
    expect(lines).toEqual([]);
  });
});

describe('what the admin sees', () => {
  it('is the library and the last outcome with its reason', async () => {
    const { clock, decoder, photos } = desk();
    const library = { library: 'unusable', reason: 'library-32bit', detail: 'i386' } as const;
    expect(await photos.status()).toEqual({ ...library, last: null });
    photos.take('read-1', wltOf(1));
    await clock.advance(250);
    const at = clock.now();
    decoder.asked[0]!.answer({ outcome: 'failed', reason: 'refused', detail: 'returned -5' });
    await settled();
    expect(await photos.status()).toEqual({
      ...library,
      last: { outcome: 'failed', reason: 'refused', detail: 'returned -5', at, ms: 250 },
    });
  });

  it('another library closes the one before and is asked from then on', async () => {
    const { clock, decoder, photos } = desk();
    const next = heldDecoder();
    await photos.use(next.port);
    expect(decoder.isClosed()).toBe(true);
    photos.take('read-1', wltOf(1));
    await clock.advance(0);
    expect([decoder.asked.length, next.asked.length]).toEqual([0, 1]);
    await photos.close();
    expect(next.isClosed()).toBe(true);
  });
});
