import { z } from 'zod';

/**
 * A backup is one gzip file of text. First a line of JSON (the header); then for each table a line of JSON, its rows
 * as COPY writes them and a line `\.`; at last a line of JSON with the rows counted and the SHA-256 of every byte
 * before it. PostgreSQL escapes every backslash in a row, so no row can look like an end.
 */
export const ARCHIVE_FORMAT = 'zongchuang-server-backup';
export const ARCHIVE_VERSION = 1;
export const END_OF_TABLE = '\\.\n';

const name = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/);

export const archiveHeader = z.object({
  format: z.literal(ARCHIVE_FORMAT),
  version: z.literal(ARCHIVE_VERSION),
  /** Of the program that wrote it. */
  app: z.string(),
  /** Of the database it was taken from. */
  epoch: z.string(),
  /** ISO 8601, the database's clock. */
  takenAt: z.string(),
  /** How many migration steps the database had taken. */
  step: z.number().int().positive(),
  halls: z.array(z.object({ hall: z.string(), head: z.number().int(), streamHash: z.string() })),
  /** Last values of the sequences in use. */
  sequences: z.array(z.object({ name, value: z.number().int() })),
});
export type ArchiveHeader = z.infer<typeof archiveHeader>;

/** Tables come in an order in which no row refers to one that is not there yet. */
export const archiveTable = z.object({ table: name, columns: z.array(name).min(1) });
export type ArchiveTable = z.infer<typeof archiveTable>;

export const archiveEnd = z.object({ rows: z.record(name, z.number().int()), sha256: z.string() });

/** @returns a name of ours as SQL */
export const quoted = (sqlName: string): string => `"${sqlName}"`;
