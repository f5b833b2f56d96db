import { z } from 'zod';
import type { CardDocument } from '../domain/card/document.ts';
import type { FingerprintSummary } from '../domain/card/fingerprint.ts';
import type { ManagementNumber } from '../domain/card/management-number.ts';

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
  /** Which fingers the card holds, never the templates; only when the reader was told to read them. */
  fingerprints?: FingerprintSummary[];
  /** What the chip itself is known by; only when the reader was told to read it and the card gave it. */
  management?: ManagementNumber;
}

/** Why the photo in the chip could not be had; the sentence for the admin is `photo.reason.<reason>`. */
export const photoReasonSchema = z.enum([
  'library-missing',
  /** On another computer: native code from there is not loaded. */
  'library-remote',
  'library-32bit',
  /** For another system or processor, or no library at all. */
  'library-foreign',
  /** The system would not load it; most often another library that it needs is missing. */
  'library-faulty',
  'entry-missing',
  /** Libraries cannot be called on this kind of PC. */
  'engine-missing',
  /** The library answered something else than 1. */
  'refused',
  'picture-empty',
  /** What the card gave is not a photo in the form WLT. */
  'not-wlt',
  'crashed',
  /** It crashed again and again and is left alone for a minute. */
  'resting',
  'timeout',
]);
export type PhotoReason = z.infer<typeof photoReasonSchema>;

/** `no-decoder`: nobody has set up a library that can decode it. `none`: the card gave no photo. */
export const photoOutcomeSchema = z.enum(['decoded', 'none', 'no-decoder', 'failed', 'timeout']);

/** What became of the photo of a card that has been read; told once, after the text. The text never waits for it. */
export interface CardPhoto {
  readId: string;
  outcome: z.infer<typeof photoOutcomeSchema>;
  /** PNG, base64, 102 × 126 pixels; only when decoded. */
  png?: string;
}

/** The photo decoder as the admin sees it; nothing of a person. */
export const photoStatusSchema = z.object({
  /** Whether the library that is set could be loaded and has its function. */
  library: z.enum(['none', 'usable', 'unusable']),
  reason: photoReasonSchema.optional(),
  /** The system's own words, or ''. */
  detail: z.string(),
  /** The photo of the last card since the program started. */
  last: z
    .object({
      outcome: photoOutcomeSchema,
      reason: photoReasonSchema.optional(),
      detail: z.string(),
      /** Milliseconds since 1970, and how long the decoding took. */
      at: z.number(),
      ms: z.number(),
    })
    .nullable(),
});
export type PhotoStatus = z.infer<typeof photoStatusSchema>;

export const demoCardSchema = z.object({ id: z.string(), label: z.string() });

export const cardContract = {
  'card.status': { input: z.object({}), output: readerStateSchema },
  /** Loads the decoder's library to see whether it can be used; takes up to 3 s. */
  'card.photoStatus': { input: z.object({}), output: photoStatusSchema },
  'card.demoCards': { input: z.object({}), output: z.array(demoCardSchema) },
  'card.placeDemo': { input: z.object({ id: z.string().max(64) }), output: z.object({}) },
  'card.liftDemo': { input: z.object({}), output: z.object({}) },
} as const;
