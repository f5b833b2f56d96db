import { z } from 'zod';
import { readIfThere, writeDurably } from '../settings/durable-file.ts';

/** A segment file that was copied, and read back from the second place as it was written. */
const copiedSchema = z.object({
  bytes: z.number(),
  sha256: z.string(),
  /** false: copied as far as it went while it was in use. */
  whole: z.boolean(),
  /** Path of the copy. */
  path: z.string(),
  at: z.number(),
});
export type Copied = z.infer<typeof copiedSchema>;

const stateSchema = z.object({
  /** The folder all of this is about; another one begins anew. */
  folder: z.string(),
  lastAt: z.number().nullable(),
  files: z.record(z.string(), copiedSchema),
});
export type CopyState = z.infer<typeof stateSchema>;

/** What is remembered of the second place. Losing it costs copying again, nothing else. */
export async function readCopyState(path: string): Promise<CopyState> {
  const nothing: CopyState = { folder: '', lastAt: null, files: {} };
  try {
    const read = stateSchema.safeParse(JSON.parse((await readIfThere(path)) ?? 'null'));
    return read.success ? read.data : nothing;
  } catch {
    return nothing;
  }
}

export const writeCopyState = (path: string, state: CopyState): Promise<void> =>
  writeDurably(path, JSON.stringify(state));
