import { z } from 'zod';
import { deviceSchema } from './app.ts';

/** The line as the core knows it: the server's own word and when it was last heard. */
export const lineStateSchema = z.object({
  server: z.string().nullable(),
  state: z.enum(['unset', 'offline', 'online', 'refused']),
  error: z.string().optional(),
  /** When the server last answered, milliseconds since 1970; null if never since start. */
  lastAnswerAt: z.number().nullable(),
  /** Own events the server has acknowledged, highest sequence of the current incarnation. */
  acknowledgedSeq: z.number().int().nonnegative(),
});
export type LineState = z.infer<typeof lineStateSchema>;

export const pulledEventSchema = z.object({
  cursor: z.number().int().positive(),
  bytes: z.string(),
  hash: z.string(),
});
export type PulledEvent = z.infer<typeof pulledEventSchema>;

export const centralContract = {
  'central.status': { input: z.object({}), output: lineStateSchema },
  'central.enrol': {
    input: z.object({ server: z.string().max(300), code: z.string().trim().min(4).max(64) }),
    output: deviceSchema,
  },
  'central.hello': {
    input: z.object({ cursor: z.number().int().nonnegative(), streamHash: z.string() }),
    output: z.object({
      epoch: z.string(),
      /** The server's number of the newest event of this hall. */
      head: z.number().int().nonnegative(),
      action: z.enum(['ok', 'rewound', 'fork', 'retired', 'upgrade']),
      acknowledgedSeq: z.number().int().nonnegative(),
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
} as const;
