import { execFile } from 'node:child_process';
import type { LogPort } from '../../../core/ports/log.ts';
import type { PrinterPort, PrintOutcome } from '../../../core/ports/printer.ts';
import { cupsQueues } from './cups-queues.ts';

export interface LpPrinterPorts {
  /** Name of a CUPS queue. Set it up with `printer-error-policy=abort-job`: CUPS's own retry prints twice. */
  queue: string | undefined;
  log: LogPort;
  /** The program to run, for machines where it is not `lp` on the path. */
  command?: string;
  /** The whole hand-over, milliseconds. */
  timeoutMs?: number;
}

/** What CUPS allows in a queue's name, and no leading `-`, which lp would take for an option. */
const QUEUE = /^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,126}$/;

/**
 * A CUPS queue, fed with raw bytes. `lp` says only that the spooler has the job, so the best there is to say is
 * `handed-over`.
 */
export function createLpPrinter({
  queue,
  log,
  command = 'lp',
  timeoutMs = 15_000,
}: LpPrinterPorts): PrinterPort {
  const running = new Set<AbortController>();

  function send(bands: Uint8Array[], jobName: string): Promise<PrintOutcome> {
    const name = queue ?? '';
    if (!QUEUE.test(name))
      return Promise.resolve({ outcome: 'failed-before-send', error: 'PRINT_NO_PRINTER' });
    const stop = new AbortController();
    running.add(stop);
    return new Promise((settle) => {
      const options = { timeout: timeoutMs, killSignal: 'SIGKILL' as const, signal: stop.signal };
      const child = execFile(
        command,
        ['-d', name, '-t', jobName, '-o', 'raw'],
        options,
        (error, _out, told) => {
          running.delete(stop);
          settle(error === null ? { outcome: 'handed-over' } : judge(error, told));
        },
      );
      // lp reads its standard input to the end before it says anything; EPIPE is told by its exit.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(Buffer.concat(bands));
    });
  }

  /** Killed, it may have handed the job over already; only its own "no" is one. */
  function judge(error: Error & { code?: unknown }, told: string): PrintOutcome {
    log.write('warning', 'printer', 'lp did not take the job', {
      code: String(error.code),
      told: told.slice(0, 200),
    });
    if (error.code === 'ENOENT' || error.code === 'EACCES') {
      return { outcome: 'failed-before-send', error: 'PRINT_NO_PRINTER' };
    }
    if (typeof error.code === 'number') return { outcome: 'failed-before-send', error: 'PRINT_UNREACHABLE' };
    return { outcome: 'uncertain', error: 'PRINT_UNCERTAIN' };
  }

  return {
    name: queue ?? '',
    virtual: false,
    send,
    async check() {
      const name = queue ?? '';
      const known = QUEUE.test(name) && (await cupsQueues(log)).some((found) => found === name);
      // What the queue prints on, and whether there is paper, CUPS does not say of raw queues.
      return { state: known ? 'silent' : 'no-printer', proves: 'handed-over' };
    },
    close() {
      for (const stop of running) stop.abort();
      return Promise.resolve();
    },
  };
}
