import type { FastifyReply } from 'fastify';
import { SERVER_HEADER, type Refusal } from '../../shared/sync/messages.ts';

const STATUS: Record<Refusal['error'], number> = {
  'bad-request': 400,
  code: 403,
  signature: 401,
  device: 401,
  token: 401,
  gap: 409,
  fork: 409,
  refused: 409,
  'too-large': 413,
  busy: 429,
  quota: 507,
  differs: 422,
  'not-found': 404,
  internal: 500,
};

/** On every answer of ours, so that a captive portal's is not taken for it; and no proxy may keep it. */
export const OUR_HEADERS = { [SERVER_HEADER]: '1', 'cache-control': 'no-store' } as const;

/** Every refusal has one shape, so that a device can tell our no from a proxy's. */
export function refuse(
  reply: FastifyReply,
  error: Refusal['error'],
  message: string,
  more: Partial<Refusal> = {},
): FastifyReply {
  return reply
    .code(STATUS[error])
    .type('application/json; charset=utf-8')
    .send({ error, message, ...more } satisfies Refusal);
}

/** @param seconds until it is worth coming again */
export function refuseBusy(
  reply: FastifyReply,
  seconds: number,
  message: string,
  status: 429 | 503 = 429,
): FastifyReply {
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .header('retry-after', String(seconds))
    .send({ error: 'busy', message } satisfies Refusal);
}
