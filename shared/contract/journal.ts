import { z } from 'zod';

/** What an author had before the eyes when the event was made. */
export const seenSchema = z.object({
  /** Hash of the last event of the aggregate, '' when it was new. */
  last: z.string(),
  /** The hall cursor up to which this device had pulled. */
  cursor: z.number().int().nonnegative(),
});

/** An event before the journal gave it device, incarnation, sequence, predecessor and time. */
export const draftSchema = z.object({
  type: z.string().regex(/^[a-z][a-zA-Z]*\.[a-z][a-zA-Z]*$/),
  typeV: z.number().int().positive(),
  agg: z.string().regex(/^[a-z]+\/[A-Za-z0-9._-]+$/),
  seen: seenSchema,
  user: z.string(),
  body: z.record(z.string(), z.json()),
});
export type Draft = z.infer<typeof draftSchema>;

/** An event as it is kept and sent: the exact bytes and their hash (lower-case hex SHA-256). */
export const sealedEventSchema = z.object({ bytes: z.string(), hash: z.string() });
export type EventBytes = z.infer<typeof sealedEventSchema>;

export const headSchema = z.object({
  dev: z.string(),
  inc: z.string(),
  /** 0 when this incarnation has no event yet. */
  seq: z.number().int().nonnegative(),
  hash: z.string(),
});
export type Head = z.infer<typeof headSchema>;

export const journalContract = {
  'journal.append': {
    /**
     * All drafts of one command, written as one record: all of them or none. A second call with the same
     * `cmd` writes nothing and returns the events of the first.
     */
    input: z.object({ cmd: z.string().min(8).max(64), drafts: z.array(draftSchema).min(1).max(50) }),
    output: z.object({ events: z.array(sealedEventSchema), head: headSchema }),
  },
  'journal.head': { input: z.object({}), output: headSchema },
  'journal.read': {
    /**
     * Own events of this hall from a place on: those of incarnation `inc` after sequence `after` (exclusive), then
     * all of every later incarnation, oldest first, in the order they happened. `inc` null means before the oldest
     * incarnation held (`after` counts in it, so 0 gives everything); an incarnation the journal does not hold means
     * the same with 0, which may repeat but never omits. To page, ask again from (inc, seq) of the last event given
     * until `more` is false. A page may be shorter than `limit`. Events of a branch the server could not take (fork)
     * are not given; they come again, made anew, in the incarnation that followed it.
     */
    input: z.object({
      inc: z.string().nullable(),
      after: z.number().int().nonnegative(),
      limit: z.number().int().min(1).max(1000),
    }),
    output: z.object({ events: z.array(sealedEventSchema), more: z.boolean() }),
  },
} as const;
