import { hostname } from 'node:os';
import {
  ERROR_INVALID_PRINTER_NAME,
  SpoolError,
  type JobInfo,
  type OpenedPrinter,
  type Winspool,
} from '../../../electron/adapters/print-host/winspool.ts';

interface MemoryJob extends JobInfo {
  bytes: Uint8Array[];
  /** The handle on which it was written is still open, and it cannot leave the queue. */
  held: boolean;
  ended: boolean;
}

export interface MemorySpooler extends Winspool {
  jobs: Map<number, MemoryJob>;
  /** Steps that fail, and with which Windows error. */
  fails: Partial<Record<string, number>>;
  /** How many bytes it takes at once. */
  takes: number;
  status: number;
  attributes: number;
  steps: string[];
  /** How many are open. */
  handles: number;
  /** At the pause: a job may have begun just before. */
  onPause: (job: MemoryJob) => void;
}

/** One printer, `XP-80C`, with winspool's rules as Microsoft writes them down; for what Wine's spooler does not do. */
export function memorySpooler(): MemorySpooler {
  let nextJob = 41;
  const spooler: MemorySpooler = {
    jobs: new Map(),
    fails: {},
    takes: Infinity,
    status: 0,
    attributes: 0x40,
    steps: [],
    handles: 0,
    onPause: () => undefined,
    list: () => [info()],
    open(name) {
      step('OpenPrinter');
      if (name !== 'XP-80C') throw new SpoolError('OpenPrinter', ERROR_INVALID_PRINTER_NAME);
      spooler.handles += 1;
      return handle();
    },
  };

  const info = () => ({
    name: 'XP-80C',
    driver: 'XP-80C',
    port: 'USB001',
    status: spooler.status,
    attributes: spooler.attributes,
  });

  function step(name: string): void {
    spooler.steps.push(name);
    const code = spooler.fails[name];
    if (code !== undefined) throw new SpoolError(name, code);
  }

  function sweep(): void {
    for (const [number, job] of spooler.jobs)
      if ((job.status & 0x4) !== 0 && !job.held) spooler.jobs.delete(number);
  }

  function handle(): OpenedPrinter {
    let own: MemoryJob | null = null;
    const current = (): MemoryJob =>
      own ??
      (() => {
        throw new SpoolError('order', 1);
      })();
    const found = (number: number): MemoryJob => {
      const job = spooler.jobs.get(number);
      if (!job) throw new SpoolError('SetJob', 87);
      return job;
    };
    return {
      look() {
        step('GetPrinter');
        return info();
      },
      startDocument(document) {
        step('StartDocPrinter');
        own = {
          job: nextJob,
          machine: `\\\\${hostname()}`,
          document,
          status: 0x8,
          pagesPrinted: 0,
          bytes: [],
          held: true,
          ended: false,
        };
        spooler.jobs.set(nextJob, own);
        return nextJob++;
      },
      startPage: () => step('StartPagePrinter'),
      write(bytes) {
        step('WritePrinter');
        const taken = bytes.subarray(0, spooler.takes);
        current().bytes.push(Uint8Array.from(taken));
        return taken.length;
      },
      endPage: () => step('EndPagePrinter'),
      endDocument() {
        step('EndDocPrinter');
        current().ended = true;
        current().status &= ~0x8;
      },
      abort: () => step('AbortPrinter'),
      jobs() {
        step('EnumJobs');
        return [...spooler.jobs.values()];
      },
      job(number) {
        step('GetJob');
        const job = spooler.jobs.get(number);
        return job ?? null;
      },
      pauseJob(number) {
        step('SetJob pause');
        const job = found(number);
        spooler.onPause(job);
        job.status |= 0x1;
      },
      deleteJob(number) {
        step('SetJob delete');
        found(number).status |= 0x4;
        sweep();
      },
      close() {
        spooler.handles -= 1;
        if (own) own.held = false;
        sweep();
      },
    };
  }
  return spooler;
}
