import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { HINT_PARK_SECONDS } from '../../shared/sync/messages.ts';
import { hallHead } from '../store/stream.ts';
import type { ApiParts } from './api-parts.ts';
import { createHintStreams } from './hint-streams.ts';

/** How long a stop waits for the answers to parked requests to leave, milliseconds. */
const LEAVE_MS = 1_000;

const hintQuery = z.object({ since: z.coerce.number().int().nonnegative() });

/** hints: that there is something new, never what. */
export function hintCalls(app: FastifyInstance, parts: ApiParts): void {
  const { database, gate, news } = parts;
  const { epoch } = parts.identity;
  /** Each parked request: ends the parking; settles when the answer has left. */
  const parked = new Map<AbortController, Promise<void>>();

  app.addHook('preClose', async () => {
    for (const park of parked.keys()) park.abort();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, LEAVE_MS)));
    await Promise.race([Promise.all(parked.values()), limit]);
    clearTimeout(timer);
  });

  const streams = createHintStreams(epoch, news, (hall) => hallHead(database.pool, hall));
  app.addHook('preClose', (done) => {
    streams.close();
    done();
  });

  app.get('/v1/hints/stream', async (request, reply) => {
    const reader = await gate.device(request, reply);
    if (!reader) return reply;
    reply.hijack();
    await streams.open(reader.hall, reply.raw);
    return reply;
  });

  app.get('/v1/hints', async (request, reply) => {
    const reader = await gate.device(request, reply);
    const query = reader && gate.parsed(hintQuery, request.query, reply);
    if (!query) return reply;
    const park = new AbortController();
    // Emitted when the answer has left, and when the caller has gone.
    const left = new Promise<void>((resolve) => reply.raw.once('close', resolve));
    parked.set(park, left);
    void left.then(() => {
      parked.delete(park);
      park.abort();
    });
    // Parked before looking, so that news between the two is not missed.
    const told = news.wait(reader.hall, query.since, HINT_PARK_SECONDS * 1_000, park.signal);
    const now = await hallHead(database.pool, reader.hall);
    const head = now > query.since ? now : await told;
    return { epoch, head: head ?? (await hallHead(database.pool, reader.hall)) };
  });
}
