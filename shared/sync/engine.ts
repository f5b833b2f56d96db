import { CodedError, type ErrorCode } from '../contract/errors.ts';
import type { CentralPort, SyncStore } from './ports.ts';
import { limited } from './limited.ts';
import { orNull, refill } from './refill.ts';

import type { EngineTime } from './time-limit.ts';

export type { CentralPort, StreamPosition, SyncStore } from './ports.ts';
export type { EngineTime } from './time-limit.ts';

export type SyncPhase = 'idle' | 'pushing' | 'pulling' | 'offline' | 'refused';

export interface SyncStatus {
  phase: SyncPhase;
  /** When the server last answered, milliseconds since 1970. */
  lastContactAt: number | null;
  error?: ErrorCode;
}

/** Events asked for at once. */
export const PAGE = 1_000;
/** An empty store whose hall has more than this begins at the head and fills backwards, events. */
export const BACKFILL_FROM = 2_000;
/** Waits between attempts while the line is down, milliseconds; the last one repeats. A restored line is found within 5 s. */
export const RETRY_MS = [500, 1000, 2000, 5000] as const;
/** A round is made at least this often, in case every hint was lost. */
export const IDLE_MS = 30_000;

/** Nothing can be asked of the server now, or only after a new hello. */
const LINE_IS_DOWN: readonly ErrorCode[] = [
  'CENTRAL_UNREACHABLE',
  'CENTRAL_BUSY',
  'CENTRAL_EPOCH_CHANGED',
  'CENTRAL_FORK',
  'CENTRAL_DEVICE_REFUSED',
  'DEVICE_NOT_ENROLLED',
];
const REFUSED: readonly ErrorCode[] = ['CENTRAL_DEVICE_REFUSED', 'DEVICE_NOT_ENROLLED'];

/**
 * Keeps store and server equal. One round is: hello (when the session is new) → push until nothing is left → after a
 * restore give back what the server lost, then forget the order it has lost → pull until the head → fill backwards.
 * Rounds never overlap; `nudge` asks for one now. A failed round is repeated with growing pauses, for ever: nothing is
 * given up and nothing is dropped, whatever the answer was.
 */
