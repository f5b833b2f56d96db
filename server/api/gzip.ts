import type { Readable, Transform } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';

/** Answers below this are sent as they are, bytes. */
const ANSWER_FROM = 16_384;
const LOCAL = /^(::1|(::ffff:)?127\.)/;
const compress = promisify(gzip);

/**
 * Bodies may come as gzip, and long answers go so to whoever accepts it: events are a quarter as long then, which pays
 * on a hall's line to the centre. Not on this machine itself, where the processor is dearer than the line.
 */
export function gzipBodies(app: FastifyInstance): void {
  app.addHook('preParsing', async (request, _, payload: Readable) => {
    if (request.headers['content-encoding'] !== 'gzip') return payload;
    return unpacked(payload);
  });
  app.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' || payload.length < ANSWER_FROM || LOCAL.test(request.ip)) return payload;
    if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return payload;
    void reply.header('content-encoding', 'gzip').removeHeader('content-length');
    return compress(payload, { level: 1 });
  });
}

/** The parser's own limits count both: what came over the wire, and what it becomes. */
function unpacked(payload: Readable): Readable & { receivedEncodedLength: number } {
  const out = createGunzip() as Transform as Readable & Transform & { receivedEncodedLength: number };
  out.receivedEncodedLength = 0;
  payload.on('data', (chunk: Buffer) => (out.receivedEncodedLength += chunk.length));
  payload.on('error', (error) => out.destroy(error));
  // The parser hears of it while it reads; a body that is refused unread would otherwise end the process.
  out.on('error', () => undefined);
  return payload.pipe(out);
}
