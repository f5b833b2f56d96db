import { z } from 'zod';
import { printerSettingsSchema } from './settings.ts';

/**
 * One row per sheet of paper. `printed` is said only on the printer's own evidence; without it the word is
 * `handed-over`. `uncertain` is never retried by the program: the clerk is asked (票出来了吗).
 */
export const sheetStateSchema = z.enum([
  'queued',
  'sending',
  'printed',
  'handed-over',
  'failed-before-send',
  'uncertain',
  'resolved',
]);
export type SheetState = z.infer<typeof sheetStateSchema>;

export const sheetSchema = z.object({
  /** Unique for ever: `<agg>:<kind>:<copy>`. */
  key: z.string(),
  kind: z.string(),
  title: z.string(),
  state: sheetStateSchema,
  error: z.string().optional(),
  /** 1 for the first printing, 2… for a reprint (补打). */
  copyNo: z.number().int().positive(),
  printer: z.string(),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  changedAt: z.number(),
  /** SHA-256 of the bytes that were, or will be, sent. */
  payloadHash: z.string(),
});
export type Sheet = z.infer<typeof sheetSchema>;

/** One bit a dot, 1 = black, rows padded to whole bytes, most significant bit leftmost. */
export const bitmapSchema = z.object({
  width: z.number().int().min(8).max(832),
  height: z.number().int().min(1).max(6000),
  /** base64 of ceil(width/8) × height bytes. */
  data: z.string().max(1_000_000),
});
export type Bitmap = z.infer<typeof bitmapSchema>;

/** What a printer says of itself when asked. */
export const printerCheckSchema = z.object({
  state: z.enum([
    'ready',
    'paper-out',
    /** It answers and is not ready: cover open, head too hot. */
    'not-ready',
    'unreachable',
    'no-printer',
    /** It takes jobs and answers no questions. */
    'silent',
  ]),
  /** The most that can be said of a sheet it has taken. */
  proves: z.enum(['printed', 'handed-over']),
});
export type PrinterCheck = z.infer<typeof printerCheckSchema>;

/** A printer this machine sees, as the settings would name it. */
export const foundPrinterSchema = z.object({
  mode: printerSettingsSchema.shape.mode.unwrap(),
  address: z.string(),
  /** What is known about it, as its system says it. */
  detail: z.string(),
});
export type FoundPrinter = z.infer<typeof foundPrinterSchema>;

const sheetKeySchema = z.string().regex(/^[a-z]+\/[A-Za-z0-9._-]+:[a-z-]+:\d+$/);

export const printContract = {
  'print.submit': {
    /** A second submit with the same key returns the row that is there and prints nothing. */
    input: z.object({
      key: sheetKeySchema,
      kind: z.string().max(40),
      title: z.string().max(80),
      bitmap: bitmapSchema,
    }),
    output: sheetSchema,
  },
  'print.list': {
    input: z.object({ keys: z.array(z.string()).max(500).optional() }),
    output: z.array(sheetSchema),
  },
  'print.resolve': {
    /** The clerk's answer to an uncertain sheet: it came out (已出), or print it again (没出,补打). */
    input: z.object({
      key: sheetKeySchema,
      outcome: z.enum(['came-out', 'reprint']),
      clerk: z.string().max(60),
    }),
    output: sheetSchema,
  },
  'print.preview': {
    /** What the paper looks like: a PNG, base64, rendered from the very bytes that went to the printer. */
    input: z.object({ key: sheetKeySchema }),
    output: z.object({ png: z.string(), file: z.string().nullable() }),
  },
  /** Asks the printer in use, or one that is only being thought of, without moving its paper. */
  'print.check': {
    input: z.object({ printer: printerSettingsSchema.optional() }),
    output: printerCheckSchema,
  },
  'print.find': { input: z.object({}), output: z.array(foundPrinterSchema) },
} as const;
