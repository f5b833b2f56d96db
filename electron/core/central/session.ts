import type { z } from 'zod';
import type { Checkpoint } from '../../../shared/contract/central.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import {
  challengeAnswer,
  helloAnswer,
  helloText,
  MAX_PUSH_BYTES,
  MAX_PUSH_EVENTS,
  PROTOCOL,
  SERVER_HEADER,
  refusal,
  type Certificate,
  type HelloAnswer,
  type HelloRequest,
  type Limits,
  type Place,
  type Refusal,
} from '../../../shared/sync/messages.ts';
import { STREAM_HASH_OF_NOTHING } from '../../../shared/sync/hash.ts';
import type { Journal } from '../journal/journal.ts';
import { localTime } from '../local-time.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { HttpPort, HttpResponse } from '../ports/http.ts';
import type { LogPort } from '../ports/log.ts';
import { randomHex, systemRandom, type RandomPort } from '../ports/random.ts';
import type { DeviceKey } from './device-key.ts';
import type { Line } from './line.ts';
import { askServer, BusyError, callServer, type RawCall, type WireAnswer, type WireCall } from './wire.ts';

export const HELLO_LIMIT_MS = 5_000;
export const TRANSFER_LIMIT_MS = 15_000;

/** Where the window stands in its hall's stream; said at every hello, so that a rewound server is found out. */
export interface Standing {
  cursor: number;
  streamHash: string;
  checkpoints?: Checkpoint[] | undefined;
}

export interface Greeting {
  epoch: string;
  /** The hall's head. */
  head: number;
  action: Exclude<HelloAnswer['action'], 'cloned'>;
  /** The newest place that was named where both streams are the same. */
  common: number;
}

/** A call below `/v1` of the enrolled server. */
export interface SessionCall<T> {
  method: 'GET' | 'POST';
  path: string;
  body?: unknown;
  /** The body as it is sent: JSON already, or gzip of it. In place of `body`. */
  sent?: string | Uint8Array;
  schema: z.ZodType<T>;
  timeoutMs: number;
  signal?: AbortSignal;
}

/** A call below `/v1` whose body or answer is no JSON. */
export type SessionFetch = Omit<RawCall, 'url' | 'token'> & { path: string };

/** The device's session with the server: who it is, whether it is believed, and how long it has to wait. */
export interface Session {
  hello(standing: Standing): Promise<Greeting>;
  /**
   * A call with the session's token; a token that has run out is replaced by one new hello.
   * @throws CodedError CENTRAL_EPOCH_CHANGED when that hello found the server's past changed: the window must say hello itself
   */
  call<T>(call: SessionCall<T>): Promise<WireAnswer<T>>;
  /**
   * The same for a call that does not speak JSON: the answer as it came, whatever its status, but for certain our
   * server's, and not about who we are.
   */
  fetch(call: SessionFetch): Promise<HttpResponse>;
  /**
   * Listens to an answer that goes on. @returns how it went: 'lived' when our server spoke, 'unsupported' when what
   * came is no stream of ours, 'failed' when there was no answer
   */
  listen(call: {
    path: string;
    openMs: number;
    idleMs: number;
    signal: AbortSignal;
    onText: (text: string) => void;
  }): Promise<'lived' | 'unsupported' | 'failed'>;
  /** A call without a token, only to learn whether the server is there. */
  probe(): Promise<void>;
  isOpen(): boolean;
  /** Forgets the token: the next call says hello again. */
  close(): void;
  /** Ends every exchange under way; none is begun any more. */
  end(): void;
  /** What the server takes at once, by its last hello. */
  limits(): Limits;
  /** Server's clock minus ours, milliseconds, at the last hello; null before. */
  skewMs: () => number | null;
  /** Milliseconds the server still wants to be left alone. */
  waitMs(): number;
}

