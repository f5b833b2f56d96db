import { z } from 'zod';
import type { CardDocument } from '../domain/card/document.ts';

/**
 * Where the card is in its life on the reader. `lift` is a state, not an error: after a read the same card
 * can only be read again once it has been lifted.
 */
export const cardPhaseSchema = z.enum([
  'absent',
  'connecting',
  'waiting',
  'reading',
  'read',
  'lift',
  'error',
]);

export const readerStateSchema = z.object({
  phase: cardPhaseSchema,
  /** Present when `phase` is 'error', and on 'absent'/'connecting' when the reason is known. */
  error: z.string().optional(),
  reader: z.object({ name: z.string(), profile: z.string(), demo: z.boolean() }).nullable(),
  /** Milliseconds since 1970 at which this state began. */
  since: z.number(),
});
export type ReaderState = z.infer<typeof readerStateSchema>;

/** One card read to the end. Built by the core, so typed and not parsed. */
export interface CardRead {
  readId: string;
  document: CardDocument;
  /** Wall clock when the last byte arrived, milliseconds since 1970 with fraction: the start of the 免填单 stopwatch. */
  lastByteAt: number;
}

/**
 * What became of the photo of a card that has been read; told once, after the text. The text never waits for it.
 * `no-decoder`: nobody has set up a library that can decode it.
 */
export interface CardPhoto {
  readId: string;
  outcome: 'decoded' | 'none' | 'no-decoder' | 'failed' | 'timeout';
  /** PNG, base64, 102 × 126 pixels; only when decoded. */
  png?: string;
}

export const demoCardSchema = z.object({ id: z.string(), label: z.string() });

export const cardContract = {
  'card.status': { input: z.object({}), output: readerStateSchema },
  'card.demoCards': { input: z.object({}), output: z.array(demoCardSchema) },
  'card.placeDemo': { input: z.object({ id: z.string().max(64) }), output: z.object({}) },
  'card.liftDemo': { input: z.object({}), output: z.object({}) },
} as const;
