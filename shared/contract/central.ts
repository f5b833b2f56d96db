import { z } from 'zod';
import { deviceSchema } from './app.ts';
import { sealedEventSchema, seenSchema } from './journal.ts';
import { MAX_CHECKPOINTS } from './central-limits.ts';

const count = z.number().int().nonnegative();

/** The line as the core knows it: the server's own word and when it was last heard. */
export const lineStateSchema = z.object({
  server: z.string().nullable(),
  state: z.enum(['unset', 'offline', 'online', 'refused']),
  error: z.string().optional(),
  /** When the server last answered, milliseconds since 1970; null if never since start. */
  lastAnswerAt: z.number().nullable(),
  /** Own events the server has acknowledged, highest sequence of the current incarnation. */
  acknowledgedSeq: z.number().int().nonnegative(),
  /** Server's clock minus ours at the last hello, milliseconds; absent before. For people only, never for order. */
  clockSkewMs: z.number().optional(),
});
/** A clock that is further off than this is shown to the clerk, milliseconds. Never a reason to refuse anything. */
export const SHOWN_SKEW_MS = 120_000;
export type LineState = z.infer<typeof lineStateSchema>;

export const pulledEventSchema = z.object({
  cursor: z.number().int().positive(),
  bytes: z.string(),
  hash: z.string(),
  /** Its device's signature over the head it was then ({@link headText} in shared/sync/messages.ts), base64. */
  sig: z.string().optional(),
});
export type PulledEvent = z.infer<typeof pulledEventSchema>;

/** A place in the stream that a store remembers: what the rolling hash was after that cursor. */
export const checkpointSchema = z.object({ cursor: count, streamHash: z.string() });
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** How far somebody holds an incarnation without a gap. */
export const incarnationHeadSchema = z.object({
  dev: z.string().max(64),
  inc: z.string().max(64),
  seq: z.number().int().positive(),
});
/** A stretch of one incarnation, both ends included. */
export const wantedRangeSchema = z.object({
  dev: z.string(),
  inc: z.string(),
  from: z.number().int().positive(),
  to: z.number().int().positive(),
});
export type WantedRange = z.infer<typeof wantedRangeSchema>;
/** Most incarnations one question may name, and most events one donation may carry. */
export const MAX_HEADS = 20_000;
export const MAX_DONATED = 500;

/** An event as somebody else holds it, with its author's signature when that came with it. */
export const donatedEventSchema = sealedEventSchema.extend({ sig: z.string().optional() });
export type DonatedEvent = z.infer<typeof donatedEventSchema>;

/** A contiguous page of the stream read backwards: its last event is the one before the cursor that was named. */
export const snapshotPageSchema = z.object({
  epoch: z.string(),
  events: z.array(pulledEventSchema),
  head: count,
  /** Rolling hash after the last event of the page. */
  streamHash: z.string(),
  /** Rolling hash before its first. */
  streamHashBefore: z.string(),
});
export type SnapshotPage = z.infer<typeof snapshotPageSchema>;

/** A command as it is asked for before it is a fact (sync.md "fact and command"). */
export const commandSchema = z.object({
  /** Id of the command; asked twice it is answered alike. */
  cmd: z.string().min(8).max(64),
  agg: z.string().max(200),
  type: z.string().max(100),
  body: z.record(z.string(), z.json()),
  /** What the clerk had before the eyes. */
  seen: seenSchema,
});
export type Command = z.infer<typeof commandSchema>;

export const centralContract = {
  'central.status': { input: z.object({}), output: lineStateSchema },
  'central.enrol': {
    input: z.object({ server: z.string().max(300), code: z.string().trim().min(4).max(64) }),
    output: deviceSchema,
  },
  'central.hello': {
    input: z.object({
      cursor: z.number().int().nonnegative(),
      streamHash: z.string(),
      /** Earlier places the store remembers, newest first: the server names the newest one it agrees with. */
      checkpoints: z.array(checkpointSchema).max(MAX_CHECKPOINTS).optional(),
    }),
    output: z.object({
      epoch: z.string(),
      /** The server's number of the newest event of this hall. */
      head: z.number().int().nonnegative(),
      action: z.enum(['ok', 'rewound', 'fork', 'retired', 'upgrade']),
      acknowledgedSeq: z.number().int().nonnegative(),
      /** The newest place named up to which both streams are the same; 0 when there is none, the cursor when all is. */
      common: z.number().int().nonnegative(),
    }),
  },
  'central.push': {
    /** Sends the oldest unacknowledged events from the journal itself: what is not journalled cannot be sent. */
    input: z.object({}),
    output: z.object({
      acknowledgedSeq: z.number().int().nonnegative(),
      /** Own events that still wait. */
      left: z.number().int().nonnegative(),
    }),
  },
  'central.pull': {
    input: z.object({ since: z.number().int().nonnegative(), limit: z.number().int().min(1).max(1000) }),
    output: z.object({
      epoch: z.string(),
      events: z.array(pulledEventSchema),
      head: z.number().int().nonnegative(),
      /** Rolling hash of events 1..(last returned cursor); see shared/sync/stream-hash.ts. */
      streamHash: z.string(),
    }),
  },
  'central.snapshot': {
    /** Events just before cursor `before`, for a store that begins at the head and fills backwards. */
    input: z.object({ before: z.number().int().positive(), limit: z.number().int().min(1).max(1000) }),
    output: snapshotPageSchema,
  },
  'central.want': {
    /** After a rewind: what is held here of anybody's events. The answer names what the server lacks of it. */
    input: z.object({ heads: z.array(incarnationHeadSchema).max(MAX_HEADS) }),
    output: z.object({ want: z.array(wantedRangeSchema) }),
  },
  'central.donate': {
    /** A contiguous stretch of one incarnation; chain and signature prove where it comes from, not who brings it. */
    input: z.object({
      dev: z.string(),
      inc: z.string(),
      events: z.array(donatedEventSchema).min(1).max(MAX_DONATED),
    }),
    output: z.object({
      /** How many of them are at the server now. */
      taken: count,
      /** Its head of that incarnation. */
      upTo: count,
    }),
  },
  'central.ask': {
    /** Asks whether a command may happen. Answers within {@link COMMAND_LIMIT_MS}, whatever the line does. */
    input: commandSchema,
    output: z.discriminatedUnion('answer', [
      z.object({ answer: z.literal('granted') }),
      /** `by`: the station that was first, when one was. */
      z.object({ answer: z.literal('refused'), reason: z.string(), by: z.string() }),
      z.object({ answer: z.literal('offline') }),
    ]),
  },
} as const;
