import type { FastifyInstance } from 'fastify';
import { deviceId } from '../../shared/sync/device-id.ts';
import { enrolRequest, type EnrolAnswer } from '../../shared/sync/messages.ts';
import { certify } from '../store/certificates.ts';
import { enrolDevice } from '../store/enrolment.ts';
import type { ApiParts } from './api-parts.ts';
import { createRateLimit } from './rate-limit.ts';
import { refuse, refuseBusy } from './refuse.ts';

/** enrol: how a device becomes known. */
export function enrolCalls(app: FastifyInstance, parts: ApiParts): void {
  const { database, identity, log, gate } = parts;
  // Ten wrong codes a minute and address: at that rate guessing one of 2^40 takes longer than a hall stands.
  const wrongCodes = createRateLimit({ burst: 10, perSecond: 10 / 60 });
  let turn: Promise<unknown> = Promise.resolve();

  app.post('/v1/enrol', async (request, reply) => {
    const body = gate.parsed(enrolRequest, request.body, reply);
    if (!body) return reply;
    const key = Buffer.from(body.publicKey, 'base64');
    if (key.length !== 32 || deviceId(key) !== body.dev)
      return refuse(reply, 'bad-request', 'dev does not follow from publicKey');
    // One after the other: many guesses at once must not all be let in before the first is found wrong.
    const attempt = turn.then(async () => {
      const wait = wrongCodes.take(request.ip);
      if (wait > 0) return wait;
      const place = await enrolDevice(database, { ...body, publicKey: key.toString('base64') });
      if (place) wrongCodes.giveBack(request.ip);
      return place;
    });
    turn = attempt.catch(() => undefined);
    const enrolled = await attempt;
    if (typeof enrolled === 'number') return refuseBusy(reply, enrolled, 'too many wrong codes');
    if (!enrolled) {
      log('warning', 'enrolment refused', { from: request.ip });
      return refuse(reply, 'code', 'the code is wrong, used or too old');
    }
    const { publicKey, at, ...place } = enrolled;
    log('info', 'device enrolled', { dev: place.dev, hall: place.hall, station: place.station });
    const certificate = certify(identity.secret, place, { publicKey, at });
    return reply.code(201).send({ ...place, certificate } satisfies EnrolAnswer);
  });
}
