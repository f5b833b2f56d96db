import { createHash } from 'node:crypto';

/**
 * The hashes of shared/sync/hash.ts by Node's own SHA-256, which is several times as fast as the portable one; at
 * thousands of events a second that is a quarter of the processor. A test compares them.
 */
export const nativeHashText = (text: string): string =>
  createHash('sha256').update(text, 'utf8').digest('hex');

export const nativeNextStreamHash = (previous: string, eventHash: string): string =>
  createHash('sha256').update(previous, 'hex').update(eventHash, 'hex').digest('hex');
