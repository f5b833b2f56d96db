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
