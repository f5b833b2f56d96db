import { z } from 'zod';

/** What the first record of every segment says: whose events follow, and what came before them. */
export const openingSchema = z.object({
  dev: z.string(),
  inc: z.string(),
  hall: z.string(),
  station: z.string(),
  /** Sequence of the next event, and the hash of the one before it ('' for the first of an incarnation). */
  firstSeq: z.number().int().positive(),
  prev: z.string(),
  /** Why the incarnation was begun. */
  reason: z.string(),
  at: z.string(),
});
export type Opening = z.infer<typeof openingSchema>;

/** Says that `inc` cannot be sent from `from` on; the events are carried over into the incarnation it stands in. */
export const strandingSchema = z.object({ inc: z.string(), from: z.number().int().positive() });

/** Reason of an opening whose segment holds events written back, not the ones being made. */
export const RESTORED = 'restored';

/**
 * Says up to where each incarnation's events have been put away for good. Always the whole list: an earlier one may
 * have been put away with its segment. Stands in a record of kind `stranding`, which programs that do not know it pass over.
 */
export const retirementSchema = z.object({
  retired: z.array(z.object({ inc: z.string(), to: z.number().int().positive() })),
});

export function parseAs<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    const read = schema.safeParse(JSON.parse(text));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

/** @returns the event texts of one command's record, or null when it is none */
export const parseEvents = (text: string): string[] | null => parseAs(z.array(z.string()), text);
