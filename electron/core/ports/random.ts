import { randomBytes } from 'node:crypto';

/** Random bytes as the core sees them. The simulation brings its own, so that a run can be repeated. */
export type RandomPort = (bytes: number) => Uint8Array;

/** The system's own, fit for keys. */
export const systemRandom: RandomPort = (bytes) => randomBytes(bytes);

/** @returns `bytes` random bytes in lower-case hex */
export const randomHex = (random: RandomPort, bytes: number): string =>
  Buffer.from(random(bytes)).toString('hex');
