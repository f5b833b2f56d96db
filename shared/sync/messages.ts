import { z } from 'zod';
import {
  checkpointSchema,
  commandSchema,
  donatedEventSchema,
  incarnationHeadSchema,
  MAX_DONATED,
  MAX_HEADS,
  pulledEventSchema,
  snapshotPageSchema,
  wantedRangeSchema,
} from '../contract/central.ts';
import { MAX_CHECKPOINTS } from '../contract/central-limits.ts';
import { sealedEventSchema } from '../contract/journal.ts';

/**
 * What travels between the core and the server: HTTP/JSON under `/v1`. Every answer carries the header
 * `x-zongchuang: 1`, so that a captive portal's friendly 200 is not taken for the server's word.
 */
export const PROTOCOL = 1;
export const SERVER_HEADER = 'x-zongchuang';
export const MAX_PUSH_EVENTS = 500;
export const MAX_PUSH_BYTES = 1_000_000;
/** How long the server parks a hint request, seconds. */
export const HINT_PARK_SECONDS = 25;
/** How often a hint stream says that it still lives, seconds. */
export const HINT_PULSE_SECONDS = 10;
/** How long a granted command holds its aggregate for the device that asked, milliseconds. */
export const GRANT_MS = 10_000;

const base64 = z.string().regex(/^[A-Za-z0-9+/]+=*$/);
const count = z.number().int().nonnegative();

/** POST /v1/enrol, with a one-time code; 201, or 403 `{error:'code'}`. */
export const enrolRequest = z.object({
  proto: z.literal(PROTOCOL),
  code: z.string(),
  dev: z.string(),
  /** Raw 32-byte Ed25519 public key, base64. `dev` is derived from it and checked. */
  publicKey: base64,
});
export const placeSchema = z.object({
  dev: z.string(),
  hall: z.string(),
  hallName: z.string(),
  station: z.string(),
  stationName: z.string(),
  series: z.string(),
});
/**
 * The server's own word, sealed by it, that it enrolled a device at a place. The device keeps it and shows it at every
 * hello, so that a server which was restored from an older backup takes it back without a person.
 */
export const certificateSchema = z.object({
  /** JSON of the place and the device's public key. */
  text: z.string().max(2_000),
  /** HMAC of the server's own secret, base64url. Only the server that made it can check it. */
  seal: z.string().max(100),
});
export const enrolAnswer = placeSchema.extend({ certificate: certificateSchema.optional() });

/** POST /v1/challenge → a nonce to sign, so that neither side has to trust the other's clock. */
export const challengeRequest = z.object({ dev: z.string() });
export const challengeAnswer = z.object({ challenge: z.string() });

/** POST /v1/hello. `signature` = Ed25519 over {@link helloText}. 200, 401 `{error:'signature'|'device'}`. */
export const helloRequest = z.object({
  proto: z.literal(PROTOCOL),
  app: z.string(),
  dev: z.string(),
  inc: z.string(),
  bootNonce: z.string(),
  challenge: z.string(),
  signature: base64,
  head: z.object({ seq: count, hash: z.string() }),
  cursor: count,
  streamHash: z.string(),
  now: z.string(),
  /** Earlier places of the stream the device remembers, newest first. Its presence also says: 'cloned' is understood. */
  checkpoints: z.array(checkpointSchema).max(MAX_CHECKPOINTS).optional(),
  certificate: certificateSchema.optional(),
  /** Name of the computer, so that an administrator can be told which two share a key. */
  machine: z.string().max(64).optional(),
});
/** What this server takes at once, and how far back its backups may throw it. */
export const limitsSchema = z.object({
  events: z.number().int().positive(),
  /** Before compression. */
  bytes: z.number().int().positive(),
  /** Whether a body may come as `content-encoding: gzip`. */
  gzip: z.boolean(),
});
export const helloAnswer = z.object({
  epoch: z.string(),
  now: z.string(),
  /** Bearer token of this session, `authorization: Bearer …` on every later call. */
  token: z.string(),
  /** The server's head of this device's incarnation. */
  device: z.object({ seq: count, hash: z.string() }),
  /** The hall's head. */
  head: count,
  /** 'cloned': another machine works with this key and this incarnation; whoever hears it takes a new incarnation. */
  action: z.enum(['ok', 'rewound', 'fork', 'retired', 'upgrade', 'cloned']),
  /** The newest place the device named where both streams are the same; 0 when there is none. */
  common: count.optional(),
  limits: limitsSchema.optional(),
  /** Days a restored backup may lie back: acknowledged events are kept by devices for so long. */
  horizonDays: z.number().int().positive().optional(),
  /** The place, when it is another one than the certificate that was shown says, and its new certificate. */
  place: placeSchema.optional(),
  certificate: certificateSchema.optional(),
  /** Another machine was seen with this key; one of the two should be enrolled anew. */
  twin: z.boolean().optional(),
});

