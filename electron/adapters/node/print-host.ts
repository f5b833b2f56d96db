import type { ClockPort } from '../../core/ports/clock.ts';
import type { LogPort } from '../../core/ports/log.ts';
import type {
  Cancelled,
  PrintHostProcess,
  PrintMessage,
  PrintRequest,
  QueuedJob,
  SpoolJob,
  SpoolPrinter,
} from '../print-host/messages.ts';
import { createCrashBreaker } from './crash-breaker.ts';

/** Milliseconds for one call, from the moment at which the host has it. */
export interface PrintHostLimits {
  /** Listing, a look at a printer or at a job. The first call on a slow disk loads the drivers. */
  ask: number;
  /** Handing over a whole document. */
  print: number;
  /** Deleting a job; the host itself looks for two seconds whether it has gone. */
  cancel: number;
  /** Waiting for the calls before it. */
  queue: number;
}

export const PRINT_HOST_LIMITS: PrintHostLimits = {
  ask: 5_000,
  print: 20_000,
  cancel: 5_000,
  queue: 25_000,
};

/** A process without work is ended: old PCs need the memory. */
const IDLE_MS = 60_000;

/** Why a call came to nothing. */
export class PrintHostError extends Error {
  /**
   * `refused`: the spooler said no; `crashed`: the host ended, or was ended because it hung, with the call under way;
   * `not-asked`: the call never reached the host.
   */
  readonly reason: 'refused' | 'crashed' | 'not-asked';
  /** Of a document that was refused half way: what became of its job. */
  readonly cancelled: Cancelled | null;
  constructor(reason: PrintHostError['reason'], detail: string, cancelled: Cancelled | null = null) {
    super(detail);
    this.name = 'PrintHostError';
    this.reason = reason;
    this.cancelled = cancelled;
  }
}

/** The Windows spooler. Every call settles within its limits; failures are {@link PrintHostError}. */
export interface WindowsSpooler {
  list(): Promise<SpoolPrinter[]>;
  /** @returns null when there is no printer of this name */
  look(printer: string): Promise<SpoolPrinter | null>;
  /**
   * Hands over a whole document.
   * @param document ASCII, its name in the queue
   * @param started told the job's number before the first byte is given
   */
  print(printer: string, document: string, bytes: Uint8Array, started: (job: number) => void): Promise<void>;
  /** This computer's jobs in a printer's queue. */
  queue(printer: string): Promise<QueuedJob[]>;
  /** @returns null when it is not in the queue any more */
  job(printer: string, job: number, document: string): Promise<SpoolJob | null>;
  cancel(printer: string, job: number, document: string): Promise<Cancelled>;
  /** @returns true the first time for a printer, when no document of this life of the program can be in its queue */
  isNew(printer: string): boolean;
  close(): Promise<void>;
}

type Unnumbered<T> = T extends { op: 'go' } ? never : T extends unknown ? Omit<T, 'id'> : never;
type Answer = Exclude<PrintMessage, { kind: 'started' | 'failure' }>;

interface Call {
  request: Unnumbered<PrintRequest>;
  limitMs: number;
  started: (job: number) => void;
  cancelWait: () => void;
  resolve: (answer: Answer) => void;
  reject: (error: PrintHostError) => void;
}

/** One life of the host process. */
interface Host {
  process: PrintHostProcess;
  under: { id: number; call: Call; cancelLimit: () => void } | null;
}

/**
 * The Windows spooler behind a process of its own: a printer's driver runs inside whoever prints. The process is started
 * at the first call, ended when idle, and started anew after a crash; one call at a time. A call that hangs costs the
 * process. After three crashes in a minute it rests for one, so that a broken driver cannot keep the machine busy.
 */
