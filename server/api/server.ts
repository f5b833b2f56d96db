import { createPublicKey, verify } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { deviceId } from '../../shared/sync/device-id.ts';
import {
  challengeRequest,
  enrolRequest,
  helloRequest,
  helloText,
  HINT_PARK_SECONDS,
  MAX_PUSH_BYTES,
  PROTOCOL,
  pushRequest,
  SERVER_HEADER,
} from '../../shared/sync/messages.ts';
import type { Database } from '../store/database.ts';
import { deviceOfToken, openSession, readDevice, type DeviceRow } from '../store/devices.ts';
import { enrolDevice } from '../store/enrolment.ts';
import type { ServerIdentity } from '../store/meta.ts';
import { hallHead, pullEvents, pushEvents, standingOf } from '../store/stream.ts';
import { createChallenges } from './challenges.ts';
import type { ServerLog } from './log.ts';
import { listenForNews } from './news.ts';
import { openApiDocument } from './openapi.ts';
import { createRateLimit } from './rate-limit.ts';
import { refuse } from './refuse.ts';

/** JSON escaping can make the body larger than the events in it. */
const BODY_LIMIT = MAX_PUSH_BYTES * 2;
/** SubjectPublicKeyInfo of Ed25519 before the 32 raw bytes (RFC 8410 §4). */
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');

const pullQuery = z.object({
  since: z.coerce.number().int().nonnegative(),
  limit: z.coerce.number().int().min(1).max(1000).default(500),
});
const hintQuery = z.object({ since: z.coerce.number().int().nonnegative() });

