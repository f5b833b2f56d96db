/** What a decoder made of the photo in a card's chip. */
export type DecodedPhoto =
  | { outcome: 'decoded'; /** PNG, 102 × 126 pixels. */ png: Uint8Array }
  | { outcome: 'no-decoder' | 'failed' | 'timeout' };

/** The user's library for the photo in the chip (WLT), in a process of its own. Never rejects; settles within 3 s. */
export interface PhotoDecoderPort {
  /** @param wlt the 1024 bytes as the card holds them */
  decode(wlt: Uint8Array): Promise<DecodedPhoto>;
  close(): Promise<void>;
}
