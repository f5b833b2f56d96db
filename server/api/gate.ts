import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Database } from '../store/database.ts';
import { deviceOfToken, type DeviceRow } from '../store/devices.ts';
import { createRateLimit } from './rate-limit.ts';
import { refuse, refuseBusy } from './refuse.ts';

/** Share of one device. A device that comes back after days pulls 60 pages at once, then 20 a second. */
const PER_DEVICE = { burst: 60, perSecond: 20 };
/** Share of one address before anybody has said who they are: a hall's 200 counters may stand behind one. */
const PER_ADDRESS = { burst: 1_000, perSecond: 100 };

export interface Gate {
  /** Parses what was sent, or refuses and returns null. */
  parsed<T>(schema: z.ZodType<T>, value: unknown, reply: FastifyReply): T | null;
  /** Lets a stranger's call pass, or refuses and returns false. */
  stranger(request: FastifyRequest, reply: FastifyReply): boolean;
  /** The device of the session, within its share of the server, or refuses and returns null. */
  device(request: FastifyRequest, reply: FastifyReply): Promise<DeviceRow | null>;
}

/** Who may come in, and how often. */
export function createGate(database: Database): Gate {
  const perDevice = createRateLimit(PER_DEVICE);
  const perAddress = createRateLimit(PER_ADDRESS);
  const gate: Gate = {
    parsed(schema, value, reply) {
      const result = schema.safeParse(value);
      if (result.success) return result.data;
      const places = result.error.issues.map((issue) => issue.path.join('.') || '(body)');
      refuse(reply, 'bad-request', `not understood: ${places.slice(0, 10).join(', ')}`);
      return null;
    },
    stranger(request, reply) {
      const wait = perAddress.take(request.ip);
      if (wait > 0) refuseBusy(reply, wait, 'too many calls from this address');
      return wait === 0;
    },
    async device(request, reply) {
      const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
      const found = token === undefined ? null : await deviceOfToken(database.pool, token);
      if (!found) {
        if (gate.stranger(request, reply)) refuse(reply, 'token', 'say hello first');
        return null;
      }
      const wait = perDevice.take(found.dev);
      if (wait === 0) return found;
      refuseBusy(reply, wait, 'too many calls from this device');
      return null;
    },
  };
  return gate;
}
