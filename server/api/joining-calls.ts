import { createPublicKey, verify } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { deviceId } from '../../shared/sync/device-id.ts';
import {
  challengeRequest,
  enrolRequest,
  helloRequest,
  helloText,
  type HelloAnswer,
  type HelloRequest,
} from '../../shared/sync/messages.ts';
import { openSession, readDevice, type DeviceRow } from '../store/devices.ts';
import { enrolDevice } from '../store/enrolment.ts';
import { hallHead, standingOf } from '../store/stream.ts';
import type { ApiParts } from './api-parts.ts';
import { createChallenges } from './challenges.ts';
import { createRateLimit } from './rate-limit.ts';
import { refuse, refuseBusy } from './refuse.ts';

/** SubjectPublicKeyInfo of Ed25519 before the 32 raw bytes (RFC 8410 §4). */
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');
/** Shapes of shared/sync/device-id.ts and shared/sync/event.ts; nothing else goes near the database. */
const DEVICE = /^[0-9A-HJKMNP-TV-Z]{26}$/;
export const INCARNATION = /^[0-9a-f]{32}$/;

/** enrol, challenge and hello: how a device becomes known and proves that it is. */
export function joiningCalls(app: FastifyInstance, parts: ApiParts): void {
  const { database, identity, log, gate } = parts;
  const challenges = createChallenges(identity.secret);
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
    const place = await attempt;
    if (typeof place === 'number') return refuseBusy(reply, place, 'too many wrong codes');
    if (!place) {
      log('warning', 'enrolment refused', { from: request.ip });
      return refuse(reply, 'code', 'the code is wrong, used or too old');
    }
    log('info', 'device enrolled', { dev: place.dev, hall: place.hall, station: place.station });
    return reply.code(201).send(place);
  });

  app.post('/v1/challenge', async (request, reply) => {
    if (!gate.stranger(request, reply)) return reply;
    const body = gate.parsed(challengeRequest, request.body, reply);
    return body ? { challenge: challenges.issue(body.dev) } : reply;
  });

  app.post('/v1/hello', async (request, reply) => {
    if (!gate.stranger(request, reply)) return reply;
    const body = gate.parsed(helloRequest, request.body, reply);
    if (!body) return reply;
    if (!INCARNATION.test(body.inc)) return refuse(reply, 'bad-request', 'not understood: inc');
    const device = DEVICE.test(body.dev) ? await readDevice(database.pool, body.dev) : null;
    // One answer for a device that is not known and one that cannot sign: nobody learns which devices there are.
    if (!device || !isSigned(device, body) || !challenges.redeem(body.dev, body.challenge)) {
      log('warning', 'hello refused', { dev: body.dev, known: device !== null, from: request.ip });
      return refuse(reply, 'signature', 'the device is unknown or the signature is wrong');
    }
    if (device.state === 'retired') {
      log('warning', 'hello of a retired device', { dev: device.dev, from: request.ip });
      return answer({ token: '', device: { seq: 0, hash: '' }, head: 0, action: 'retired' });
    }
    const { seq, hash, action } = await standingOf(database.pool, { ...body, hall: device.hall });
    if (action !== 'ok') log('warning', 'hello', { dev: device.dev, hall: device.hall, action });
    return answer({
      token: await openSession(database.pool, device.dev),
      device: { seq, hash },
      head: await hallHead(database.pool, device.hall),
      action,
    });
  });

  const answer = (rest: Omit<HelloAnswer, 'epoch' | 'now'>): HelloAnswer => ({
    epoch: identity.epoch,
    now: new Date().toISOString(),
    ...rest,
  });
}

function isSigned(device: DeviceRow, hello: HelloRequest): boolean {
  const text = helloText({ ...hello, seq: hello.head.seq, hash: hello.head.hash });
  const der = Buffer.concat([ED25519_SPKI, Buffer.from(device.publicKey, 'base64')]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return verify(null, Buffer.from(text), key, Buffer.from(hello.signature, 'base64'));
}
