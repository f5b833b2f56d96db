import { CodedError } from '../../../shared/contract/errors.ts';
import type { HttpRequest, HttpResponse } from '../../../electron/core/ports/http.ts';
import { deviceId } from '../../../shared/sync/device-id.ts';
import { readEvent, type KeptEvent } from '../../../shared/sync/event.ts';
import { hashText, nextStreamHash, STREAM_HASH_OF_NOTHING } from '../../../shared/sync/hash.ts';
import {
  challengeRequest,
  donateRequest,
  enrolRequest,
  headText,
  helloRequest,
  helloText,
  HINT_PARK_SECONDS,
  MAX_PUSH_BYTES,
  MAX_PUSH_EVENTS,
  pushRequest,
  SERVER_HEADER,
  wantRequest,
  type Certificate,
  type HelloRequest,
} from '../../../shared/sync/messages.ts';
import { isKnownEvent } from '../../../shared/domain/events.ts';

export interface Place {
  hall: string;
  hallName: string;
  station: string;
  stationName: string;
  series: string;
}

export interface ModelEvent {
  kept: KeptEvent;
  cursor: number;
  streamHash: string;
  flag: string;
  sig: string;
  /** When it was committed, by {@link ModelPorts.now}. */
  at: number;
}

interface Incarnation {
  seq: number;
  hash: string;
}

interface Hall {
  events: ModelEvent[];
  /** By `dev/inc`. */
  heads: Map<string, Incarnation>;
  /** By `dev/inc/seq`. */
  placed: Map<string, ModelEvent>;
}

interface Device {
  dev: string;
  publicKey: string;
  hall: string;
  place: Place;
  /** When it came there, ISO 8601. */
  at: string;
  retired: boolean;
}

/** A start of a machine that works, or worked, with an incarnation. */
interface Lease {
  /** `dev/inc` */
  of: string;
  bootNonce: string;
  at: number;
}

interface Code {
  place: Place;
  usedBy: string | null;
}

/** A device needs one session; a few more live on, because calls under way still carry the one before. */
const SESSIONS_KEPT = 4;
const SECRET = 'the server alone knows this';
const LIMITS = { events: MAX_PUSH_EVENTS, bytes: MAX_PUSH_BYTES, gzip: true };

/** What a backup holds: everything. */
export interface Backup {
  heads: Map<string, number>;
  devices: Map<string, Device>;
  codes: Map<string, Code>;
  leases: Lease[];
}

export interface ModelPorts {
  /** Milliseconds, the server's own. */
  now(): number;
  after(ms: number, run: () => void): () => void;
  epoch: string;
  /** Names of epochs, tokens and challenges: never the same twice. */
  fresh(what: string): string;
  verify(publicKey: string, text: string, signature: string): boolean;
}

const json = (status: number, body: unknown): HttpResponse => ({
  status,
  contentType: 'application/json; charset=utf-8',
  headers: { [SERVER_HEADER]: '1' },
  body: JSON.stringify(body),
});
const refuse = (status: number, error: string, more: object = {}): HttpResponse =>
  json(status, { error, message: error, ...more });

/**
 * The server as sync.md describes it, in memory: what the simulation runs against. That it answers as the real one does
 * is not taken on trust but shown by `conformance.test.ts`. A call is carried out at once and whole; the simulation
 * puts the deaths and delays around it.
 */
