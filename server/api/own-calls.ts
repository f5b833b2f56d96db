import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  carryRequest,
  MAX_CARRY_BYTES,
  type CarryAnswer,
  type OwnAnswer,
} from '../../shared/sync/own-messages.ts';
import { publicExportKey } from '../store/export-key.ts';
import { ownEvents, ownIncarnations } from '../store/own.ts';
import { takeExport } from '../store/take-export.ts';
import type { ApiParts } from './api-parts.ts';
import { INCARNATION } from './joining-calls.ts';

const place = z.coerce.number().int().positive();
const ownQuery = z.object({
  inc: z.string().regex(INCARNATION).optional(),
  from: place.default(1),
  to: place.default(1),
});

/** own: what a device gets back when its journal lost something. carry: what it brings for another one. */
export function ownCalls(app: FastifyInstance, parts: ApiParts): void {
  const { database, log, gate, news, identity } = parts;

  app.get('/v1/own', async (request, reply): Promise<OwnAnswer | typeof reply> => {
    const asker = await gate.device(request, reply);
    const query = asker && gate.parsed(ownQuery, request.query, reply);
    if (!query) return reply;
    const { hall, dev } = asker;
    const exportKey = publicExportKey(identity.exportKey);
    const { inc, from, to } = query;
    if (inc === undefined)
      return { incarnations: await ownIncarnations(database.pool, hall, dev), events: [], exportKey };
    return {
      incarnations: [],
      events: await ownEvents(database.pool, { hall, dev, inc, from, to }),
      exportKey,
    };
  });

  app.post(
    '/v1/carry',
    { bodyLimit: MAX_CARRY_BYTES },
    async (request, reply): Promise<CarryAnswer | typeof reply> => {
      const carrier = await gate.device(request, reply);
      const body = carrier && gate.parsed(carryRequest, request.body, reply);
      if (!body) return reply;
      const bytes = Buffer.from(body.file, 'base64');
      const taken = await takeExport(database, identity.exportKey, bytes, carrier.hall);
      if (!taken.ok) {
        log('warning', 'carried export refused', { from: carrier.dev, why: taken.why });
        return { events: 0, added: 0, refused: taken.why };
      }
      const { hall, dev, events, added, head, left } = taken;
      log('info', 'carried export taken', { from: carrier.dev, dev, events, added, left: left.length });
      if (head !== null) news.tell(hall, head);
      return { events, added };
    },
  );
}
