import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

/** @returns SHA-256 of the UTF-8 bytes of `text`, lower-case hex */
export const hashText = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)));

/**
 * The rolling hash of a hall's stream: H(0) = 32 zero bytes, H(c) = SHA-256(H(c−1) ‖ hash of event c).
 * Two sides that agree on H(c) agree on every event 1..c (sync.md S4).
 */
export const STREAM_HASH_OF_NOTHING = '0'.repeat(64);

export const nextStreamHash = (previous: string, eventHash: string): string =>
  bytesToHex(sha256(concatBytes(hexToBytes(previous), hexToBytes(eventHash))));