export function createModelServer(ports: ModelPorts) {
  const halls = new Map<string, Hall>();
  let devices = new Map<string, Device>();
  let codes = new Map<string, Code>();
  const tokens = new Map<string, { dev: string; at: number; inc: string; bootNonce: string }>();
  let leases: Lease[] = [];
  /** Two machines were seen with these keys. */
  const twins = new Set<string>();
  const challenges = new Map<string, string>();
  const parked = new Set<(whatever: boolean) => void>();
  let { epoch } = ports;
  let readOnly = false;

  const hallOf = (name: string): Hall => {
    let hall = halls.get(name);
    if (!hall) halls.set(name, (hall = { events: [], heads: new Map(), placed: new Map() }));
    return hall;
  };
  const streamHashAt = (hall: Hall, cursor: number): string | null =>
    cursor === 0 ? STREAM_HASH_OF_NOTHING : (hall.events[cursor - 1]?.streamHash ?? null);
  const wake = (): void => {
    for (const go of [...parked]) go(false);
  };

  /** The server's own word; only it can check the seal. */
  const certify = ({ dev, publicKey, place: at, at: since }: Device): Certificate => {
    const text = JSON.stringify({ dev, ...at, publicKey, at: since });
    return { text, seal: hashText(`${SECRET}\n${text}`) };
  };

  function place(hall: Hall, kept: KeptEvent, sig: string): void {
    const { dev, inc, seq, type, typeV } = kept.event;
    const before = hall.events.at(-1);
    const event: ModelEvent = {
      kept,
      cursor: (before?.cursor ?? 0) + 1,
      streamHash: nextStreamHash(before?.streamHash ?? STREAM_HASH_OF_NOTHING, kept.hash),
      flag: isKnownEvent({ type, typeV }) ? '' : 'unknown-type',
      sig,
      at: ports.now(),
    };
    hall.events.push(event);
    hall.heads.set(`${dev}/${inc}`, { seq, hash: kept.hash });
    hall.placed.set(`${dev}/${inc}/${seq}`, event);
  }

  /** Only the first `count` events have ever been. */
  function cutBack(name: string, count: number): void {
    const old = hallOf(name).events.slice(0, count);
    halls.set(name, { events: [], heads: new Map(), placed: new Map() });
    const hall = hallOf(name);
    for (const { kept, at, sig } of old) {
      place(hall, kept, sig);
      hall.events.at(-1)!.at = at;
    }
  }

  function enrol(body: unknown): HttpResponse {
    const read = enrolRequest.safeParse(body);
    if (!read.success) return refuse(400, 'bad-request');
    const { code, dev, publicKey } = read.data;
    const key = Buffer.from(publicKey, 'base64');
    if (key.length !== 32 || deviceId(key) !== dev) return refuse(400, 'bad-request');
    const found = codes.get(code);
    // A repeat by the same device is answered alike: the first answer may have been lost.
    if (!found || (found.usedBy !== null && found.usedBy !== dev)) return refuse(403, 'code');
    const at = found.place;
    const known = devices.get(dev);
    if (found.usedBy === dev && known) return json(201, { dev, ...at, certificate: certify(known) });
    if (readOnly) return refuse(503, 'busy');
    codes.set(code, { ...found, usedBy: dev });
    const since = new Date(ports.now()).toISOString();
    const device = {
      dev,
      publicKey: key.toString('base64'),
      hall: at.hall,
      place: at,
      at: since,
      retired: false,
    };
    devices.set(dev, device);
    hallOf(at.hall);
    return json(201, { dev, ...at, certificate: certify(device) });
  }

  function challenge(body: unknown): HttpResponse {
    const read = challengeRequest.safeParse(body);
    if (!read.success) return refuse(400, 'bad-request');
    const text = ports.fresh('challenge');
    challenges.set(text, read.data.dev);
    return json(200, { challenge: text });
  }

  /** A device that an older backup does not know, by the server's own word. */
  function takenBack({ dev, certificate }: HelloRequest): Device | undefined {
    if (!certificate || hashText(`${SECRET}\n${certificate.text}`) !== certificate.seal) return undefined;
    const said = JSON.parse(certificate.text) as Place & { dev: string; publicKey: string; at: string };
    if (said.dev !== dev) return undefined;
    const { hall, hallName, station, stationName, series, publicKey, at } = said;
    return {
      dev,
      publicKey,
      hall,
      place: { hall, hallName, station, stationName, series },
      at,
      retired: false,
    };
  }

  /** @returns false when another machine works with this incarnation */
  function takeLease({ dev, inc, bootNonce }: HelloRequest): boolean {
    const of = `${dev}/${inc}`;
    const known = leases.filter((lease) => lease.of === of);
    const newest = known.at(-1);
    if (newest && newest.bootNonce !== bootNonce && known.some((lease) => lease.bootNonce === bootNonce)) {
      twins.add(dev);
      for (const [token, session] of tokens) if (session.dev === dev) tokens.delete(token);
      return false;
    }
    if (newest?.bootNonce === bootNonce) return true;
    leases.push({ of, bootNonce, at: ports.now() });
    for (const [token, session] of tokens)
      if (session.dev === dev && session.inc === inc && session.bootNonce !== bootNonce) tokens.delete(token);
    return true;
  }

  function hello(body: unknown): HttpResponse {
    const read = helloRequest.safeParse(body);
    if (!read.success || !/^[0-9a-f]{32}$/.test(read.data.inc)) return refuse(400, 'bad-request');
    const said = read.data;
    const known = devices.get(said.dev);
    const device = known ?? takenBack(said);
    const text = helloText({ ...said, seq: said.head.seq, hash: said.head.hash });
    if (!device || !ports.verify(device.publicKey, text, said.signature)) return refuse(401, 'signature');
    if (challenges.get(said.challenge) !== said.dev) return refuse(401, 'signature');
    challenges.delete(said.challenge);
    const rest = { epoch, now: new Date(ports.now()).toISOString(), limits: LIMITS, horizonDays: 30 };
    if (device.retired)
      return json(200, { ...rest, token: '', device: { seq: 0, hash: '' }, head: 0, action: 'retired' });
    if (readOnly) return refuse(503, 'busy');
    devices.set(said.dev, device);
    const hall = hallOf(device.hall);
    const head = hall.heads.get(`${said.dev}/${said.inc}`) ?? { seq: 0, hash: '' };
    const fork =
      head.seq > said.head.seq ||
      (head.seq > 0 && head.seq === said.head.seq && head.hash !== said.head.hash);
    const same = said.cursor === 0 || streamHashAt(hall, said.cursor) === said.streamHash;
    const agreed = (said.checkpoints ?? []).filter(
      ({ cursor, streamHash }) => cursor > 0 && streamHashAt(hall, cursor) === streamHash,
    );
    const common = same ? said.cursor : Math.max(0, ...agreed.map(({ cursor }) => cursor));
    const newer = said.checkpoints !== undefined;
    if (!takeLease(said)) {
      const action = newer ? 'cloned' : 'fork';
      return json(200, { ...rest, token: '', device: head, head: 0, action, common });
    }
    const token = ports.fresh('token');
    const open = [...tokens].filter(([, { dev }]) => dev === said.dev);
    for (const [old] of open.slice(0, Math.max(0, open.length - SESSIONS_KEPT + 1))) tokens.delete(old);
    tokens.set(token, { dev: said.dev, at: ports.now(), inc: said.inc, bootNonce: said.bootNonce });
    const certificate = certify(device);
    return json(200, {
      ...rest,
      token,
      device: head,
      head: hall.events.length,
      action: fork ? 'fork' : same ? 'ok' : 'rewound',
      common,
      ...(newer && twins.has(said.dev) ? { twin: true } : {}),
      ...(newer && said.certificate?.text !== certificate.text
        ? { place: { dev: said.dev, ...device.place }, certificate }
        : {}),
    });
  }

  /** @returns the events of a batch, or the sequence of the first whose envelope lies */
  function readBatch(
    key: { hall: string; dev: string; inc: string },
    from: number,
    events: readonly { bytes: string; hash: string }[],
  ): KeptEvent[] | number {
    const kept: KeptEvent[] = [];
    for (const [i, { bytes, hash }] of events.entries()) {
      const seq = from + i;
      const one = readEvent(bytes, hash);
      if (!one.ok) return seq;
      const { event } = one.kept;
      const fits =
        event.hall === key.hall && event.dev === key.dev && event.inc === key.inc && event.seq === seq;
      if (!fits || (i > 0 && event.prev !== kept[i - 1]?.hash)) return seq;
      kept.push(one.kept);
    }
    return kept;
  }

  function push(device: Device, body: unknown): HttpResponse {
    const read = pushRequest.safeParse(body);
    if (!read.success || read.data.dev !== device.dev || !/^[0-9a-f]{32}$/.test(read.data.inc))
      return refuse(400, 'bad-request');
    const { dev, inc, from, events, signature = '' } = read.data;
    const key = { hall: device.hall, dev, inc };
    const end = { seq: from + events.length - 1, hash: events.at(-1)?.hash ?? '' };
    if (signature !== '' && !ports.verify(device.publicKey, headText({ ...key, ...end }), signature))
      return refuse(400, 'bad-request');
    const kept = readBatch(key, from, events);
    if (typeof kept === 'number') return refuse(400, 'bad-request', { seq: kept });
    if (readOnly) return refuse(503, 'busy');
    const hall = hallOf(device.hall);
    const head = hall.heads.get(`${dev}/${inc}`) ?? { seq: 0, hash: '' };
    if (from > head.seq + 1) return refuse(409, 'gap', { expected: head.seq + 1 });
    const there = kept.filter(({ event }) => event.seq <= head.seq);
    const fork = findFork(hall, there);
    if (fork) return refuse(409, 'fork', fork);
    const fresh = kept.slice(there.length);
    const first = fresh[0];
    if (!first) {
      const last = hall.placed.get(`${dev}/${inc}/${there.at(-1)?.event.seq}`);
      if (last && last.sig === '') last.sig = signature;
    } else if (first.event.prev !== head.hash)
      return head.seq === 0
        ? refuse(400, 'bad-request', { seq: first.event.seq })
        : refuse(409, 'fork', { seq: head.seq, hash: head.hash });
    for (const one of fresh) place(hall, one, one === fresh.at(-1) ? signature : '');
    const notes = kept.flatMap(({ event }) => {
      const note = hall.placed.get(`${dev}/${inc}/${event.seq}`)?.flag ?? '';
      return note === '' ? [] : [{ seq: event.seq, note }];
    });
    const now = hall.heads.get(`${dev}/${inc}`) ?? head;
    if (fresh.length > 0) wake();
    return json(200, { upTo: now.seq, hash: now.hash, epoch, notes });
  }

  function findFork(hall: Hall, there: readonly KeptEvent[]): { seq: number; hash: string } | null {
    for (const { event, hash } of there) {
      const theirs = hall.placed.get(`${event.dev}/${event.inc}/${event.seq}`)?.kept.hash ?? '';
      if (theirs !== hash) return { seq: event.seq, hash: theirs };
    }
    return null;
  }

  function want(device: Device, body: unknown): HttpResponse {
    const read = wantRequest.safeParse(body);
    if (!read.success) return refuse(400, 'bad-request');
    const { heads } = hallOf(device.hall);
    const lacking = read.data.heads.flatMap(({ dev, inc, seq }) => {
      const from = (heads.get(`${dev}/${inc}`)?.seq ?? 0) + 1;
      return devices.has(dev) && from <= seq ? [{ dev, inc, from, to: seq }] : [];
    });
    return json(200, { want: lacking.sort((a, b) => (`${a.dev}/${a.inc}` < `${b.dev}/${b.inc}` ? -1 : 1)) });
  }

  function donate(device: Device, body: unknown): HttpResponse {
    const read = donateRequest.safeParse(body);
    const author = read.success ? devices.get(read.data.dev) : undefined;
    if (!read.success || !author) return refuse(400, 'bad-request');
    const { dev, inc, events } = read.data;
    const key = { hall: device.hall, dev, inc };
    const first = readEvent(events[0]?.bytes ?? '');
    const from = first.ok ? first.kept.event.seq : 0;
    const kept = first.ok ? readBatch(key, from, events) : 0;
    if (typeof kept === 'number') return refuse(400, 'bad-request', { seq: kept });
    const signed = kept.map(({ event: { seq }, hash }, i) => {
      const sig = events[i]?.sig ?? '';
      return sig !== '' && ports.verify(author.publicKey, headText({ ...key, seq, hash }), sig) ? sig : '';
    });
    const proven = kept.slice(0, signed.findLastIndex((sig) => sig !== '') + 1);
    if (proven.length === 0) return refuse(400, 'bad-request');
    if (readOnly) return refuse(503, 'busy');
    const hall = hallOf(device.hall);
    const head = hall.heads.get(`${dev}/${inc}`) ?? { seq: 0, hash: '' };
    if (from > head.seq + 1) return refuse(409, 'gap', { expected: head.seq + 1 });
    const there = proven.filter(({ event }) => event.seq <= head.seq);
    const fork = findFork(hall, there);
    if (fork) return refuse(409, 'fork', fork);
    const fresh = proven.slice(there.length);
    if (fresh[0] && fresh[0].event.prev !== head.hash)
      return refuse(409, 'fork', { seq: head.seq, hash: head.hash });
    fresh.forEach((one, i) => place(hall, one, signed[there.length + i] ?? ''));
    if (fresh.length > 0) wake();
    return json(200, { taken: proven.length, upTo: head.seq + fresh.length, epoch });
  }

  function pull(device: Device, url: URL): HttpResponse {
    const since = whole(url.searchParams.get('since'));
    const limit = whole(url.searchParams.get('limit') ?? '500');
    if (since === null || limit === null || limit < 1 || limit > 1000) return refuse(400, 'bad-request');
    const hall = hallOf(device.hall);
    const page = hall.events.slice(since, since + limit);
    return json(200, {
      epoch,
      events: page.map(pulled),
      head: hall.events.length,
      streamHash: page.at(-1)?.streamHash ?? streamHashAt(hall, since) ?? STREAM_HASH_OF_NOTHING,
    });
  }

  function snapshot(device: Device, url: URL): HttpResponse {
    const before = whole(url.searchParams.get('before'));
    const limit = whole(url.searchParams.get('limit') ?? '500');
    if (before === null || before < 1 || limit === null || limit < 1 || limit > 1000)
      return refuse(400, 'bad-request');
    const hall = hallOf(device.hall);
    const end = Math.min(before - 1, hall.events.length);
    const start = Math.max(0, end - limit);
    return json(200, {
      epoch,
      events: hall.events.slice(start, end).map(pulled),
      head: hall.events.length,
      streamHash: streamHashAt(hall, end),
      streamHashBefore: streamHashAt(hall, start),
    });
  }

  async function hints(device: Device, url: URL): Promise<HttpResponse> {
    const since = whole(url.searchParams.get('since'));
    if (since === null) return refuse(400, 'bad-request');
    const answer = (): HttpResponse => json(200, { epoch, head: hallOf(device.hall).events.length });
    if (hallOf(device.hall).events.length > since) return answer();
    await new Promise<void>((resolve) => {
      const go = (whatever: boolean): void => {
        if (hallOf(device.hall).events.length <= since && !whatever) return;
        parked.delete(go);
        cancel();
        resolve();
      };
      const cancel = ports.after(HINT_PARK_SECONDS * 1000, () => go(true));
      parked.add(go);
    });
    return answer();
  }

  function handle(asked: HttpRequest): HttpResponse | Promise<HttpResponse> {
    const url = new URL(asked.url);
    const path = `${asked.method} ${url.pathname}`;
    let body: unknown;
    try {
      body = typeof asked.body === 'string' ? JSON.parse(asked.body) : undefined;
    } catch {
      return refuse(400, 'bad-request');
    }
    if (path === 'POST /v1/enrol') return enrol(body);
    if (path === 'POST /v1/challenge') return challenge(body);
    if (path === 'POST /v1/hello') return hello(body);
    const token = /^Bearer (\S+)$/.exec(asked.headers['authorization'] ?? '')?.[1] ?? '';
    const device = devices.get(tokens.get(token)?.dev ?? '');
    if (!device || device.retired) return refuse(401, 'token');
    if (path === 'POST /v1/push') return push(device, body);
    if (path === 'POST /v1/want') return want(device, body);
    if (path === 'POST /v1/donate') return donate(device, body);
    if (path === 'GET /v1/pull') return pull(device, url);
    if (path === 'GET /v1/snapshot') return snapshot(device, url);
    if (path === 'GET /v1/hints') return hints(device, url);
    return refuse(404, 'not-found');
  }

  return {
    handle,
    hall: hallOf,
    epoch: () => epoch,
    newCode(at: Place): string {
      const code = ports.fresh('code');
      codes.set(code, { place: at, usedBy: null });
      return code;
    },
    retire(dev: string) {
      const device = devices.get(dev);
      if (device) devices.set(dev, { ...device, retired: true });
    },
    expireTokens: () => tokens.clear(),
    setReadOnly(value: boolean) {
      readOnly = value;
    },
    /** The process has ended, and with it every parked call. Nothing that was committed is lost. */
    die() {
      for (const go of [...parked]) go(true);
    },
    backup: (): Backup => ({
      heads: new Map([...halls].map(([name, hall]) => [name, hall.events.length])),
      devices: new Map(devices),
      codes: new Map(codes),
      leases: [...leases],
    }),
    /** Back to a backup: as the restore command does it, under a new epoch (S5). */
    restore(backup: Backup) {
      for (const name of [...halls.keys()]) cutBack(name, backup.heads.get(name) ?? 0);
      devices = new Map(backup.devices);
      codes = new Map(backup.codes);
      leases = [...backup.leases];
      tokens.clear();
      epoch = ports.fresh('epoch');
    },
    /** Over to a copy that has nothing later than `at`: nobody ran a restore command, the epoch is the same. */
    failOver(at: number) {
      for (const [name, { events }] of [...halls]) {
        cutBack(name, events.filter((event) => event.at <= at).length);
      }
      leases = leases.filter((lease) => lease.at <= at);
      for (const [token, { at: issued }] of tokens) if (issued > at) tokens.delete(token);
    },
  };
}
export type ModelServer = ReturnType<typeof createModelServer>;

const pulled = ({ cursor, kept, sig }: ModelEvent) => ({
  cursor,
  bytes: kept.bytes,
  hash: kept.hash,
  ...(sig === '' ? {} : { sig }),
});

const whole = (text: string | null): number | null =>
  text !== null && /^\d+$/.test(text) ? Number(text) : null;

/** @throws CodedError CENTRAL_UNREACHABLE, as an HTTP port does when nobody answers */
export const unreachable = (why: string): CodedError => new CodedError('CENTRAL_UNREACHABLE', why);
