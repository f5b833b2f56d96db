import type { CardPhoto, PhotoStatus } from '../../../shared/contract/card.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import type { DecodedPhoto, PhotoDecoderPort } from '../ports/photo-decoder.ts';

/** How every photo in the form WLT begins: its name, 102 pixels wide, 126 high. */
const WLT_HEAD = [0x57, 0x4c, 0x66, 0x00, 0x7e, 0x00] as const;

export interface CardPhotos {
  /**
   * The photo of the card just read, once its text has been told. Copies what it is given; tells the outcome later,
   * never before this call has returned.
   */
  take(readId: string, wlt: Uint8Array | null): void;
  /** Another library, or none: the settings have changed. */
  use(decoder: PhotoDecoderPort): Promise<void>;
  status(): Promise<PhotoStatus>;
  close(): Promise<void>;
}

/** From the chip's photo to a picture for the window, by a library that the user may or may not have. */
export function createCardPhotos(ports: {
  decoder: PhotoDecoderPort;
  clock: ClockPort;
  log: LogPort;
  onPhoto: (photo: CardPhoto) => void;
}): CardPhotos {
  const { clock, log, onPhoto } = ports;
  let { decoder } = ports;
  let last: PhotoStatus['last'] = null;

  const decode = async (readId: string, wlt: Uint8Array | null): Promise<void> => {
    const from = clock.monotonic();
    const outcome = await pictureOf(wlt);
    wlt?.fill(0);
    const trouble = 'reason' in outcome ? { reason: outcome.reason, detail: outcome.detail } : { detail: '' };
    const ms = Math.round(clock.monotonic() - from);
    last = { outcome: outcome.outcome, ...trouble, at: clock.now(), ms };
    if ('reason' in outcome) {
      log.write('warning', 'photo', 'the photo was not decoded', {
        outcome: outcome.outcome,
        ...trouble,
        ms,
      });
    }
    const { outcome: told } = outcome;
    if (outcome.outcome !== 'decoded') {
      onPhoto({ readId, outcome: told });
      return;
    }
    onPhoto({ readId, outcome: told, png: Buffer.from(outcome.png).toString('base64') });
    outcome.png.fill(0);
  };

  const pictureOf = async (wlt: Uint8Array | null): Promise<DecodedPhoto | { outcome: 'none' }> => {
    if (!wlt || wlt.every((byte) => byte === 0)) return { outcome: 'none' };
    if (!WLT_HEAD.every((byte, at) => wlt[at] === byte)) {
      return { outcome: 'failed', reason: 'not-wlt', detail: `${wlt.length} bytes` };
    }
    return decoder.decode(wlt);
  };

  return {
    take(readId, wlt) {
      const own = wlt && new Uint8Array(wlt);
      // After whatever else is due now: the text is on its way to the window first.
      clock.after(0, () => {
        decode(readId, own).catch((error: unknown) =>
          log.write('error', 'photo', 'the photo logic failed', { reason: String(error) }),
        );
      });
    },
    async use(next) {
      const before = decoder;
      decoder = next;
      await before.close();
    },
    status: async () => ({ detail: '', ...(await decoder.check()), last }),
    close: () => decoder.close(),
  };
}
