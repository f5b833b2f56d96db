import type { PhotoReason } from '../../../shared/contract/card.ts';

/** Why there is no picture, for the log and the admin. `detail` holds the system's own words, never a person's data. */
export interface PhotoTrouble {
  reason: PhotoReason;
  detail: string;
}

/** What a decoder made of the photo in a card's chip. */
export type DecodedPhoto =
  | { outcome: 'decoded'; /** PNG, 102 × 126 pixels. */ png: Uint8Array }
  | { outcome: 'no-decoder' }
  | ({ outcome: 'failed' | 'timeout' } & PhotoTrouble);

/** The user's library for the photo in the chip (WLT), in a process of its own. Never rejects; settles within 3 s. */
export interface PhotoDecoderPort {
  /** @param wlt the 1024 bytes as the card holds them; the caller may wipe them as soon as the promise settles */
  decode(wlt: Uint8Array): Promise<DecodedPhoto>;
  /** Loads the library without decoding anything. */
  check(): Promise<{ library: 'none' | 'usable' } | ({ library: 'unusable' } & PhotoTrouble)>;
  close(): Promise<void>;
}
