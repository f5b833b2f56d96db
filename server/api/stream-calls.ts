import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { headText, pushRequest, type PushRequest } from '../../shared/sync/messages.ts';
import { noteDevice } from '../store/device-notices.ts';
import { wasInHall, type DeviceRow } from '../store/devices.ts';
import { pushEvents } from '../store/push.ts';
import { pullEvents, snapshotPage } from '../store/stream.ts';
import type { ApiParts } from './api-parts.ts';
import { INCARNATION } from './joining-calls.ts';
import { refuse, refuseBusy } from './refuse.ts';

const cursor = z.coerce.number().int().nonnegative();
const limit = z.coerce.number().int().min(1).max(1000).default(500);
const pullQuery = z.object({ since: cursor, limit });
const snapshotQuery = z.object({ before: cursor.min(1), limit });

const PLACE = /^[0-9A-Za-z._-]{1,32}$/;

/** push, pull and snapshot: the hall's stream. The hall is always the device's own, never one that was asked for. */
export function streamCalls(app: FastifyInstance, parts: ApiParts): void {
  const { database, log, gate, news, isSigned, turns, metrics } = parts;
  const { epoch } = parts.identity;

  app.post('/v1/push', async (request, reply) => {
    const sender = await gate.device(request, reply);
    const body = sender && gate.parsed(pushRequest, request.body, reply);
    if (!body) return reply;
    if (body.dev !== sender.dev) {
      log('warning', 'push for another device', { dev: sender.dev });
      return refuse(reply, 'bad-request', 'dev is not the one of this session');
    }
    if (!INCARNATION.test(body.inc)) return refuse(reply, 'bad-request', 'not understood: inc');
    const hall = await hallOf(sender, body);
    if (body.signature !== undefined && !isSignedHead(sender, body, hall)) {
      log('warning', 'push with a wrong signature', { dev: sender.dev });
      await noteDevice(database.pool, sender, 'wrong-signature', { address: request.ip });
      return refuse(reply, 'bad-request', 'the signature is not that of this device over the last event');
    }
    const result = await turns.run(hall, () =>
      pushEvents(database, { ...body, hall, signature: body.signature ?? '' }),
    );
    // Spread out, so that they do not all come back in the same second.
    if (!result) return refuseBusy(reply, 1 + Math.floor(Math.random() * 5), 'the hall is busy');
    switch (result.kind) {
      case 'taken':
        if (result.head !== null) news.tell(hall, result.head);
        metrics.add('zongchuang_events_total', {}, result.head === null ? 0 : body.events.length);
        return { upTo: result.upTo, hash: result.hash, epoch, notes: result.notes };
      case 'gap':
        return refuse(reply, 'gap', 'events are missing before these', { expected: result.expected });
      case 'fork': {
        const { seq, hash } = result;
        log('warning', 'fork', { dev: sender.dev, inc: body.inc, seq });
        await noteDevice(database.pool, sender, 'fork', { inc: body.inc, seq, from: request.ip });
        return refuse(reply, 'fork', 'another event stands in this place', { seq, hash });
      }
      case 'lie': {
        const { seq, reason } = result;
        log('warning', 'push refused', { dev: sender.dev, seq, reason });
        if (reason === 'hall')
          await noteDevice(database.pool, sender, 'foreign-hall', { seq, from: request.ip });
        return refuse(reply, 'bad-request', `event ${seq}: ${reason}`, { seq });
      }
    }
  });

  /** Where a batch belongs: the device's hall, or the one it left with work that had not been sent (fault 26). */
  async function hallOf(sender: DeviceRow, { events }: PushRequest): Promise<string> {
    const named = hallNamedIn(events[0]?.bytes ?? '');
    if (!PLACE.test(named) || named === sender.hall) return sender.hall;
    return (await wasInHall(database.pool, sender.dev, named)) ? named : sender.hall;
  }

  function isSignedHead(sender: DeviceRow, body: PushRequest, hall: string): boolean {
    const { dev, inc, from, events, signature } = body;
    const hash = events.at(-1)?.hash ?? '';
    const text = headText({ hall, dev, inc, seq: from + events.length - 1, hash });
    return isSigned(sender.publicKey, text, signature ?? '');
  }

  app.get('/v1/pull', async (request, reply) => {
    const reader = await gate.device(request, reply);
    const query = reader && gate.parsed(pullQuery, request.query, reply);
    if (!query) return reply;
    return { epoch, ...(await pullEvents(database.pool, reader.hall, query.since, query.limit)) };
  });

  app.get('/v1/snapshot', async (request, reply) => {
    const reader = await gate.device(request, reply);
    const query = reader && gate.parsed(snapshotQuery, request.query, reply);
    if (!query) return reply;
    return { epoch, ...(await snapshotPage(database.pool, reader.hall, query.before, query.limit)) };
  });
}

function hallNamedIn(bytes: string): string {
  try {
    return String((JSON.parse(bytes) as { hall?: unknown }).hall);
  } catch {
    return '';
  }
}