export function createSession(ports: {
  http: HttpPort;
  clock: ClockPort;
  log: LogPort;
  line: Line;
  journal: Journal;
  key: DeviceKey;
  version: string;
  /** Name of this computer. */
  machine: string;
  random?: RandomPort;
  /** Address of the enrolled server, or null. */
  server: () => string | null;
  /** The server's sealed word about this device's place, null when there is none. */
  certificate: () => Certificate | null;
  /** The server has another place for this device than its certificate says, or gives it one for the first time. */
  onPlace: (place: Place, certificate: Certificate) => Promise<void>;
  /** Another machine works with this device's key. */
  onTwin: () => void;
  onOpen: (greeting: Greeting) => void;
}): Session {
  const { clock, line, journal, key, log } = ports;
  const bootNonce = randomHex(ports.random ?? systemRandom, 16);
  let token: string | null = null;
  let last: Standing = { cursor: 0, streamHash: STREAM_HASH_OF_NOTHING };
  let skew: number | null = null;
  let limits: Limits = { events: MAX_PUSH_EVENTS, bytes: MAX_PUSH_BYTES, gzip: false };
  let notBefore = -Infinity;
  let greeting: Promise<Greeting> | null = null;
  const fraction = (): number => parseInt(randomHex(ports.random ?? systemRandom, 2), 16) / 0x10000;
  const ending = new AbortController();

  const server = (): string => {
    const address = ports.server();
    if (address === null) throw new CodedError('DEVICE_NOT_ENROLLED', 'no server');
    return address;
  };

  const exchange = <T>(call: Omit<WireCall<T>, 'url'> & { path: string }): Promise<WireAnswer<T>> =>
    told(
      call,
      (rest) => callServer(ports, rest),
      (answer) => answer.ok || !isRefusal(answer.status),
    );

  /** One call with everything that can go wrong told to the line. */
  async function told<C extends { path: string; signal?: AbortSignal }, A>(
    call: C,
    ask: (call: Omit<C, 'path' | 'signal'> & { url: string; signal: AbortSignal }) => Promise<A>,
    welcome: (answer: A) => boolean,
  ): Promise<A> {
    const { path, signal, ...rest } = call;
    const url = `${server()}/v1${path}`;
    const ended = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal;
    const isEnded = (): boolean => ended.aborted;
    if (isEnded()) throw new CodedError('CENTRAL_UNREACHABLE', 'stopping');
    const wait = notBefore - clock.monotonic();
    if (wait > 0) throw new BusyError(wait, true);
    try {
      const answer = await ask({ ...rest, url, signal: ended });
      if (welcome(answer)) line.heard('online');
      return answer;
    } catch (error) {
      // A hint request ended by ourselves says nothing about the line.
      if (isEnded()) throw error;
      if (error instanceof BusyError) {
        // A little later than asked for, each device at another time: a hall must not come back as one.
        notBefore = clock.monotonic() + error.retryAfterMs * (1 + fraction() / 4);
        if (error.fromServer) line.heard('online', 'CENTRAL_BUSY');
        else line.lost('CENTRAL_BUSY');
      } else line.lost(error instanceof CodedError ? error.code : 'CENTRAL_UNREACHABLE');
      // Only enrolment asks whether this is our server at all; later it simply gave no answer we can use.
      if (error instanceof CodedError && error.code === 'CENTRAL_NOT_OURS') {
        throw new CodedError('CENTRAL_BAD_ANSWER', error.message, { cause: error });
      }
      throw error;
    }
  }

  function refused(why: string): CodedError {
    token = null;
    line.heard('refused', 'CENTRAL_DEVICE_REFUSED');
    log.write('warning', 'central', 'device refused', { why });
    return new CodedError('CENTRAL_DEVICE_REFUSED', why);
  }

  /** A refusal of who we are, or else of what we said. */
  const noFrom = ({ error }: Refusal, where: string): CodedError =>
    error === 'device' || error === 'signature' || error === 'token'
      ? refused(error)
      : new CodedError('CENTRAL_BAD_ANSWER', `${where}: ${error}`);

  async function greetOnce(): Promise<{ said: HelloRequest; answer: HelloAnswer }> {
    const deadline = clock.monotonic() + HELLO_LIMIT_MS;
    const left = (): number => Math.max(1, deadline - clock.monotonic());
    for (let attempt = 1; ; attempt++) {
      const asked = await exchange({
        method: 'POST',
        path: '/challenge',
        body: { dev: key.dev },
        schema: challengeAnswer,
        timeoutMs: left(),
      });
      if (!asked.ok) throw noFrom(asked.refusal, 'challenge');
      const { challenge } = asked.value;
      const { inc, seq, hash } = journal.head();
      const certificate = ports.certificate();
      const sentAt = clock.now();
      const said: HelloRequest = {
        proto: PROTOCOL,
        app: ports.version,
        dev: key.dev,
        inc,
        bootNonce,
        challenge,
        signature: key.sign(helloText({ challenge, dev: key.dev, inc, seq, hash })),
        head: { seq, hash },
        ...last,
        checkpoints: last.checkpoints ?? [],
        machine: ports.machine.slice(0, 64),
        ...(certificate ? { certificate } : {}),
        now: localTime(sentAt),
      };
      const answer = await exchange({
        method: 'POST',
        path: '/hello',
        body: said,
        schema: helloAnswer,
        timeoutMs: left(),
      });
      if (answer.ok) {
        const serverNow = Date.parse(answer.value.now);
        if (!Number.isNaN(serverNow)) skew = serverNow - (sentAt + clock.now()) / 2;
        return { said, answer: answer.value };
      }
      // The challenge may have run out on the way: one more, then the refusal counts.
      if (answer.refusal.error === 'signature' && attempt === 1) continue;
      throw noFrom(answer.refusal, 'hello');
    }
  }

  /** One hello at a time: those who find one under way share it. */
  function hello(): Promise<Greeting> {
    greeting ??= greet().finally(() => {
      greeting = null;
    });
    return greeting;
  }

  /** A copy of this PC may have sent other events in the same places: as many as ours says nothing, only the hash does. */
  async function isOurs(inc: string, { seq, hash }: { seq: number; hash: string }): Promise<boolean> {
    if (seq === 0 || !journal.holds(inc, seq)) return true;
    const [own] = (await journal.read({ inc, after: seq - 1, limit: 1 })).events;
    return own === undefined || own.hash === hash;
  }

  async function greet(): Promise<Greeting> {
    token = null;
    let { said, answer } = await greetOnce();
    let { action } = answer;
    const lostEnd = answer.device.seq > said.head.seq;
    const otherEnd =
      answer.device.seq === said.head.seq && said.head.seq > 0 && answer.device.hash !== said.head.hash;
    if (action !== 'retired' && (action === 'fork' || action === 'cloned' || lostEnd || otherEnd)) {
      // What we have here and what the server has of this incarnation are not one line any more.
      log.write('error', 'central', 'incarnation given up', { action, lostEnd, otherEnd });
      if (action === 'cloned') ports.onTwin();
      await journal.renew(lostEnd ? 'shortened' : 'fork');
      ({ said, answer } = await greetOnce());
      action = answer.action === 'ok' ? 'fork' : answer.action;
    }
    if (action === 'retired') throw refused('retired');
    if (answer.twin === true) ports.onTwin();
    // A fresh random incarnation cannot be shared with anybody: whatever said so is not our server's word.
    if (action === 'cloned') throw new CodedError('CENTRAL_BAD_ANSWER', 'hello: cloned again');
    // First: a server that has moved us to another hall knows nothing of what we have in this one.
    if (answer.place && answer.certificate) await ports.onPlace(answer.place, answer.certificate);
    journal.heardEpoch(answer.epoch);
    if (answer.limits) ({ limits } = answer);
    if (action === 'rewound' || answer.device.seq < journal.acknowledged(said.inc))
      journal.forgetAcknowledged();
    if (await isOurs(said.inc, answer.device)) journal.acknowledge(said.inc, answer.device.seq);
    ({ token } = answer);
    line.heard('online', action === 'fork' ? 'CENTRAL_FORK' : undefined);
    const common = answer.common ?? (action === 'rewound' ? 0 : said.cursor);
    const greeting = { epoch: answer.epoch, head: answer.head, action, common };
    ports.onOpen(greeting);
    return greeting;
  }

  /** Runs a call with a token; one that has run out is replaced by one new hello. */
  async function withToken<A>(run: (token: string) => Promise<A>, refusalOf: (answer: A) => Refusal | null) {
    for (let attempt = 1; ; attempt++) {
      if (token === null) {
        const { action } = await hello();
        if (action === 'rewound') {
          // Until the window has said hello itself, it goes on from a place that is no more.
          token = null;
          throw new CodedError('CENTRAL_EPOCH_CHANGED', 'rewound');
        }
      }
      const answer = await run(token ?? '');
      const no = refusalOf(answer);
      if (no === null) return answer;
      if (no.error !== 'token') throw noFrom(no, 'call');
      token = null;
      if (attempt === 2) throw new CodedError('CENTRAL_BAD_ANSWER', 'a fresh token was refused');
    }
  }

  return {
    async hello(standing) {
      await greeting?.catch(() => undefined);
      last = standing;
      return hello();
    },
    call: (call) =>
      withToken(
        (token) => exchange({ ...call, token }),
        (answer) => (answer.ok || !isRefusal(answer.status) ? null : answer.refusal),
      ),
    fetch: (call) =>
      withToken(
        (token) =>
          told(
            { ...call, token },
            (rest) => askServer(ports, rest),
            ({ status }) => !isRefusal(status),
          ),
        (answer) => (isRefusal(answer.status) ? refusalIn(answer) : null),
      ),
    async listen({ path, ...rest }) {
      const { stream } = ports.http;
      if (!stream) return 'unsupported';
      if (token === null || ending.signal.aborted) return 'failed';
      let ours: 'lived' | 'unsupported' | 'failed' = 'failed';
      try {
        await stream({
          ...rest,
          url: `${server()}/v1${path}`,
          headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` },
          signal: AbortSignal.any([rest.signal, ending.signal]),
          onOpen: ({ status, contentType, headers }) => {
            const spoken = headers[SERVER_HEADER] === '1';
            const isStream = spoken && status === 200 && contentType.startsWith('text/event-stream');
            // A refusal of ours is worth asking again; a server or proxy that knows no streams is not.
            ours = isStream ? 'lived' : spoken && status !== 404 ? 'failed' : 'unsupported';
            if (isStream) line.heard('online');
            return isStream;
          },
        });
        return ours;
      } catch {
        return 'failed';
      }
    },
    async probe() {
      await exchange({
        method: 'POST',
        path: '/challenge',
        body: { dev: key.dev },
        schema: challengeAnswer,
        timeoutMs: HELLO_LIMIT_MS,
      });
    },
    isOpen: () => token !== null,
    close() {
      token = null;
    },
    end: () => ending.abort(),
    limits: () => limits,
    skewMs: () => skew,
    waitMs: () => Math.max(0, notBefore - clock.monotonic()),
  };
}

/** A refusal of who we are always says so in JSON; without that it is taken for a token that has run out. */
function refusalIn({ body }: HttpResponse): Refusal {
  try {
    return refusal.parse(JSON.parse(body));
  } catch {
    return { error: 'token', message: '' };
  }
}

/** The server knows who asks and says no; everything else is about what was asked. */
const isRefusal = (status: number): boolean => status === 401 || status === 403;
