import { z } from 'zod';

/** Largest scan, signature or PDF, bytes. As base64 it must fit one message of every transport. */
export const MAX_BLOB_BYTES = 8 * 1024 * 1024;
/** A blob travels in parts of at most this, bytes: a slow line loses little when it breaks. */
export const BLOB_PART_BYTES = 256 * 1024;

/** SHA-256 of the plain bytes, lower-case hex: the name of a blob everywhere. */
export const blobHashSchema = z.string().regex(/^[0-9a-f]{64}$/);

export const blobStateSchema = z.object({
  hash: z.string(),
  /** `waiting`: kept here, not yet whole on the server; `sent`: the server has it; `absent`: not here. */
  state: z.enum(['waiting', 'sent', 'absent']),
  size: z.number().int().nonnegative(),
  /** Bytes the server has confirmed. */
  sent: z.number().int().nonnegative(),
  /** Why it waits, when the server has said no: an error code with a sentence in the message files. */
  error: z.enum(['BLOB_QUOTA', 'BLOB_REFUSED']).nullable(),
});
export type BlobState = z.infer<typeof blobStateSchema>;

/** Answer to each part of a blob that is sent. */
export const blobProgressSchema = z.object({
  received: z.number().int().nonnegative(),
  size: z.number().int().positive(),
  complete: z.boolean(),
});
export type BlobProgress = z.infer<typeof blobProgressSchema>;

export const blobContract = {
  'blob.put': {
    /** Sealed and on the medium when it is answered; sent to the server by and by. */
    input: z.object({ base64: z.string().max(Math.ceil(MAX_BLOB_BYTES / 3) * 4) }),
    output: z.object({ hash: blobHashSchema, size: z.number().int().positive() }),
  },
  'blob.status': {
    input: z.object({ hashes: z.array(blobHashSchema).max(500) }),
    output: z.object({ blobs: z.array(blobStateSchema) }),
  },
  'blob.get': {
    /** From this machine, else from the server; whole and checked. */
    input: z.object({ hash: blobHashSchema }),
    output: z.object({ base64: z.string() }),
  },
} as const;
