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
  /** The 1024 bytes of the photo, base64, as the card holds them (WLT); null when the card gave none. */
  photo: string | null;
  /** Wall clock when the last byte arrived, milliseconds since 1970 with fraction: the start of the 免填单 stopwatch. */
  lastByteAt: number;
}

export const demoCardSchema = z.object({ id: z.string(), label: z.string() });

export const cardContract = {
  'card.status': { input: z.object({}), output: readerStateSchema },
  'card.demoCards': { input: z.object({}), output: z.array(demoCardSchema) },
  'card.placeDemo': { input: z.object({ id: z.string().max(64) }), output: z.object({}) },
  'card.liftDemo': { input: z.object({}), output: z.object({}) },
} as const;
