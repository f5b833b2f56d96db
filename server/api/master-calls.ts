import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { masterNameSchema, type masterAnswer, type masterIndexAnswer } from '../../shared/contract/master.ts';
import { masterTags, readMaster } from '../store/master.ts';
import type { ApiParts } from './api-parts.ts';

const nameParams = z.object({ name: masterNameSchema });

/** Master data of the device's own hall, never of one that was asked for. */
export function masterCalls(app: FastifyInstance, { database, gate }: ApiParts): void {
  app.get('/v1/master', async (request, reply) => {
    const reader = await gate.device(request, reply);
    if (!reader) return reply;
    return { tags: await masterTags(database.pool, reader.hall) } satisfies z.infer<typeof masterIndexAnswer>;
  });

  app.get('/v1/master/:name', async (request, reply) => {
    const reader = await gate.device(request, reply);
    const params = reader && gate.parsed(nameParams, request.params, reply);
    if (!params) return reply;
    const { name } = params;
    const found = await readMaster(database.pool, reader.hall, name);
    const tag = found?.tag ?? null;
    if (tag !== null) void reply.header('etag', `"${tag}"`);
    if (tag !== null && asked(request.headers['if-none-match']).includes(tag)) return reply.code(304).send();
    const value = (found ? JSON.parse(found.text) : null) as z.infer<typeof masterAnswer>['value'];
    return { name, tag, value } satisfies z.infer<typeof masterAnswer>;
  });
}

/** RFC 9110 §13.1.2: tags that the caller has already; a proxy may have marked them as weak. */
const asked = (header: string | undefined): string[] =>
  [...(header ?? '').matchAll(/(?:W\/)?"([^"]*)"/g)].map(([, tag]) => tag ?? '');
