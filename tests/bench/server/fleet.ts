import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { deviceId } from '../../../shared/sync/device-id.ts';
import { makeEvent, type KeptEvent } from '../../../shared/sync/event.ts';
import { headText } from '../../../shared/sync/messages.ts';
import { acceptedBody } from '../../fixtures/cases.ts';

/** A device of the fleet: enrolled by hand, so that the server's limits on strangers are not what is measured. */
export interface FleetDevice {
  dev: string;
  hall: string;
  station: string;
  series: string;
  publicKey: string;
  token: string;
  tokenHash: string;
  /** Bodies of `POST /v1/push`, one after the other. */
  bodies: Buffer[];
}

/** What a window makes of one person, a queue number taken, called and ended around an accepted case. */
const KINDS = ['ticket.taken', 'ticket.called', 'case.accepted', 'ticket.finished'] as const;

/**
 * Devices spread over halls, each with its pushes ready to be sent.
 * @param pushes how many pushes each, @param size events in each
 */
export function makeFleet(count: number, halls: number, pushes: number, size: number): FleetDevice[] {
  const run = randomBytes(3).toString('hex');
  return Array.from({ length: count }, (_, n) => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    const dev = deviceId(raw);
    const hall = `b${run}${n % halls}`;
    const inc = randomBytes(16).toString('hex');
    const token = randomBytes(32).toString('base64url');
    let last: KeptEvent | null = null;
    const bodies = Array.from({ length: pushes }, (_, push) => {
      const from = push * size + 1;
      const events = Array.from({ length: size }, (_, i) => {
        last = eventOf({ hall, dev, inc, station: String(n) }, from + i, last);
        return { bytes: last.bytes, hash: last.hash };
      });
      const seq = from + size - 1;
      const text = headText({ hall, dev, inc, seq, hash: events.at(-1)?.hash ?? '' });
      const signature = sign(null, Buffer.from(text), privateKey).toString('base64');
      return Buffer.from(JSON.stringify({ dev, inc, from, events, signature }));
    });
    const tokenHash = createHash('sha256').update(token).digest('hex');
    const publicText = raw.toString('base64');
    return {
      dev,
      hall,
      station: String(n),
      series: `F${n}`,
      publicKey: publicText,
      token,
      tokenHash,
      bodies,
    };
  });
}

function eventOf(
  author: { hall: string; dev: string; inc: string; station: string },
  seq: number,
  before: KeptEvent | null,
): KeptEvent {
  const kind = KINDS[(seq - 1) % KINDS.length] ?? 'ticket.taken';
  const person = Math.floor((seq - 1) / KINDS.length);
  const ticket = `${author.dev.slice(0, 8)}-${person}`;
  const body = {
    'ticket.taken': { no: `A${person}`, class: 'normal', day: '2026-11-21' },
    'ticket.called': { station: author.station },
    'case.accepted': {
      ...acceptedBody(person),
      caseNo: `${author.hall}-20261121-${author.station}-${person}`,
    },
    'ticket.finished': { station: author.station, caseNos: [] },
  }[kind];
  return makeEvent(
    {
      type: kind,
      typeV: 1,
      agg: kind === 'case.accepted' ? `case/${ticket}` : `ticket/${ticket}`,
      seen: { last: '', cursor: 0 },
      user: 'clerk-1',
      body: body as never,
    },
    author,
    { seq, prev: before?.hash ?? '', cmd: `cmd-${author.dev}-${seq}`, at: '2026-11-21T09:00:00.000+08:00' },
  );
}