/** The text a device signs: binds the challenge to device, incarnation and head. */
export const helloText = (h: {
  challenge: string;
  dev: string;
  inc: string;
  seq: number;
  hash: string;
}): string => `zongchuang-hello-1\n${h.challenge}\n${h.dev}\n${h.inc}\n${h.seq}\n${h.hash}`;

/** POST /v1/push. 200; 409 `{error:'gap',expected}` or `{error:'fork',seq,hash}`; 413; 429; 503. */
export const pushRequest = z.object({
  dev: z.string(),
  inc: z.string(),
  from: z.number().int().positive(),
  events: z.array(sealedEventSchema).min(1).max(MAX_PUSH_EVENTS),
  /** The device's Ed25519 over {@link headText} of the last of these events. Kept with it, given out at pull. */
  signature: base64.optional(),
});

/** The text that signs an incarnation up to an event: the chain makes it vouch for all before. */
export const headText = (h: { hall: string; dev: string; inc: string; seq: number; hash: string }): string =>
  `zongchuang-head-1\n${h.hall}\n${h.dev}\n${h.inc}\n${h.seq}\n${h.hash}`;

export const pushAnswer = z.object({
  upTo: count,
  hash: z.string(),
  epoch: z.string(),
  notes: z.array(z.object({ seq: count, note: z.string() })),
});

/** GET /v1/pull?since=&limit= */
export const pullAnswer = z.object({
  epoch: z.string(),
  events: z.array(pulledEventSchema),
  head: count,
  streamHash: z.string(),
});

/** GET /v1/hints?since=: parked until the hall's head passes `since` or {@link HINT_PARK_SECONDS} are over. */
export const hintAnswer = z.object({ epoch: z.string(), head: count });

/** GET /v1/snapshot?before=&limit= */
export const snapshotAnswer = snapshotPageSchema;

/** POST /v1/want: what the caller holds; the answer is what the server lacks of it, at most {@link MAX_WANTED} ranges. */
export const wantRequest = z.object({ heads: z.array(incarnationHeadSchema).max(MAX_HEADS) });
export const wantAnswer = z.object({ want: z.array(wantedRangeSchema) });
export const MAX_WANTED = 500;

/**
 * POST /v1/donate: a contiguous stretch of one incarnation of the hall, of any device. Taken as far as its last valid
 * signature; 409 `{error:'gap',expected}` or `{error:'fork',seq,hash}` as at push, 400 when nothing in it is proven.
 */
export const donateRequest = z.object({
  dev: z.string(),
  inc: z.string(),
  events: z.array(donatedEventSchema).min(1).max(MAX_DONATED),
});
export const donateAnswer = z.object({ taken: count, upTo: count, epoch: z.string() });

/** POST /v1/command. 200, or 409 `{error:'refused',reason,by}`. */
export const commandRequest = commandSchema;
export const commandAnswer = z.object({
  granted: z.literal(true),
  /** How long the aggregate is held for this device, milliseconds from now. */
  untilMs: count,
});

/** Body of every refusal. `error` is for the program, `message` for whoever reads the raw answer. */
export const refusal = z.object({
  error: z.enum([
    'bad-request',
    'code',
    'signature',
    'device',
    'token',
    'gap',
    'fork',
    // a command that may not happen
    'refused',
    'too-large',
    'busy',
    // of blobs: the hall's room is used up; the bytes are not what their name says
    'quota',
    'differs',
    'not-found',
    'internal',
  ]),
  message: z.string(),
  expected: count.optional(),
  seq: count.optional(),
  hash: z.string().optional(),
  reason: z.string().optional(),
  by: z.string().optional(),
});

export type Limits = z.infer<typeof limitsSchema>;
export type Place = z.infer<typeof placeSchema>;
export type Certificate = z.infer<typeof certificateSchema>;
export type DonateRequest = z.infer<typeof donateRequest>;
export type EnrolAnswer = z.infer<typeof enrolAnswer>;
export type HelloRequest = z.infer<typeof helloRequest>;
export type HelloAnswer = z.infer<typeof helloAnswer>;
export type PushRequest = z.infer<typeof pushRequest>;
export type PushAnswer = z.infer<typeof pushAnswer>;
export type PullAnswer = z.infer<typeof pullAnswer>;
export type Refusal = z.infer<typeof refusal>;
