import { encodeAppendedAddresses, encodeCardText } from '../../../../shared/domain/card/encode-card-text.ts';
import type { CardTextFields } from '../../../../shared/domain/card/encode-card-text.ts';

/** A card that can be laid on the simulated reader. */
export interface DemoCard {
  id: string;
  /** What the demo panel shows. */
  label: string;
  /** The chip's text record, 256 bytes. */
  text: Uint8Array;
  /** The chip's photo, 1024 bytes. */
  photo: Uint8Array;
  /** Templates of two fingers; empty for cards from before fingerprints were taken. */
  fingerprint: Uint8Array;
  /** The chip's four appended addresses, or null when none was ever written. */
  appended: Uint8Array | null;
}

/** The start of a photo in the chip's own coding (WLT, 102 × 126); what follows stays zero: there is no public coder. */
const PHOTO_START = [
  0x57, 0x4c, 0x66, 0x00, 0x7e, 0x00, 0x32, 0x00, 0x00, 0xff, 0x85, 0x00, 0x51, 0x51, 0x51, 0x3e,
];

/** Makes a card from the fields a person's document has. */
export function demoCard(
  id: string,
  label: string,
  fields: CardTextFields,
  extra: { addresses?: readonly string[]; fingers?: 0 | 1 | 2 } = {},
): DemoCard {
  const photo = new Uint8Array(1024);
  photo.set(PHOTO_START);
  return {
    id,
    label,
    text: encodeCardText(fields),
    photo,
    fingerprint: fingerprints(extra.fingers ?? 0),
    appended: extra.addresses ? encodeAppendedAddresses(extra.addresses) : null,
  };
}

/** Templates without a finger behind them: a right head (registered, right and left thumb), zeros inside. */
function fingerprints(count: number): Uint8Array {
  const bytes = new Uint8Array(512 * count);
  for (let finger = 0; finger < count; finger++)
    bytes.set([0x43, 0x01, 0, 0, 1, finger === 0 ? 11 : 16, 60], finger * 512);
  return bytes;
}
