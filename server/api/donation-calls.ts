import type { FastifyInstance } from 'fastify';
import { donateRequest, wantRequest } from '../../shared/sync/messages.ts';
import { readDevice } from '../store/devices.ts';
import { takeDonation, wantedOf } from '../store/donation.ts';
import type { ApiParts } from './api-parts.ts';
import { DEVICE, INCARNATION } from './joining-calls.ts';
import { refuse, refuseBusy } from './refuse.ts';

/** want and donate: after a restore the devices give back what the server had acknowledged, whoever made it. */
export function donationCalls(app: FastifyInstance, parts: ApiParts): void {
  const { database, log, gate, news, isSigned, turns } = parts;
  const { epoch } = parts.identity;

  app.post('/v1/want', async (request, reply) => {
    const asker = await gate.device(request, reply);
    const body = asker && gate.parsed(wantRequest, request.body, reply);
    if (!body) return reply;
    const heads = body.heads.filter(({ dev, inc }) => DEVICE.test(dev) && INCARNATION.test(inc));
    return { want: await wantedOf(database.pool, asker.hall, heads) };
  });

  app.post('/v1/donate', async (request, reply) => {
    const giver = await gate.device(request, reply);
    const body = giver && gate.parsed(donateRequest, request.body, reply);
    if (!body) return reply;
    const { dev, inc, events } = body;
    const author = DEVICE.test(dev) && INCARNATION.test(inc) ? await readDevice(database.pool, dev) : null;
    if (!author) return refuse(reply, 'bad-request', 'its author is not known here');
    const key = { hall: giver.hall, dev, inc };
    const result = await turns.run(giver.hall, () =>
      takeDonation(database, key, events, (text, sig) => isSigned(author.publicKey, text, sig)),
    );
    if (!result) return refuseBusy(reply, 1 + Math.floor(Math.random() * 5), 'the hall is busy');
    switch (result.kind) {
      case 'taken':
        if (result.head !== null) {
          log('info', 'donation taken', { from: giver.dev, dev, inc, events: result.taken });
          news.tell(giver.hall, result.head);
        }
        return { taken: result.taken, upTo: result.upTo, epoch };
      case 'gap':
        return refuse(reply, 'gap', 'events are missing before these', { expected: result.expected });
      case 'fork':
        log('warning', 'donation of another branch', { from: giver.dev, dev, inc, seq: result.seq });
        return refuse(reply, 'fork', 'another event stands in this place', {
          seq: result.seq,
          hash: result.hash,
        });
      case 'unproven':
        log('warning', 'donation without proof', { from: giver.dev, dev, inc });
        return refuse(reply, 'bad-request', 'no signature of its author is good');
      case 'lie':
        log('warning', 'donation refused', { from: giver.dev, dev, seq: result.seq, reason: result.reason });
        return refuse(reply, 'bad-request', `event ${result.seq}: ${result.reason}`, { seq: result.seq });
    }
  });
}
