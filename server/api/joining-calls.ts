import type { FastifyInstance } from 'fastify';
import {
  challengeRequest,
  helloRequest,
  helloText,
  MAX_PUSH_BYTES,
  MAX_PUSH_EVENTS,
  type HelloAnswer,
  type HelloRequest,
} from '../../shared/sync/messages.ts';
import { certify, readCertificate, type Certified } from '../store/certificates.ts';
import { noteDevice } from '../store/device-notices.ts';
import { openSession, readDevice, type DeviceRow } from '../store/devices.ts';
import { placeOf } from '../store/enrolment.ts';
import { hasTwin, takeLease } from '../store/leases.ts';
import { readmit } from '../store/readmit.ts';
import { hallHead, standingOf } from '../store/stream.ts';
import type { ApiParts } from './api-parts.ts';
import { createChallenges } from './challenges.ts';
import { refuse } from './refuse.ts';

/** Shapes of shared/sync/device-id.ts and shared/sync/event.ts; nothing else goes near the database. */
export const DEVICE = /^[0-9A-HJKMNP-TV-Z]{26}$/;
export const INCARNATION = /^[0-9a-f]{32}$/;
/** Days a restored backup may lie back; devices keep acknowledged events for so long (sync.md "The save path"). */
export const HORIZON_DAYS = 30;
const LIMITS = { events: MAX_PUSH_EVENTS, bytes: MAX_PUSH_BYTES, gzip: true };
/** Beyond this a device's clock is worth a line in the log, milliseconds; it is never a reason to refuse (fault 11). */
const SKEW_MS = 120_000;

/** challenge and hello: how a device proves that it is the one it says, and learns where it stands. */
export function joiningCalls(app: FastifyInstance, parts: ApiParts): void {
  const { database, identity, log, gate, isSigned } = parts;
  const db = database.pool;
  const challenges = createChallenges(identity.secret);

  app.post('/v1/challenge', async (request, reply) => {
    if (!gate.stranger(request, reply)) return reply;
    const body = gate.parsed(challengeRequest, request.body, reply);
    return body ? { challenge: challenges.issue(body.dev) } : reply;
  });

  app.post('/v1/hello', async (request, reply) => {
    if (!gate.stranger(request, reply)) return reply;
    const said = gate.parsed(helloRequest, request.body, reply);
    if (!said) return reply;
    if (!INCARNATION.test(said.inc)) return refuse(reply, 'bad-request', 'not understood: inc');
    const known = DEVICE.test(said.dev) ? await readDevice(db, said.dev) : null;
    const certified = certificateOf(said);
    const publicKey = known?.publicKey ?? certified?.publicKey;
    // One answer for a device that is not known and one that cannot sign: nobody learns which devices there are.
    if (publicKey === undefined || !isOwn(publicKey, said) || !challenges.redeem(said.dev, said.challenge)) {
      log('warning', 'hello refused', { dev: said.dev, known: known !== null, from: request.ip });
      if (known) await noteDevice(db, known, 'wrong-signature', { address: request.ip });
      return refuse(reply, 'signature', 'the device is unknown or the signature is wrong');
    }
    if (known?.state === 'retired') {
      log('warning', 'hello of a retired device', { dev: known.dev, from: request.ip });
      await noteDevice(db, known, 'retired-speaks', { address: request.ip });
      return answer({ token: '', device: { seq: 0, hash: '' }, head: 0, action: 'retired' });
    }
    const device = await takenBack(known, certified);
    return device ? greet(device, said, request.ip) : refuse(reply, 'signature', 'the device is unknown');
  });

  /** A certificate counts only for the device that shows it. */
  function certificateOf(said: HelloRequest): Certified | null {
    const certified = said.certificate ? readCertificate(identity.secret, said.certificate) : null;
    return certified?.dev === said.dev ? certified : null;
  }

  const isOwn = (publicKey: string, said: HelloRequest): boolean =>
    isSigned(publicKey, helloText({ ...said, seq: said.head.seq, hash: said.head.hash }), said.signature);

  async function takenBack(known: DeviceRow | null, certified: Certified | null): Promise<DeviceRow | null> {
    if (!certified) return known;
    const place = await readmit(database, certified);
    if (place && place.hall !== known?.hall)
      log('warning', 'device taken back by its certificate', { dev: place.dev, hall: place.hall });
    return place ? { ...place, state: 'active' } : null;
  }

  async function greet(device: DeviceRow, said: HelloRequest, address: string): Promise<HelloAnswer> {
    const { dev, hall } = device;
    // What they understand tells newer devices from older ones, for which a clone is a fork like any other.
    const newer = said.checkpoints !== undefined;
    const boot = {
      hall,
      dev,
      inc: said.inc,
      bootNonce: said.bootNonce,
      machine: said.machine ?? '',
      address,
    };
    const lease = await database.transaction((client) => takeLease(client, boot));
    const { seq, hash, action, common } = await standingOf(db, { ...said, hall });
    noteClock(dev, said.now);
    if (lease === 'cloned') {
      log('warning', 'two machines work with one key', { dev, hall, from: address, machine: boot.machine });
      return answer({ token: '', device: { seq, hash }, head: 0, action: newer ? 'cloned' : 'fork', common });
    }
    if (action !== 'ok') log('warning', 'hello', { dev, hall, action });
    if (action === 'fork') await noteDevice(db, device, 'fork', { inc: said.inc, seq, from: address });
    return answer({
      token: await openSession(db, boot),
      device: { seq, hash },
      head: await hallHead(db, hall),
      action,
      common,
      ...(newer ? await newsOfPlace(device, said) : {}),
    });
  }

  /** The certificate, when the device has none or one that says something else. */
  async function newsOfPlace(device: DeviceRow, said: HelloRequest): Promise<Partial<HelloAnswer>> {
    const enrolled = await placeOf(db, device.dev);
    const twin = (await hasTwin(db, device.hall, device.dev)) ? { twin: true } : {};
    if (!enrolled) return twin;
    const { publicKey, at, ...place } = enrolled;
    const certificate = certify(identity.secret, place, { publicKey, at });
    return said.certificate?.text === certificate.text ? twin : { ...twin, place, certificate };
  }

  function noteClock(dev: string, now: string): void {
    const skewMs = Date.now() - Date.parse(now);
    if (Math.abs(skewMs) > SKEW_MS)
      log('warning', 'a device has another time', { dev, skewSeconds: Math.round(skewMs / 1000) });
  }

  const answer = (rest: Omit<HelloAnswer, 'epoch' | 'now' | 'limits' | 'horizonDays'>): HelloAnswer => ({
    epoch: identity.epoch,
    now: new Date().toISOString(),
    limits: LIMITS,
    horizonDays: HORIZON_DAYS,
    ...rest,
  });
}