export function createSyncEngine(ports: {
  store: SyncStore;
  central: CentralPort;
  time: EngineTime;
  onStatus?: (status: SyncStatus) => void;
}): { nudge(): void; stop(): Promise<void>; status(): SyncStatus } {
  const { time } = ports;
  const { store, central } = limited(ports);
  let status: SyncStatus = { phase: 'idle', lastContactAt: null };
  let stopped = false;
  let greeted = false;
  let asked = false;
  let failures = 0;
  /** The server's past is not the one we hold, beyond `common`. */
  let rewind: { epoch: string; common: number } | null = null;
  /** Pages in a row whose hash was not ours although the hello had found no difference. */
  let mismatches = 0;
  let running: Promise<void> | null = null;
  let cancelTimer: () => void = () => undefined;

  const tell = (phase: SyncPhase, error?: ErrorCode): void => {
    const lastContactAt = phase === 'offline' || phase === 'refused' ? status.lastContactAt : time.now();
    status = { phase, lastContactAt, ...(error ? { error } : {}) };
    try {
      ports.onStatus?.(status);
    } catch {
      // Whoever listens may fail; what is waiting is sent all the same.
    }
  };

  async function greet(): Promise<void> {
    const { epoch, cursor, streamHash } = await store.position();
    const answer = await central.hello({ cursor, streamHash, checkpoints: await store.checkpoints() });
    if (answer.action === 'retired') throw new CodedError('CENTRAL_DEVICE_REFUSED', 'retired');
    if (answer.action === 'fork' || answer.action === 'cloned') await store.relevel();
    const newEpoch = epoch !== '' && epoch !== answer.epoch;
    if (answer.action === 'rewound')
      rewind = { epoch: answer.epoch, common: Math.min(answer.common, cursor) };
    else if (newEpoch) rewind = { epoch: answer.epoch, common: cursor };
    else if (mismatches > 1) rewind = { epoch: answer.epoch, common: 0 };
    else rewind = null;
    if (answer.acknowledgedSeq > 0) await store.acknowledge(answer.acknowledgedSeq);
    if (epoch === '' && cursor === 0 && answer.head > BACKFILL_FROM) await beginAtHead(answer.head);
    greeted = true;
  }

  /** The newest first: a new PC finds today's cases at once and the years behind them by and by. */
  async function beginAtHead(head: number): Promise<void> {
    const page = await orNull(central.snapshot(head + 1, PAGE));
    const last = page?.events.at(-1);
    if (!page || !last) return;
    await store.beginAt({ epoch: page.epoch, cursor: last.cursor, streamHash: page.streamHash });
    await store.applyBackfill(page);
  }

  async function pushAll(): Promise<void> {
    let before = { acknowledgedSeq: -1, left: Infinity };
    for (;;) {
      const answer = await central.push();
      await store.acknowledge(answer.acknowledgedSeq);
      tell('pushing');
      if (answer.left === 0 || stopped) return;
      if (answer.left >= before.left && answer.acknowledgedSeq <= before.acknowledgedSeq)
        throw new CodedError('CENTRAL_BAD_ANSWER', 'push: nothing moves');
      before = answer;
    }
  }

  /** What cannot be sent must not keep from us what others did: the fault is told when the round is over. */
  async function pushWhatGoes(): Promise<CodedError | null> {
    try {
      await pushAll();
      return null;
    } catch (error) {
      const isOfThisPush = error instanceof CodedError && !LINE_IS_DOWN.includes(error.code);
      if (isOfThisPush) return error;
      throw error;
    }
  }

  /** In this order, so that a round broken off anywhere finds the difference again and begins anew. */
  async function makeWhole({ epoch, common }: { epoch: string; common: number }): Promise<void> {
    await refill({ store, central });
    await store.forgetOrder(epoch, common);
    rewind = null;
    mismatches = 0;
  }

  function pastChanged(why: string): CodedError {
    greeted = false;
    return new CodedError('CENTRAL_EPOCH_CHANGED', why);
  }

  /** The next page is on its way while the last one is written. */
  async function pullAll(): Promise<void> {
    const { epoch, cursor } = await store.position();
    let known = epoch;
    let next = central.pull(cursor, PAGE);
    for (;;) {
      const page = await next;
      if (known !== '' && page.epoch !== known) throw pastChanged('another epoch');
      known = page.epoch;
      const last = page.events.at(-1)?.cursor;
      const more = last !== undefined && last < page.head && !stopped;
      if (more) next = ahead(central.pull(last, PAGE));
      if (!(await store.applyPage(page))) {
        // S4: the server's past is not ours. The next hello finds where they part; if it cannot, all is read again.
        mismatches++;
        throw pastChanged('stream hash differs');
      }
      mismatches = 0;
      tell('pulling');
      if (!more) return;
    }
  }

  async function fillBackwards(): Promise<void> {
    const missing = await store.backfill();
    if (missing === null || stopped) return;
    let next = central.snapshot(missing.before, PAGE);
    for (;;) {
      const page = await next;
      const first = page.events[0]?.cursor;
      if (first === undefined) throw pastChanged('nothing before the oldest held');
      // What happens now goes before what happened then.
      const more = first > 1 && !asked && !stopped;
      if (more) next = ahead(central.snapshot(first, PAGE));
      if (!(await store.applyBackfill(page))) throw pastChanged('backfill does not join');
      tell('pulling');
      if (!more) return;
    }
  }

  async function round(): Promise<void> {
    try {
      if (!greeted) await greet();
      const unsent = await pushWhatGoes();
      if (rewind) await makeWhole(rewind);
      await pullAll();
      await fillBackwards();
      if (unsent) throw unsent;
      failures = 0;
      tell('idle');
    } catch (error) {
      countFailure();
      const code: ErrorCode = error instanceof CodedError ? error.code : 'INTERNAL';
      // Found while pushing: the journal has gone on under a new incarnation already.
      if (code === 'CENTRAL_FORK') await store.relevel().catch(() => undefined);
      tell(REFUSED.includes(code) ? 'refused' : 'offline', code);
    }
  }

  function countFailure(): void {
    failures++;
    greeted = false;
  }

  function start(): void {
    if (stopped || running) return;
    cancelTimer();
    asked = false;
    // Whatever a round ends with, the next one comes: a queue that stands still and says nothing is the worst fault.
    running = round()
      .catch(countFailure)
      .finally(() => {
        running = null;
        if (stopped) return;
        const pause =
          failures > 0 ? (RETRY_MS[Math.min(failures, RETRY_MS.length) - 1] as number) : asked ? 0 : IDLE_MS;
        cancelTimer = time.after(pause, start);
      });
  }

  return {
    nudge() {
      if (running) asked = true;
      // While the line is down the pauses rule: a busy counter must not turn into a tight loop.
      else if (failures === 0) start();
    },
    async stop() {
      stopped = true;
      cancelTimer();
      await running;
    },
    status: () => status,
  };
}

/** Something asked for before it is needed: its failure is met by whoever waits for it, and by nobody if none does. */
function ahead<T>(answer: Promise<T>): Promise<T> {
  answer.catch(() => undefined);
  return answer;
}
