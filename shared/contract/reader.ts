import { z } from 'zod';
import { ERROR_CODES } from './errors.ts';
import { TEST_READ_LIMIT_MS } from './reader-limits.ts';

/**
 * What an admin may ask about card readers. Nothing here carries a person's data: frames and documents are masked
 * by the core before they are answered.
 */

/** How a reader is attached. `library`: a maker's own DLL or .so stands between. */
export const readerBusSchema = z.enum(['hid', 'usb', 'serial', 'library']);
export type ReaderBus = z.infer<typeof readerBusSchema>;

/** What a device can be to this program. */
export const readerVerdictSchema = z.enum([
  /** A profile names it: it works by itself. */
  'ready',
  /** Nothing is known about it; an admin may have it probed. */
  'may-probe',
  /** A serial port: an admin has to say that a reader hangs on it. */
  'by-hand',
  /** A known reader whose framing is not published: probing may help, its maker's library will. */
  'unknown-framing',
  /** A known reader that has no security module and decodes in its maker's cloud. */
  'cloud-only',
  /** It types like a keyboard; the cards cannot be read by a program. */
  'keyboard-wedge',
  /** It has fallen into its boot loader: plug it in again. */
  'boot-loader',
  /** Keyboards and mice. */
  'never',
  /** Known and usable, but the operating system does not let this user open it. */
  'no-permission',
]);
export type ReaderVerdict = z.infer<typeof readerVerdictSchema>;

export const attachedDeviceSchema = z.object({
  bus: readerBusSchema,
  path: z.string(),
  /** `10C4:0007`, '' where the bus has none. */
  ids: z.string(),
  product: z.string(),
  manufacturer: z.string(),
  kind: z.enum(['hid', 'keyboard', 'mouse', 'vendor-usb', 'serial', 'boot-loader']),
  verdict: readerVerdictSchema,
  /** Maker and models as far as known, for the page; '' when nothing is known. */
  known: z.string(),
  /** Whether it is the reader in use now. */
  inUse: z.boolean(),
  /** Values for the setting `reader.profile` that take this device into use, best first. */
  choices: z.array(z.object({ profile: z.string(), choice: z.string() })),
});
export type AttachedDevice = z.infer<typeof attachedDeviceSchema>;

export const readerProfileSummarySchema = z.object({
  id: z.string(),
  name: z.string(),
  bus: readerBusSchema,
  /** From a file in this installation's own profile folder. */
  own: z.boolean(),
});

/** One frame of the log, without a person's data. */
export const frameEntrySchema = z.object({
  seq: z.number().int(),
  /** Milliseconds since 1970. */
  at: z.number(),
  direction: z.enum(['out', 'in']),
  /** Name of the command (`find`), for both directions. */
  command: z.string(),
  /** Status byte of an answer in hex, '' for requests and for answers that did not hold. */
  status: z.string(),
  /** What it means, in English, for support. */
  meaning: z.string(),
  /** The frame in hex; everything that comes from a card is replaced by `··`, a long run of them by `·· ×1285`. */
  hex: z.string(),
  /** 0: nothing came, or nothing that held; `meaning` says why. */
  bytes: z.number().int(),
  /** How often in a row, up to now: polls that all went the same way are told as one entry now and then. */
  times: z.number().int(),
  /** From sending to the last byte, milliseconds; 0 for requests. */
  tookMs: z.number(),
});
export type FrameEntry = z.infer<typeof frameEntrySchema>;

export const probeAttemptSchema = z.object({
  profile: z.string(),
  /** 'answered' or why not. */
  outcome: z.enum(['answered', ...ERROR_CODES]),
  /** The number of its security module, when it answered. */
  sam: z.string(),
  tookMs: z.number(),
});
export type ProbeAttempt = z.infer<typeof probeAttemptSchema>;

/** What a test read brought, masked. */
export const testReadSchema = z.object({
  outcome: z.enum(['read', ...ERROR_CODES]),
  /** The masked document, as key and value, for showing line by line. */
  document: z.array(z.object({ field: z.string(), value: z.string() })),
  warnings: z.array(z.string()),
  photoBytes: z.number().int(),
  /** From "card found" to the last byte, milliseconds. */
  readMs: z.number(),
});
export type TestRead = z.infer<typeof testReadSchema>;

export const readerContract = {
  'reader.devices': {
    input: z.object({}),
    output: z.object({
      devices: z.array(attachedDeviceSchema),
      profiles: z.array(readerProfileSummarySchema),
    }),
  },
  /** Tries the profiles of a device that is not in use; asks it for its status only. */
  'reader.probe': {
    input: z.object({
      bus: readerBusSchema,
      path: z.string().max(500),
      profiles: z.array(z.string().max(40)).max(20).optional(),
    }),
    output: z.object({ attempts: z.array(probeAttemptSchema) }),
  },
  /** The next card goes to the asker, masked, and not to the counter. */
  'reader.testRead': {
    input: z.object({
      limitMs: z.number().int().min(1000).max(TEST_READ_LIMIT_MS).default(TEST_READ_LIMIT_MS),
    }),
    output: testReadSchema,
  },
  /** Nobody wants the next card any more: a test read that is running ends as if nobody had come. */
  'reader.endTest': { input: z.object({}), output: z.object({}) },
  /** Frames after `after`, newest last; the log keeps the last few hundred. */
  'reader.frames': {
    input: z.object({ after: z.number().int().default(0) }),
    output: z.object({ frames: z.array(frameEntrySchema) }),
  },
} as const;
