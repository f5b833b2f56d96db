import { z } from 'zod';
import { sealedEventSchema } from '../contract/journal.ts';

const count = z.number().int().nonnegative();

/**
 * GET /v1/own: what the server has of the asking device. Without a query its incarnations; with `inc`, `from` and `to`
 * events of that stretch, ascending, possibly fewer than asked for.
 */
export const ownAnswer = z.object({
  incarnations: z.array(z.object({ inc: z.string(), seq: count, hash: z.string() })),
  events: z.array(sealedEventSchema),
  /** Raw X25519 key of this server, base64: exports for a USB stick are sealed for it. */
  exportKey: z.string(),
});
export type OwnAnswer = z.infer<typeof ownAnswer>;

/** POST /v1/carry: an export file of any device of the hall, handed on by another. */
export const carryRequest = z.object({ file: z.string().regex(/^[A-Za-z0-9+/]+=*$/) });
/** `refused`: the file cannot be taken, now or later; a word for the log. */
export const carryAnswer = z.object({ events: count, added: count, refused: z.string().optional() });
export type CarryAnswer = z.infer<typeof carryAnswer>;

/** Longest body of a carry, bytes: base64 of what a device still carries. */
export const MAX_CARRY_BYTES = 70_000_000;
