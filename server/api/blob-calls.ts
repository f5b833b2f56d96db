import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  BLOB_PART_BYTES,
  blobHashSchema,
  MAX_BLOB_BYTES,
  type BlobProgress,
} from '../../shared/contract/blob.ts';
import { readBlob, readBlobRow, takePart } from '../store/blobs.ts';
import type { ApiParts } from './api-parts.ts';
import { refuse } from './refuse.ts';

const BINARY = 'application/octet-stream';
const PATH = '/v1/blobs/:hash';
const params = z.object({ hash: blobHashSchema });

/** Blobs of the device's own hall (P3), sent in parts that may be resumed after any break. */
export function blobCalls(app: FastifyInstance, { database, gate, log }: ApiParts): void {
  app.addContentTypeParser(BINARY, { parseAs: 'buffer', bodyLimit: BLOB_PART_BYTES }, (_, body, done) =>
    done(null, body),
  );

  app.head(PATH, async (request, reply) => {
    const reader = await gate.device(request, reply);
    const asked = reader && gate.parsed(params, request.params, reply);
    if (!asked) return reply;
    const row = await readBlobRow(database.pool, reader.hall, asked.hash);
    if (!row) return refuse(reply, 'not-found', 'nothing of this blob is here');
    // Names of the IETF draft on resumable uploads.
    return reply
      .headers({
        'upload-offset': String(row.received),
        'upload-length': String(row.size),
        'upload-complete': row.complete ? '?1' : '?0',
      })
      .send();
  });

  app.put(PATH, async (request, reply) => {
    const sender = await gate.device(request, reply);
    const asked = sender && gate.parsed(params, request.params, reply);
    if (!asked) return reply;
    const { body } = request;
    const range = /^bytes (\d{1,10})-(\d{1,10})\/(\d{1,10})$/.exec(request.headers['content-range'] ?? '');
    const [start = 0, end = 0, size = 0] = (range ?? []).slice(1).map(Number);
    if (
      !range ||
      !Buffer.isBuffer(body) ||
      body.length === 0 ||
      end - start + 1 !== body.length ||
      end >= size
    )
      return refuse(reply, 'bad-request', 'content-range does not fit the body');
    if (size > MAX_BLOB_BYTES)
      return refuse(reply, 'too-large', `a blob has at most ${MAX_BLOB_BYTES} bytes`);
    const part = { hall: sender.hall, dev: sender.dev, hash: asked.hash, start, size, bytes: body };
    const result = await takePart(database, part);
    switch (result.kind) {
      case 'taken': {
        const { received, complete } = result;
        return { received, size: result.size, complete } satisfies BlobProgress;
      }
      case 'gap':
        return refuse(reply, 'gap', 'bytes are missing before these', { expected: result.expected });
      case 'quota':
        log('warning', 'a hall has no room for blobs', { hall: sender.hall });
        return refuse(
          reply,
          'quota',
          '本大厅的附件空间已满，请管理员扩大。 The hall has no room left for blobs.',
        );
      case 'differs':
        log('warning', 'blob differs from its name', { dev: sender.dev });
        return refuse(reply, 'differs', 'the bytes are not what the name says; begin again');
    }
  });

  app.get(PATH, { exposeHeadRoute: false }, async (request, reply) => {
    const reader = await gate.device(request, reply);
    const asked = reader && gate.parsed(params, request.params, reply);
    if (!asked) return reply;
    const bytes = await readBlob(database.pool, reader.hall, asked.hash);
    if (!bytes) return refuse(reply, 'not-found', 'this blob is not here, or not whole yet');
    return reply.type(BINARY).send(bytes);
  });
}
