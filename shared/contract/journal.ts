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

const incSchema = z.string().regex(/^[0-9a-f]{32}$/);

/** A stretch of own sequences, both ends included. */
export const stretchSchema = z.object({
  inc: z.string(),
  from: z.number().int().positive(),
  to: z.number().int().positive(),
});
export type Stretch = z.infer<typeof stretchSchema>;

/** What the record of this device is like right now; for the sync page and for support. */
export const journalStatusSchema = z.object({
  head: headSchema,
  segments: z.number().int().nonnegative(),
  bytes: z.number().nonnegative(),
  /** How long the last flush took, milliseconds; null before the first. */
  lastSyncMs: z.number().nonnegative().nullable(),
  /**
   * The space held back for a full disk: `making` after a start, `released` once it was given up (new cases are
   * refused soon), `missing` when there was no room to make it.
   */
  reserve: z.enum(['there', 'making', 'missing', 'released']),
  /** Bytes this user may still write on the journal's disk. */
  freeBytes: z.number().nonnegative(),
  incarnations: z.number().int().nonnegative(),
  /** Own events that still have to be sent. */
  unsent: z.number().int().nonnegative(),
  /** Unsent events of another hall or an earlier key: kept, and not sendable from this enrolment. */
  stuck: z.number().int().nonnegative(),
  /** Highest sequence of the current incarnation the server has. */
  acknowledgedSeq: z.number().int().nonnegative(),
  /** The second place (settings `journal.copyFolder`). */
  copies: z.object({
    /** null: none is set. */
    folder: z.string().nullable(),
    /** When everything was last copied and found right there, milliseconds since 1970. */
    lastAt: z.number().nullable(),
    /** Segment files with a verified copy. */
    files: z.number().int().nonnegative(),
    /** Why the last attempt did not succeed, an error code; null when it did. */
    error: z.string().nullable(),
  }),
  /** Own events that existed and are not here; they leave the list once they have been written back. */
  missing: z.array(stretchSchema),
});
export type JournalStatus = z.infer<typeof journalStatusSchema>;

export const journalContract = {
  'journal.status': { input: z.object({}), output: journalStatusSchema },
  'journal.compare': {
    /**
     * How far the store has seen each own incarnation come. To be asked at start before the store is levelled with the
     * journal: where the journal lost events, the store may hold the only copy. The answer names what is missing here;
     * the current incarnation is ended when its end was lost. Repeating it changes nothing.
     */
    input: z.object({
      own: z.array(z.object({ inc: incSchema, seq: z.number().int().nonnegative() })).max(10_000),
    }),
    output: z.object({ missing: z.array(stretchSchema) }),
  },
  'journal.restore': {
    /**
     * Writes back own events that the journal lost, verified by hash and chain, with their old places and bytes. What
     * is here already, or does not fit, is passed over. Those the server has not acknowledged are sent to it.
     */
    input: z.object({
      events: z.array(sealedEventSchema.extend({ sig: z.string().optional() })).max(1000),
    }),
    output: z.object({ taken: z.number().int().nonnegative() }),
  },
  'journal.export': {
    /** Writes what the server has not acknowledged (`all`: everything) into one signed, sealed file in `folder`. */
    input: z.object({ folder: z.string().min(1).max(1000), all: z.boolean().default(false) }),
    output: z.object({ file: z.string(), events: z.number().int(), bytes: z.number().int() }),
  },
  'journal.import': {
    /**
     * Takes an export of any device of this hall. An own one is written back where it is missing (`added`); another
     * device's is handed to the server, now (`added` is what the server had not) or, `held`, at the next hello.
     */
    input: z.object({ file: z.string().min(1).max(1000) }),
    output: z.object({
      events: z.number().int(),
      added: z.number().int(),
      hall: z.string(),
      held: z.boolean(),
    }),
  },
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
