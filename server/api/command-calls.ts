import type { FastifyInstance } from 'fastify';
import { commandRequest } from '../../shared/sync/messages.ts';
import { askCommand } from '../store/commands.ts';
import type { ApiParts } from './api-parts.ts';
import { refuse } from './refuse.ts';

/** command: asked for before it happens, and it may be refused; a fact never is. */
export function commandCalls(app: FastifyInstance, { database, gate }: ApiParts): void {
  app.post('/v1/command', async (request, reply) => {
    const asker = await gate.device(request, reply);
    const body = asker && gate.parsed(commandRequest, request.body, reply);
    if (!body) return reply;
    const result = await askCommand(database, asker, body);
    if (result.granted) return result;
    const { reason, by } = result;
    return refuse(reply, 'refused', 'this may not happen now', { reason, by });
  });
}
