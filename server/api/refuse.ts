import type { FastifyReply } from 'fastify';
import type { Refusal } from '../../shared/sync/messages.ts';

const STATUS: Record<Refusal['error'], number> = {
  'bad-request': 400,
  code: 403,
  signature: 401,
  device: 403,
  token: 401,
  gap: 409,
  fork: 409,
  'too-large': 413,
  busy: 429,
  'not-found': 404,
  internal: 500,
};

/** Every refusal has one shape, so that a device can tell our no from a proxy's. */
export function refuse(
  reply: FastifyReply,
  error: Refusal['error'],
  message: string,
  more: Partial<Refusal> = {},
): FastifyReply {
  return reply.code(STATUS[error]).send({ error, message, ...more } satisfies Refusal);
}
