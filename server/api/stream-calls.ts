import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { HINT_PARK_SECONDS, pushRequest } from '../../shared/sync/messages.ts';
import { pushEvents } from '../store/push.ts';
import { hallHead, pullEvents } from '../store/stream.ts';
import type { ApiParts } from './api-parts.ts';
import { INCARNATION } from './joining-calls.ts';
import { listenForNews } from './news.ts';
import { refuse } from './refuse.ts';

/** How long a stop waits for the answers to parked requests to leave, milliseconds. */
const LEAVE_MS = 1_000;

const cursor = z.coerce.number().int().nonnegative();
const pullQuery = z.object({ since: cursor, limit: z.coerce.number().int().min(1).max(1000).default(500) });
const hintQuery = z.object({ since: cursor });

/** push, pull and hints: the hall's stream. The hall is always the device's own, never one that was asked for. */
export function streamCalls(app: FastifyInstance, parts: ApiParts): void {
  const { database, log, gate } = parts;
  const { epoch } = parts.identity;
  const news = listenForNews(database.url);
  /** Each parked request: ends the parking; settles when the answer has left. */
  const parked = new Map<AbortController, Promise<void>>();

  app.addHook('preClose', async () => {
    for (const park of parked.keys()) park.abort();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, LEAVE_MS)));
    await Promise.race([Promise.all(parked.values()), limit]);
    clearTimeout(timer);
  });
  app.addHook('onClose', () => news.close());

  app.post('/v1/push', async (request, reply) => {
    const sender = await gate.device(request, reply);
    const body = sender && gate.parsed(pushRequest, request.body, reply);
    if (!body) return reply;
    if (body.dev !== sender.dev) {
      log('warning', 'push for another device', { dev: sender.dev });
      return refuse(reply, 'bad-request', 'dev is not the one of this session');
    }
    if (!INCARNATION.test(body.inc)) return refuse(reply, 'bad-request', 'not understood: inc');
    const result = await pushEvents(database, { ...body, hall: sender.hall });
    switch (result.kind) {
      case 'taken':
        if (result.head !== null) news.tell(sender.hall, result.head);
        return { upTo: result.upTo, hash: result.hash, epoch, notes: result.notes };
      case 'gap':
        return refuse(reply, 'gap', 'events are missing before these', { expected: result.expected });
      case 'fork': {
        const { seq, hash } = result;
        log('warning', 'fork', { dev: sender.dev, inc: body.inc, seq });
        return refuse(reply, 'fork', 'another event stands in this place', { seq, hash });
      }
      case 'lie': {
        const { seq, reason } = result;
        log('warning', 'push refused', { dev: sender.dev, seq, reason });
        return refuse(reply, 'bad-request', `event ${seq}: ${reason}`, { seq });
      }
    }
  });

  app.get('/v1/pull', async (request, reply) => {
    const reader = await gate.device(request, reply);
    const query = reader && gate.parsed(pullQuery, request.query, reply);
    if (!query) return reply;
    return { epoch, ...(await pullEvents(database.pool, reader.hall, query.since, query.limit)) };
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
