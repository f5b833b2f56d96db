import type { Socket } from 'node:net';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { MAX_PUSH_BYTES, type Refusal } from '../../shared/sync/messages.ts';
import { isPassing, type Database } from '../store/database.ts';
import type { ServerIdentity } from '../store/meta.ts';
import type { ApiParts } from './api-parts.ts';
import { blobCalls } from './blob-calls.ts';
import { createGate } from './gate.ts';
import { commandCalls } from './command-calls.ts';
import { donationCalls } from './donation-calls.ts';
import { enrolCalls } from './enrol-calls.ts';
import { gzipBodies } from './gzip.ts';
import { createHallTurns } from './hall-turns.ts';
import { hintCalls } from './hint-calls.ts';
import { joiningCalls } from './joining-calls.ts';
import type { ServerLog } from './log.ts';
import { createMetrics, metricsCall } from './metrics.ts';
import { listenForNews } from './news.ts';
import { ownCalls } from './own-calls.ts';
import { openApiDocument } from './openapi.ts';
import { OUR_HEADERS, refuse, refuseBusy } from './refuse.ts';
import { officePages } from '../office/routes.ts';
import { masterCalls } from './master-calls.ts';
import { createSignatureCheck } from './signatures.ts';
import { streamCalls } from './stream-calls.ts';

/** Events are text within JSON: the escaping can make the body larger than they are, and one event must always fit. */
const BODY_LIMIT = MAX_PUSH_BYTES * 2;
const OFFICE = '/office';
/** Longest a request may take to arrive, milliseconds. */
const ARRIVAL_LIMIT_MS = 60_000;

/** The HTTP side of the server: the calls of shared/sync/messages.ts, which no browser may use, and the back office's pages. */
export async function createApi(ports: {
  database: Database;
  identity: ServerIdentity;
  version: string;
  log: ServerLog;
}): Promise<FastifyInstance> {
  const { database, identity, version, log } = ports;
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    logger: false,
    requestTimeout: ARRIVAL_LIMIT_MS,
    forceCloseConnections: true,
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => refuseRaw(error, socket),
    frameworkErrors: (_, __, reply) => {
      void refuse(reply.headers(OUR_HEADERS), 'bad-request', 'the request cannot be read');
    },
  });
  let closing = false;
  app.removeContentTypeParser('text/plain');
  gzipBodies(app);

  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(OUR_HEADERS);
    if (closing) return refuseBusy(reply, 2, 'the server is stopping', 503);
    if (request.headers.origin === undefined) return;
    // The back office's pages are for browsers, and look themselves at who asks.
    if (request.routeOptions.url?.startsWith(OFFICE)) return;
    // Devices are programs. A page in somebody's browser that asks is not ours.
    log('warning', 'call from a web page', { from: request.ip, path: request.routeOptions.url });
    return reply.code(403).send({ error: 'bad-request', message: 'not for web pages' } satisfies Refusal);
  });
  app.addHook('preClose', (done) => {
    closing = true;
    done();
  });
  app.addHook('onResponse', async (request, reply) => {
    const { statusCode } = reply;
    if (statusCode < 400) return;
    log(statusCode < 500 ? 'info' : 'warning', 'call refused', {
      method: request.method,
      // The pattern, never the address itself.
      path: request.routeOptions.url ?? '(none)',
      status: statusCode,
      from: request.ip,
      ms: Math.round(reply.elapsedTime),
    });
  });
  app.setNotFoundHandler((_, reply) => refuse(reply, 'not-found', 'no such call'));
  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (error.statusCode === 413) return refuse(reply, 'too-large', 'send fewer events at once');
    if (error.statusCode !== undefined && error.statusCode < 500)
      return refuse(reply, 'bad-request', 'the request cannot be read');
    log('error', 'a call failed', {
      path: request.routeOptions.url,
      code: error.code,
      reason: error.message,
    });
    // Nothing was acknowledged: the device keeps everything and comes again.
    if (isPassing(error)) return refuseBusy(reply, 2, 'the database does not answer', 503);
    return refuse(reply, 'internal', 'this should not have happened');
  });

  app.get('/', async (_, reply) =>
    reply.type('text/plain; charset=utf-8').send('综窗 Zongchuang 中央服务器 · /v1/openapi.json\n'),
  );
  const document = openApiDocument(version);
  app.get('/v1/openapi.json', () => Promise.resolve(document));
  app.get('/v1/health', async (_, reply) => {
    const state = await database.pool.query('select 1').then(
      () => 'ok',
      () => 'unreachable',
    );
    const ok = state === 'ok';
    return reply.code(ok ? 200 : 503).send({ ok, version, epoch: identity.epoch, database: state });
  });
  const news = listenForNews(database.url);
  app.addHook('onClose', () => news.close());
  const parts: ApiParts = {
    database,
    identity,
    log,
    gate: createGate(database),
    news,
    isSigned: createSignatureCheck(),
    turns: createHallTurns(),
    metrics: createMetrics(),
  };
  metricsCall(app, parts);
  enrolCalls(app, parts);
  joiningCalls(app, parts);
  streamCalls(app, parts);
  masterCalls(app, parts);
  donationCalls(app, parts);
  commandCalls(app, parts);
  ownCalls(app, parts);
  hintCalls(app, parts);
  blobCalls(app, parts);
  await app.register(
    (pages, _, done) => {
      officePages(pages, parts);
      done();
    },
    { prefix: OFFICE },
  );
  await app.ready();
  return app;
}

/** What is not even HTTP is answered in our words too, when there is anybody to answer. */
function refuseRaw(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify({
    error: 'bad-request',
    message: 'the request cannot be read',
  } satisfies Refusal);
  const headers = { ...OUR_HEADERS, 'content-type': 'application/json; charset=utf-8', connection: 'close' };
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(body) });
  socket.end(
    `HTTP/1.1 400 Bad Request\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
  );
}
