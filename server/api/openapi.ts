import { z } from 'zod';
import { blobProgressSchema } from '../../shared/contract/blob.ts';
import { MASTER_NAMES, masterAnswer, masterIndexAnswer } from '../../shared/contract/master.ts';
import * as messages from '../../shared/sync/messages.ts';
import { carryAnswer, carryRequest, ownAnswer } from '../../shared/sync/own-messages.ts';

type Method = 'get' | 'post';
interface Call {
  method: Method;
  path: string;
  summary: string;
  request?: z.ZodType;
  query?: Record<string, string>;
  /** Parts of the path in braces, as schemas. */
  inPath?: Record<string, Record<string, unknown>>;
  answer: z.ZodType;
  /** Of the answer, when it is not JSON. */
  answerType?: string;
  status?: number;
  signedIn: boolean;
}

const INTEGER: Record<string, unknown> = { type: 'integer' };

/** Every call of the protocol, once: the document is made from it and the tests walk it. */
export const CALLS: readonly Call[] = [
  {
    method: 'post',
    path: '/v1/enrol',
    summary: 'Redeem a one-time code for a place in a hall',
    request: messages.enrolRequest,
    answer: messages.enrolAnswer,
    status: 201,
    signedIn: false,
  },
  {
    method: 'post',
    path: '/v1/challenge',
    summary: 'A nonce to sign',
    request: messages.challengeRequest,
    answer: messages.challengeAnswer,
    signedIn: false,
  },
  {
    method: 'post',
    path: '/v1/hello',
    summary: 'Prove the device key, compare heads, open a session',
    request: messages.helloRequest,
    answer: messages.helloAnswer,
    signedIn: false,
  },
  {
    method: 'post',
    path: '/v1/push',
    summary: 'Add a contiguous batch of own events',
    request: messages.pushRequest,
    answer: messages.pushAnswer,
    signedIn: true,
  },
  {
    method: 'get',
    path: '/v1/pull',
    summary: "The hall's events in the server's order",
    query: { since: 'cursor, exclusive', limit: '1–1000' },
    answer: messages.pullAnswer,
    signedIn: true,
  },
  {
    method: 'get',
    path: '/v1/snapshot',
    summary:
      "The hall's events just before a cursor, so that a new device begins at the head and fills backwards",
    query: { before: 'cursor, exclusive', limit: '1–1000' },
    answer: messages.snapshotAnswer,
    signedIn: true,
  },
  {
    method: 'post',
    path: '/v1/want',
    summary: 'After a restore: what the server lacks of what the caller holds',
    request: messages.wantRequest,
    answer: messages.wantAnswer,
    signedIn: true,
  },
  {
    method: 'post',
    path: '/v1/donate',
    summary: 'Events of any device of the hall, proven by chain and signature',
    request: messages.donateRequest,
    answer: messages.donateAnswer,
    signedIn: true,
  },
  {
    method: 'post',
    path: '/v1/command',
    summary: 'Whether a command may happen; a yes holds its aggregate for ten seconds',
    request: messages.commandRequest,
    answer: messages.commandAnswer,
    signedIn: true,
  },
  {
    method: 'get',
    path: '/v1/hints',
    summary: "Parked until the hall's head passes `since`",
    query: { since: 'cursor' },
    answer: messages.hintAnswer,
    signedIn: true,
  },
  {
    method: 'get',
    path: '/v1/hints/stream',
    summary:
      'The same as server-sent events: one at once, then one whenever the head moves, a comment every 10 s',
    answer: messages.hintAnswer,
    answerType: 'text/event-stream',
    signedIn: true,
  },
  {
    method: 'get',
    path: '/v1/master',
    summary: "Tags of the hall's master data; null was never set",
    answer: masterIndexAnswer,
    signedIn: true,
  },
  {
    method: 'get',
    path: '/v1/master/{name}',
    summary: "One of the hall's master data, with ETag; 304 for if-none-match",
    inPath: { name: { type: 'string', enum: MASTER_NAMES } },
    answer: masterAnswer,
    signedIn: true,
  },
  {
    method: 'get',
    path: '/v1/own',
    summary: "The asking device's incarnations, or with inc, from and to its own events back",
    answer: ownAnswer,
    signedIn: true,
  },
  {
    method: 'post',
    path: '/v1/carry',
    summary: "Another device's export, handed on",
    request: carryRequest,
    answer: carryAnswer,
    signedIn: true,
  },
  {
    method: 'get',
    path: '/v1/health',
    summary: 'Whether the server and its database answer',
    answer: z.object({ ok: z.boolean(), version: z.string(), epoch: z.string(), database: z.string() }),
    signedIn: false,
  },
  {
    method: 'get',
    path: '/metrics',
    summary: 'Figures in the Prometheus text format, for this machine alone',
    answer: z.string(),
    answerType: 'text/plain',
    signedIn: false,
  },
];

const json = (schema: z.ZodType, type = 'application/json'): unknown => ({
  [type]: { schema: z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) },
});

const session = [{ session: [] }];
const binary = { 'application/octet-stream': {} };
const hash = [
  { name: 'sha256', in: 'path', required: true, schema: { type: 'string', pattern: '^[0-9a-f]{64}$' } },
];
/** The one address that does not speak JSON. */
const BLOBS = {
  parameters: hash,
  head: {
    summary: 'How much of a blob is here: upload-offset, upload-length, upload-complete',
    security: session,
    responses: { 200: { description: 'some or all' }, 404: { description: 'nothing' } },
  },
  put: {
    summary: 'The next part of a blob, with content-range; resumable',
    security: session,
    requestBody: { required: true, content: binary },
    responses: {
      200: { description: 'taken', content: json(blobProgressSchema) },
      default: { description: 'refused: gap, quota, differs', content: json(messages.refusal) },
    },
  },
  get: {
    summary: 'A whole blob',
    security: session,
    responses: { 200: { description: 'its bytes', content: binary }, 404: { description: 'not here' } },
  },
};

/** The OpenAPI 3.1 document of this server, made from the schemas that check the messages. */
export function openApiDocument(version: string): unknown {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const call of CALLS) {
    const parameters = Object.entries(call.query ?? {}).map(([name, description]) => ({
      name,
      in: 'query',
      description,
      schema: INTEGER,
      required: false,
    }));
    for (const [name, schema] of Object.entries(call.inPath ?? {}))
      parameters.push({ name, in: 'path', description: '', schema, required: true });
    paths[call.path] = {
      ...paths[call.path],
      [call.method]: {
        summary: call.summary,
        ...(call.request ? { requestBody: { required: true, content: json(call.request) } } : {}),
        ...(parameters.length > 0 ? { parameters } : {}),
        ...(call.signedIn ? { security: [{ session: [] }] } : {}),
        responses: {
          [call.status ?? 200]: { description: 'done', content: json(call.answer, call.answerType) },
          default: { description: 'refused', content: json(messages.refusal) },
        },
      },
    };
  }
  paths['/v1/blobs/{sha256}'] = BLOBS;
  return {
    openapi: '3.1.0',
    info: { title: '综窗 Zongchuang central server', version },
    paths,
    components: {
      securitySchemes: { session: { type: 'http', scheme: 'bearer', description: 'token of /v1/hello' } },
    },
  };
}