export function createPrintHost(ports: {
  spawn: () => PrintHostProcess;
  clock: ClockPort;
  log: LogPort;
  limits?: Partial<PrintHostLimits>;
}): WindowsSpooler {
  const { clock, log } = ports;
  const limits = { ...PRINT_HOST_LIMITS, ...ports.limits };
  const waiting: Call[] = [];
  let host: Host | null = null;
  const known = new Set<string>();
  let nextId = 1;
  const breaker = createCrashBreaker(clock);
  let closed = false;
  let cancelIdle: () => void = () => undefined;

  const drop = (dropped: Host): Call | null => {
    if (host === dropped) host = null;
    cancelIdle();
    const under = dropped.under;
    under?.cancelLimit();
    dropped.under = null;
    dropped.process.kill();
    return under?.call ?? null;
  };

  const countCrash = (why: string): void => {
    const { crashes, rests } = breaker.crashed();
    log.write('error', 'print-host', 'the print host ended', { why, crashes });
    if (rests) log.write('error', 'print-host', 'the print host is left alone for a minute');
  };

  const crashed = (ended: Host, why: string): void => {
    if (host !== ended) return;
    countCrash(why);
    drop(ended)?.reject(new PrintHostError('crashed', why));
    next();
  };

  const receive = (from: Host, message: PrintMessage): void => {
    if (from.under?.id !== message.id) return;
    const { call, cancelLimit } = from.under;
    if (message.kind === 'started') {
      call.started(message.job);
      from.process.send({ id: message.id, op: 'go' });
      return;
    }
    cancelLimit();
    from.under = null;
    if (message.kind === 'failure') {
      const detail = `${message.step} ${message.code}`;
      call.reject(new PrintHostError('refused', detail, message.cancelled ?? null));
    } else call.resolve(message);
    next();
  };

  const start = (): Host => {
    const started: Host = { process: ports.spawn(), under: null };
    host = started;
    started.process.onMessage((message) => receive(started, message));
    started.process.onExit((reason) => crashed(started, reason));
    return started;
  };

  /** Gives the host its next call, when there is one and nothing is under way. */
  const next = (): void => {
    cancelIdle();
    if (host?.under) return;
    const call = waiting.shift();
    if (!call) {
      if (host) cancelIdle = clock.after(IDLE_MS, () => host && drop(host));
      return;
    }
    call.cancelWait();
    let to: Host;
    try {
      if (breaker.resting()) throw new PrintHostError('not-asked', 'it rests after crashes');
      to = host ?? start();
    } catch (error) {
      if (!(error instanceof PrintHostError)) countCrash(String(error));
      call.reject(error instanceof PrintHostError ? error : new PrintHostError('not-asked', String(error)));
      next();
      return;
    }
    const id = nextId++;
    const hangs = (): void => crashed(to, `${call.request.op} hangs`);
    to.under = { id, call, cancelLimit: clock.after(call.limitMs, hangs) };
    to.process.send({ ...call.request, id });
  };

  const call = <K extends Answer['kind']>(
    kind: K,
    request: Unnumbered<PrintRequest>,
    limitMs: number,
    started: (job: number) => void = () => undefined,
  ): Promise<Extract<Answer, { kind: K }>> =>
    new Promise((resolve, reject) => {
      const made: Call = {
        request,
        limitMs,
        started,
        reject,
        resolve(answer) {
          if (answer.kind === kind) resolve(answer as Extract<Answer, { kind: K }>);
          else reject(new PrintHostError('refused', `answered ${answer.kind}`));
        },
        cancelWait: clock.after(limits.queue, () => {
          waiting.splice(waiting.indexOf(made), 1);
          reject(new PrintHostError('not-asked', 'others before it took too long'));
        }),
      };
      if (closed) {
        made.cancelWait();
        reject(new PrintHostError('not-asked', 'closed'));
        return;
      }
      waiting.push(made);
      next();
    });

  return {
    list: async () => (await call('printers', { op: 'list' }, limits.ask)).printers,
    look: async (printer) => (await call('printer', { op: 'look', printer }, limits.ask)).printer,
    async print(printer, document, bytes, started) {
      await call('spooled', { op: 'print', printer, document, bytes }, limits.print, started);
    },
    queue: async (printer) => (await call('queue', { op: 'queue', printer }, limits.ask)).jobs,
    job: async (printer, job, document) =>
      (await call('job', { op: 'job', printer, job, document }, limits.ask)).job,
    cancel: async (printer, job, document) =>
      (await call('cancelled', { op: 'cancel', printer, job, document }, limits.cancel)).cancelled,
    isNew(printer) {
      const isNew = !known.has(printer);
      known.add(printer);
      return isNew;
    },
    close() {
      closed = true;
      const under = host ? drop(host) : null;
      for (const left of waiting.splice(0)) {
        left.cancelWait();
        left.reject(new PrintHostError('not-asked', 'closed'));
      }
      under?.reject(new PrintHostError('crashed', 'closed'));
      return Promise.resolve();
    },
  };
}