/** The HTTP side of the server: the calls of shared/sync/messages.ts, and nothing a browser could use. */
export async function createApi(ports: {
  database: Database;
  identity: ServerIdentity;
  version: string;
  log: ServerLog;
}): Promise<FastifyInstance> {
  const { database, identity, version, log } = ports;
  const { epoch } = identity;
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    logger: false,
    requestTimeout: 60_000,
    forceCloseConnections: true,
  });
  const challenges = createChallenges(identity.secret);
  const news = listenForNews(database.url);
  const stopping = new AbortController();
  const perDevice = createRateLimit({ burst: 60, perSecond: 20 });
  const wrongCodes = createRateLimit({ burst: 10, perSecond: 10 / 60 });

  app.addHook('onRequest', async (_, reply) => {
    void reply.header(SERVER_HEADER, '1').header('cache-control', 'no-store');
  });
  app.addHook('preClose', () => stopping.abort());
  app.addHook('onClose', () => news.close());
  app.setNotFoundHandler((_, reply) => refuse(reply, 'not-found', 'no such call'));
  app.setErrorHandler((error: { statusCode?: number; code?: string; message?: string }, request, reply) => {
    if (error.statusCode === 413) return refuse(reply, 'too-large', 'send fewer events at once');
    if (error.statusCode !== undefined && error.statusCode < 500)
      return refuse(reply, 'bad-request', 'the request cannot be read');
    log('error', 'a call failed', {
      path: request.routeOptions.url,
      code: error.code,
      reason: error.message,
    });
    // Whatever failed inside may pass: the device keeps everything and comes again.
    return reply.code(503).header('retry-after', '2').send({ error: 'internal', message: 'try again later' });
  });

  /** Parses, or has refused and returns null. */
  function parsed<T>(schema: z.ZodType<T>, value: unknown, reply: FastifyReply): T | null {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    refuse(reply, 'bad-request', result.error.issues.map((issue) => issue.path.join('.')).join(', '));
    return null;
  }

  /** The device of the session, within its share of the server, or has refused and returns null. */
  async function device(request: FastifyRequest, reply: FastifyReply): Promise<DeviceRow | null> {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const found = token === undefined ? null : await deviceOfToken(database.pool, token);
    if (!found) {
      refuse(reply, 'token', 'say hello first');
      return null;
    }
    const wait = perDevice.take(found.dev);
    if (wait > 0) {
      void reply.header('retry-after', String(wait));
      refuse(reply, 'busy', 'too many calls');
      return null;
    }
    return found;
  }

  app.get('/', async (_, reply) =>
    reply.type('text/plain; charset=utf-8').send('综窗 Zongchuang 中央服务器 · /v1/openapi.json\n'),
  );
  app.get('/v1/openapi.json', async () => openApiDocument(version));
  app.get('/v1/health', async (_, reply) => {
    const database_ = await database.pool.query('select 1').then(
      () => 'ok',
      () => 'unreachable',
    );
    return reply
      .code(database_ === 'ok' ? 200 : 503)
      .send({ ok: database_ === 'ok', version, epoch, database: database_ });
  });

  app.post('/v1/enrol', async (request, reply) => {
    const wait = wrongCodes.wait(request.ip);
    if (wait > 0) {
      void reply.header('retry-after', String(wait));
      return refuse(reply, 'busy', 'too many attempts');
    }
    const body = parsed(enrolRequest, request.body, reply);
    if (!body) return reply;
    const key = Buffer.from(body.publicKey, 'base64');
    if (key.length !== 32 || deviceId(key) !== body.dev)
      return refuse(reply, 'bad-request', 'dev does not follow from publicKey');
    const place = await enrolDevice(database, body);
    if (!place) {
      wrongCodes.take(request.ip);
      return refuse(reply, 'code', 'the code is wrong, used or too old');
    }
    log('info', 'device enrolled', { dev: place.dev, hall: place.hall, station: place.station });
    return reply.code(201).send(place);
  });

  app.post('/v1/challenge', async (request, reply) => {
    const body = parsed(challengeRequest, request.body, reply);
    return body ? { challenge: challenges.issue(body.dev) } : reply;
  });

  app.post('/v1/hello', async (request, reply) => {
    const body = parsed(helloRequest, request.body, reply);
    if (!body) return reply;
    const known = await readDevice(database.pool, body.dev);
    const text = helloText({
      challenge: body.challenge,
      dev: body.dev,
      inc: body.inc,
      seq: body.head.seq,
      hash: body.head.hash,
    });
    const signed =
      known !== null &&
      isSigned(known.publicKey, text, body.signature) &&
      challenges.redeem(body.dev, body.challenge);
    if (!known || !signed) {
      log('warning', 'hello refused', { dev: body.dev, known: known !== null, from: request.ip });
      return refuse(reply, 'signature', 'the device is unknown or the signature is wrong');
    }
    if (known.state === 'retired') return refuse(reply, 'device', 'this device has been retired');
    const { seq, hash, action } = await standingOf(database.pool, { ...body, hall: known.hall });
    return {
      epoch,
      now: new Date().toISOString(),
      token: await openSession(database.pool, body.dev),
      device: { seq, hash },
      head: await hallHead(database.pool, known.hall),
      action,
    };
  });

  app.post('/v1/push', async (request, reply) => {
    const sender = await device(request, reply);
    const body = sender && parsed(pushRequest, request.body, reply);
    if (!body) return reply;
    if (body.dev !== sender.dev) return refuse(reply, 'bad-request', 'dev is not the one of this session');
    const result = await pushEvents(database, { ...body, hall: sender.hall });
    switch (result.kind) {
      case 'taken':
        return { upTo: result.upTo, hash: result.hash, epoch, notes: result.notes };
      case 'gap':
        return refuse(reply, 'gap', 'events are missing before these', { expected: result.expected });
      case 'fork':
        log('warning', 'fork', { dev: sender.dev, inc: body.inc, seq: result.seq });
        return refuse(reply, 'fork', 'another event stands in this place', {
          seq: result.seq,
          hash: result.hash,
        });
      case 'lie':
        log('warning', 'push refused', { dev: sender.dev, seq: result.seq, reason: result.reason });
        return refuse(reply, 'bad-request', `event ${result.seq}: ${result.reason}`, { seq: result.seq });
    }
  });

  app.get('/v1/pull', async (request, reply) => {
    const reader = await device(request, reply);
    const query = reader && parsed(pullQuery, request.query, reply);
    return query
      ? { epoch, ...(await pullEvents(database.pool, reader.hall, query.since, query.limit)) }
      : reply;
  });

  app.get('/v1/hints', async (request, reply) => {
    const reader = await device(request, reply);
    const query = reader && parsed(hintQuery, request.query, reply);
    if (!query) return reply;
    const until = Date.now() + HINT_PARK_SECONDS * 1000;
    const answered = new AbortController();
    const gone = AbortSignal.any([stopping.signal, answered.signal, closedBy(reply)]);
    for (;;) {
      // Parked before looking, so that news between the two is not missed.
      const told = news.wait(reader.hall, Math.max(0, until - Date.now()), gone);
      const head = await hallHead(database.pool, reader.hall);
      if (head <= query.since && (await told)) continue;
      answered.abort();
      return { epoch, head };
    }
  });

  app.addHook('onListen', () => log('info', 'listening', { protocol: PROTOCOL }));
  await app.ready();
  return app;
}

/** @param publicKey raw Ed25519 key, base64 */
function isSigned(publicKey: string, text: string, signature: string): boolean {
  const der = Buffer.concat([ED25519_SPKI, Buffer.from(publicKey, 'base64')]);
  return verify(
    null,
    Buffer.from(text),
    createPublicKey({ key: der, format: 'der', type: 'spki' }),
    Buffer.from(signature, 'base64'),
  );
}

function closedBy(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort());
  return controller.signal;
}
