import type { Settings } from '../../../shared/contract/settings.ts';
import type { ClockPort } from '../../core/ports/clock.ts';
import type { LogPort } from '../../core/ports/log.ts';
import type { DecodedPhoto, PhotoDecoderPort, PhotoTrouble } from '../../core/ports/photo-decoder.ts';
import type { PhotoHostProcess, PhotoMessage, PhotoRequest, SpawnPhotoHost } from '../photo-host/messages.ts';
import { makePhotoFolder, removePhotoFolder } from './photo-folder.ts';
import { createCrashBreaker } from './crash-breaker.ts';

/** From the call to the answer, the start of the process and waiting for an earlier photo included. */
const LIMIT_MS = 3000;
/** A process without work is ended: old PCs need the memory. */
const IDLE_MS = 60_000;
/** Processes that were killed are waited for so long when the program ends. */
const EXIT_LIMIT_MS = 1000;

type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never;
type Reply = Extract<PhotoMessage, { id: number }>;
type Outcome = Exclude<Reply, { kind: 'failure' }> | ({ kind: 'failure' | 'timeout' } & PhotoTrouble);

/** One call, waiting or under way. */
interface Job {
  request: Unnumbered<PhotoRequest>;
  settle(outcome: Outcome): void;
  settled: boolean;
}

/** One life of the host process. */
interface Host {
  process: PhotoHostProcess;
  folder: string;
  job: { id: number; job: Job; cancelLimit: () => void } | null;
}

/**
 * The user's photo decoder behind a process of its own, started at the first photo, ended when idle, and started anew
 * after a crash. One photo at a time; each settles within 3 s, however the native code behaves. After three crashes
 * in a minute it rests for one: calls fail at once, so that a broken library cannot keep the machine busy.
 */
export function createPhotoDecoder(ports: {
  spawn: SpawnPhotoHost;
  clock: ClockPort;
  log: LogPort;
  settings: Settings['photo'];
}): PhotoDecoderPort {
  const { clock, log, settings } = ports;
  const queue: Job[] = [];
  let host: Host | null = null;
  let nextId = 1;
  const breaker = createCrashBreaker(clock);
  let closed = false;
  let cancelIdle: () => void = () => undefined;
  /** Processes that have not ended yet, those already given up included. */
  const ending = new Set<Promise<void>>();

  /** Takes the process out of use; its folder goes when it has ended, because a running process holds it on Windows. */
  const drop = (dropped: Host): void => {
    if (host === dropped) host = null;
    cancelIdle();
    dropped.job?.cancelLimit();
    dropped.job = null;
    dropped.process.kill();
  };

  const crashed = (ended: Host, why: string): void => {
    const { rests } = breaker.crashed();
    log.write('error', 'photo', 'the photo decoder crashed', { why });
    if (rests) log.write('error', 'photo', 'the photo decoder is left alone for a minute');
    const under = ended.job?.job;
    drop(ended);
    under?.settle({ kind: 'failure', reason: 'crashed', detail: why });
    next();
  };

  const removeFolder = (folder: string): void => {
    const reason = removePhotoFolder(folder);
    if (reason === '') return;
    log.write('error', 'photo', 'a working folder of the photo decoder stays behind', { reason });
  };

  const start = (): Host => {
    const folder = makePhotoFolder();
    let process: PhotoHostProcess;
    try {
      process = ports.spawn(folder);
    } catch (error) {
      removeFolder(folder);
      throw error;
    }
    const started: Host = { process, folder, job: null };
    started.process.onMessage((message) => receive(started, message));
    const ended = new Promise<void>((resolve) => {
      started.process.onExit((reason) => {
        removeFolder(folder);
        resolve();
        if (host === started) crashed(started, reason);
      });
    });
    ending.add(ended);
    void ended.then(() => ending.delete(ended));
    host = started;
    return started;
  };

  const receive = (from: Host, message: PhotoMessage): void => {
    if (message.kind === 'left-behind') {
      log.write('error', 'photo', 'the photo decoder left files that could not be removed', {
        files: message.count,
      });
      return;
    }
    if (from.job?.id !== message.id) return;
    const { job, cancelLimit } = from.job;
    cancelLimit();
    from.job = null;
    job.settle(message);
    next();
  };

  /** Gives the process its next work, when there is some and nothing is under way. */
  const next = (): void => {
    cancelIdle();
    if (host?.job) return;
    let job = queue.shift();
    while (job?.settled === true) job = queue.shift();
    if (!job) {
      if (host) cancelIdle = clock.after(IDLE_MS, () => host && drop(host));
      return;
    }
    if (breaker.resting()) {
      job.settle({ kind: 'failure', reason: 'resting', detail: 'after crashes' });
      next();
      return;
    }
    try {
      const to = host ?? start();
      const id = nextId++;
      // A limit of its own: whoever asked may have waited behind another photo, and has an answer by now.
      to.job = { id, job, cancelLimit: clock.after(LIMIT_MS, () => crashed(to, 'hangs')) };
      to.process.send({ ...job.request, id });
    } catch (error) {
      job.settle({ kind: 'failure', reason: 'crashed', detail: `cannot be started: ${String(error)}` });
      next();
    }
  };

  const call = (request: Unnumbered<PhotoRequest>): Promise<Outcome> =>
    new Promise((resolve) => {
      const job: Job = {
        request,
        settled: false,
        settle(outcome) {
          if (job.settled) return;
          job.settled = true;
          cancel();
          resolve(outcome);
        },
      };
      const cancel = clock.after(LIMIT_MS, () => {
        job.settle({ kind: 'timeout', reason: 'timeout', detail: `no answer within ${LIMIT_MS} ms` });
      });
      if (closed) job.settle({ kind: 'failure', reason: 'crashed', detail: 'closed' });
      else queue.push(job);
      next();
    });

  const library = settings.library === undefined ? null : { path: settings.library, entry: settings.entry };

  return {
    async decode(wlt) {
      if (!library) return { outcome: 'no-decoder' };
      const { rows, mirrored, channels } = settings;
      const outcome = await call({ op: 'decode', library, layout: { rows, mirrored, channels }, wlt });
      return photoOf(outcome);
    },
    async check() {
      if (!library) return { library: 'none' };
      const outcome = await call({ op: 'check', library });
      if (outcome.kind === 'usable') return { library: 'usable' };
      const { reason, detail } = troubleOf(outcome);
      return { library: 'unusable', reason, detail };
    },
    async close() {
      closed = true;
      const waiting = [...(host?.job ? [host.job.job] : []), ...queue.splice(0)];
      if (host) drop(host);
      for (const job of waiting) job.settle({ kind: 'failure', reason: 'crashed', detail: 'closed' });
      await new Promise<void>((resolve) => {
        const cancel = clock.after(EXIT_LIMIT_MS, resolve);
        void Promise.all(ending).then(() => {
          cancel();
          resolve();
        });
      });
    },
  };
}

function photoOf(outcome: Outcome): DecodedPhoto {
  if (outcome.kind === 'png') return { outcome: 'decoded', png: outcome.png };
  return { outcome: outcome.kind === 'timeout' ? 'timeout' : 'failed', ...troubleOf(outcome) };
}

function troubleOf(outcome: Outcome): PhotoTrouble {
  if (outcome.kind === 'failure' || outcome.kind === 'timeout') {
    return { reason: outcome.reason, detail: outcome.detail };
  }
  return { reason: 'crashed', detail: `answered ${outcome.kind}` };
}
