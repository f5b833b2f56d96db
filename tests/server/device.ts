import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import type { Draft } from '../../shared/contract/journal.ts';
import { deviceId } from '../../shared/sync/device-id.ts';
import { makeEvent, type KeptEvent } from '../../shared/sync/event.ts';
import { STREAM_HASH_OF_NOTHING } from '../../shared/sync/hash.ts';
import {
  headText,
  helloText,
  type Certificate,
  type EnrolAnswer,
  type HelloAnswer,
  type PullAnswer,
  type PushAnswer,
  type Refusal,
} from '../../shared/sync/messages.ts';

export interface Answer<T> {
  status: number;
  header: string | null;
  retryAfter: string | null;
  body: T;
}

/** A device that speaks the protocol by hand, so that the tests can also lie. */
export function testDevice(url: () => string) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const dev = deviceId(raw);
  const inc = randomBytes(16).toString('hex');
  const events: KeptEvent[] = [];
  let token = '';
  let hall = '';

  async function call<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const response = await fetch(url() + path, {
      method,
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return {
      status: response.status,
      header: response.headers.get('x-zongchuang'),
      retryAfter: response.headers.get('retry-after'),
      body: (await response.json()) as T,
    };
  }

  const device = {
    dev,
    inc,
    events,
    call,
    setToken: (value: string) => (token = value),
    token: () => token,
    publicKey: raw.toString('base64'),
    async enrol(code: string) {
      const answer = await call<EnrolAnswer & Refusal>('POST', '/v1/enrol', {
        proto: 1,
        code,
        dev,
        publicKey: raw.toString('base64'),
      });
      if (answer.status === 201) hall = answer.body.hall;
      return answer;
    },
    challenge: async () =>
      (await call<{ challenge: string }>('POST', '/v1/challenge', { dev })).body.challenge,
    async hello(
      change: {
        challenge?: string;
        key?: KeyObject;
        cursor?: number;
        streamHash?: string;
        head?: { seq: number; hash: string };
        checkpoints?: { cursor: number; streamHash: string }[];
        certificate?: Certificate;
        bootNonce?: string;
        machine?: string;
      } = {},
    ) {
      const challenge = change.challenge ?? (await device.challenge());
      const head = change.head ?? { seq: events.length, hash: events.at(-1)?.hash ?? '' };
      const text = helloText({ challenge, dev, inc, ...head });
      const answer = await call<HelloAnswer & Refusal>('POST', '/v1/hello', {
        proto: 1,
        app: 'test',
        dev,
        inc,
        bootNonce: change.bootNonce ?? 'n',
        challenge,
        signature: sign(null, Buffer.from(text), change.key ?? privateKey).toString('base64'),
        head,
        cursor: change.cursor ?? 0,
        streamHash: change.streamHash ?? STREAM_HASH_OF_NOTHING,
        now: new Date().toISOString(),
        checkpoints: change.checkpoints,
        certificate: change.certificate,
        machine: change.machine,
      });
      if (answer.status === 200) token = answer.body.token;
      return answer;
    },
    /** Makes events that continue this device's chain. */
    make(count: number, draft: Partial<Draft> = {}): KeptEvent[] {
      const made: KeptEvent[] = [];
      for (let i = 0; i < count; i++) {
        const seq = events.length + 1;
        const kept = makeEvent(
          {
            type: 'ticket.taken',
            typeV: 1,
            agg: `ticket/${dev.slice(0, 6)}-${seq}`,
            seen: { last: '', cursor: 0 },
            user: 'clerk-1',
            body: { no: `A${String(seq).padStart(3, '0')}`, class: 'normal', day: '2026-11-21' },
            ...draft,
          },
          { hall, dev, inc, station: '3' },
          {
            seq,
            prev: events.at(-1)?.hash ?? '',
            cmd: `cmd-${seq}-${dev}`,
            at: '2026-11-21T09:00:00.000+08:00',
          },
        );
        events.push(kept);
        made.push(kept);
      }
      return made;
    },
    push: (batch: { bytes: string; hash: string }[], from: number, change: Record<string, unknown> = {}) =>
      call<PushAnswer & Refusal>('POST', '/v1/push', {
        dev,
        inc,
        from,
        events: batch.map(({ bytes, hash }) => ({ bytes, hash })),
        ...change,
      }),
    signText: (text: string) => sign(null, Buffer.from(text), privateKey).toString('base64'),
    /** As a device does: the last event of the batch is signed. */
    pushSigned: (batch: KeptEvent[], from: number) => {
      const { seq, hash } = { seq: from + batch.length - 1, hash: batch.at(-1)!.hash };
      return device.push(batch, from, {
        signature: device.signText(headText({ hall, dev, inc, seq, hash })),
      });
    },
    pull: (since: number, limit = 500) => call<PullAnswer>('GET', `/v1/pull?since=${since}&limit=${limit}`),
  };
  return device;
}
