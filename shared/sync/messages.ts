import { z } from 'zod';
import { pulledEventSchema } from '../contract/central.ts';
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
export const enrolAnswer = z.object({
  dev: z.string(),
  hall: z.string(),
  hallName: z.string(),
  station: z.string(),
  stationName: z.string(),
  series: z.string(),
});

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
  action: z.enum(['ok', 'rewound', 'fork', 'retired', 'upgrade']),
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
});
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
    'too-large',
    'busy',
    'not-found',
    'internal',
  ]),
  message: z.string(),
  expected: count.optional(),
  seq: count.optional(),
  hash: z.string().optional(),
});

export type EnrolAnswer = z.infer<typeof enrolAnswer>;
export type HelloRequest = z.infer<typeof helloRequest>;
export type HelloAnswer = z.infer<typeof helloAnswer>;
export type PushRequest = z.infer<typeof pushRequest>;
export type PushAnswer = z.infer<typeof pushAnswer>;
export type PullAnswer = z.infer<typeof pullAnswer>;
export type Refusal = z.infer<typeof refusal>;
