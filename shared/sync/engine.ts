import { CodedError, type ErrorCode } from '../contract/errors.ts';
import type { PulledEvent } from '../contract/central.ts';

/** Where a device stands in its hall's stream. */
export interface StreamPosition {
  epoch: string;
  cursor: number;
  streamHash: string;
}

/** What the engine needs of the store. Every method is one transaction. */
export interface SyncStore {
  position(): Promise<StreamPosition>;
  /** The server has these own events of the current incarnation, up to and including `seq`. */
  acknowledge(seq: number): Promise<void>;
  /**
   * Events, projections and cursor move together (C3).
   * @returns false when the store's own stream hash over these events differs from `streamHash`: nothing was applied then
   */
  applyPage(page: { epoch: string; events: PulledEvent[]; streamHash: string }): Promise<boolean>;
  /** The server's order is no longer the one we knew: forget cursors, keep every event, pull again from the start. */
  forgetOrder(epoch: string): Promise<void>;
  /** The journal began a new incarnation (fork or loss): read again from it what the server does not have. */
  relevel(): Promise<void>;
}

/** What the engine needs of the line; the core's `central.*` methods. Each call has its own time limit. */
export interface CentralPort {
  hello(at: { cursor: number; streamHash: string }): Promise<{
    epoch: string;
    head: number;
    action: 'ok' | 'rewound' | 'fork' | 'retired' | 'upgrade';
    acknowledgedSeq: number;
  }>;
  push(): Promise<{ acknowledgedSeq: number; left: number }>;
  pull(
    since: number,
    limit: number,
  ): Promise<{ epoch: string; events: PulledEvent[]; head: number; streamHash: string }>;
}

export type SyncPhase = 'idle' | 'pushing' | 'pulling' | 'offline' | 'refused';

export interface SyncStatus {
  phase: SyncPhase;
  /** When the server last answered, milliseconds since 1970. */
  lastContactAt: number | null;
  error?: ErrorCode;
}

export interface EngineTime {
  now(): number;
  /** Runs once after `ms`; the returned function cancels. */
  after(ms: number, run: () => void): () => void;
}

export const PAGE = 500;
/** Waits between attempts while the line is down, milliseconds; the last one repeats. A restored line is found within 5 s. */
export const RETRY_MS = [500, 1000, 2000, 5000] as const;
/** A round is made at least this often, in case every hint was lost. */
export const IDLE_MS = 30_000;

const REFUSED: readonly ErrorCode[] = ['CENTRAL_DEVICE_REFUSED', 'DEVICE_NOT_ENROLLED'];

/**
 * Keeps store and server equal: one round is hello (when the session is new) → push until nothing is left →
 * pull until the head. Rounds never overlap; `nudge` asks for one now. A failed round is repeated with
 * growing pauses, for ever: nothing is given up and nothing is dropped, whatever the answer was.
 */
export function createSyncEngine(ports: {
  store: SyncStore;
  central: CentralPort;
  time: EngineTime;
  onStatus?: (status: SyncStatus) => void;
}): { nudge(): void; stop(): Promise<void>; status(): SyncStatus } {
  const { store, central, time } = ports;
  let status: SyncStatus = { phase: 'idle', lastContactAt: null };
  let stopped = false;
  let greeted = false;
  let asked = false;
  let failures = 0;
  let running: Promise<void> | null = null;
  let cancelTimer: () => void = () => undefined;

  const tell = (change: Partial<SyncStatus> & { phase: SyncPhase }): void => {
    const { error, ...rest } = change;
    status = {
      phase: rest.phase,
      lastContactAt: rest.lastContactAt ?? status.lastContactAt,
      ...(error ? { error } : {}),
    };
    ports.onStatus?.(status);
  };

  async function greet(): Promise<void> {
    const position = await store.position();
    const answer = await central.hello({ cursor: position.cursor, streamHash: position.streamHash });
    const newEpoch = position.epoch !== '' && position.epoch !== answer.epoch;
    if (answer.action === 'fork') await store.relevel();
    if (answer.action === 'rewound' || newEpoch) await store.forgetOrder(answer.epoch);
    if (answer.action === 'retired') throw new CodedError('CENTRAL_DEVICE_REFUSED', 'retired');
    if (answer.acknowledgedSeq > 0) await store.acknowledge(answer.acknowledgedSeq);
    greeted = true;
  }

  async function pushAll(): Promise<void> {
    for (;;) {
      const answer = await central.push();
      await store.acknowledge(answer.acknowledgedSeq);
      tell({ phase: 'pushing', lastContactAt: time.now() });
      if (answer.left === 0 || stopped) return;
    }
  }

  async function pullAll(): Promise<void> {
    for (;;) {
      const position = await store.position();
      const page = await central.pull(position.cursor, PAGE);
      if (position.epoch !== '' && page.epoch !== position.epoch) {
        greeted = false;
        throw new CodedError('CENTRAL_EPOCH_CHANGED');
      }
      const agreed = await store.applyPage(page);
      if (!agreed) {
        // S4: the server's past is not our past. Say hello again, which finds the rewind and forgets the order.
        await store.forgetOrder(page.epoch);
        greeted = false;
        throw new CodedError('CENTRAL_EPOCH_CHANGED', 'stream hash differs');
      }
      tell({ phase: 'pulling', lastContactAt: time.now() });
      const last = page.events.at(-1)?.cursor ?? position.cursor;
      if (last >= page.head || page.events.length === 0 || stopped) return;
    }
  }

  async function round(): Promise<void> {
    try {
      if (!greeted) await greet();
      await pushAll();
      await pullAll();
      failures = 0;
      tell({ phase: 'idle', lastContactAt: time.now() });
    } catch (error) {
      failures++;
      greeted = false;
      const code: ErrorCode = error instanceof CodedError ? error.code : 'INTERNAL';
      // Found while pushing: the journal has gone on under a new incarnation already.
      if (code === 'CENTRAL_FORK') await store.relevel().catch(() => undefined);
      tell({ phase: REFUSED.includes(code) ? 'refused' : 'offline', error: code });
    }
  }

  function start(): void {
    if (stopped || running) return;
    cancelTimer();
    asked = false;
    running = round().finally(() => {
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
