import type { ClockPort } from '../../../core/ports/clock.ts';
import type { LogPort } from '../../../core/ports/log.ts';
import type { PrinterCondition, PrinterPort, PrintOutcome } from '../../../core/ports/printer.ts';
import type { Cancelled } from '../../print-host/messages.ts';
import { PrintHostError, type WindowsSpooler } from '../print-host.ts';

/** Milliseconds. How long a document may stay in the queue. */
export interface WindowsPrinterLimits {
  /** Between two looks at the job. */
  look: number;
  /** Something is wrong and nothing of it is at the printer. */
  stuck: number;
  /** Behind other people's jobs. */
  wait: number;
  /** At the printer: a clerk may have to change a roll that ended in the middle of it. */
  printing: number;
}

export const WINDOWS_PRINTER_LIMITS: WindowsPrinterLimits = {
  look: 250,
  stuck: 3_000,
  wait: 30_000,
  printing: 120_000,
};

/** Names of this program's documents, see sheet-row.ts. */
const OWN_DOCUMENT = /^[a-z-]+-[0-9a-f]{12}$/;

const HANDED_OVER: PrintOutcome = { outcome: 'handed-over' };
const UNCERTAIN: PrintOutcome = { outcome: 'uncertain', error: 'PRINT_UNCERTAIN' };
const notSent = (error: 'PRINT_UNREACHABLE' | 'PRINT_PAPER_OUT' | 'PRINT_NO_PRINTER'): PrintOutcome => ({
  outcome: 'failed-before-send',
  error,
});

/**
 * A printer as Windows has it, with whatever driver: a raw document for its queue. That the queue is empty again says
 * that the printer took the bytes, never that there is paper, so the best there is to say is `handed-over`. A document
 * that does not leave is deleted before the sheet is given up: it would come out when nobody waits for it any more.
 * @param ports.address the printer's name in Windows
 */
export function createWindowsPrinter(ports: {
  address: string | undefined;
  spooler: Pick<WindowsSpooler, 'look' | 'print' | 'queue' | 'job' | 'cancel' | 'isNew'>;
  clock: ClockPort;
  log: LogPort;
  limits?: Partial<WindowsPrinterLimits>;
}): PrinterPort {
  const { address = '', spooler, clock, log } = ports;
  const limits = { ...WINDOWS_PRINTER_LIMITS, ...ports.limits };
  let closed = false;
  let wake = (): void => undefined;
  const swept = address !== '' && spooler.isNew(address) ? sweep() : Promise.resolve();

  /**
   * Documents of an earlier life of the program, killed or cut off from power: their sheets are uncertain and a clerk was
   * asked, so they must not come out now. What is at the printer is left to it.
   */
  async function sweep(): Promise<void> {
    try {
      const left = (await spooler.queue(address)).filter(
        ({ state, touched, document }) =>
          !touched && (state === 'waiting' || state === 'stuck') && OWN_DOCUMENT.test(document),
      );
      for (const { job, document } of left) await takeBack(job, document);
    } catch (error) {
      log.write('info', 'printer', 'the queue cannot be looked through', { reason: wordsOf(error) });
    }
  }

  async function conditionOf(): Promise<PrinterCondition['state']> {
    if (address === '') return 'no-printer';
    try {
      return (await spooler.look(address))?.state ?? 'no-printer';
    } catch (error) {
      log.write('warning', 'printer', 'the spooler does not say how the printer is', {
        reason: wordsOf(error),
      });
      return 'unreachable';
    }
  }

  async function send(bands: Uint8Array[], document: string): Promise<PrintOutcome> {
    await swept;
    const state = await conditionOf();
    if (state === 'no-printer') return notSent('PRINT_NO_PRINTER');
    if (state === 'paper-out') return notSent('PRINT_PAPER_OUT');
    if (state !== 'silent' || isClosed()) return notSent('PRINT_UNREACHABLE');
    const made: { job: number | null } = { job: null };
    try {
      await spooler.print(address, document, Buffer.concat(bands), (job) => (made.job = job));
    } catch (error) {
      return brokenOff(error, made.job, document);
    }
    // Without a number there is nothing to follow; the spooler has said that it has all.
    return made.job === null ? HANDED_OVER : follow(made.job, document);
  }

  const isClosed = (): boolean => closed;

  /** The document did not get into the queue as a whole. */
  async function brokenOff(error: unknown, job: number | null, document: string): Promise<PrintOutcome> {
    log.write('warning', 'printer', 'the document was not handed over', { reason: wordsOf(error), job });
    if (job === null) return notSent('PRINT_UNREACHABLE');
    if (error instanceof PrintHostError && error.cancelled !== null)
      return error.cancelled === 'deleted' ? notSent('PRINT_UNREACHABLE') : UNCERTAIN;
    // The host ended in the middle: how far it came is not known, and what is left must not come out later.
    await takeBack(job, document);
    return UNCERTAIN;
  }

  /** The document is in the queue as a whole. */
  async function follow(job: number, document: string): Promise<PrintOutcome> {
    const began = clock.monotonic();
    let stuckSince: number | null = null;
    let touched = false;
    for (;;) {
      let state: 'waiting' | 'stuck';
      try {
        const now = await spooler.job(address, job, document);
        if (now === null || now.state === 'done') return HANDED_OVER;
        touched ||= now.touched;
        // In the queue's window, by somebody who may have seen why.
        if (now.state === 'deleted') return UNCERTAIN;
        state = now.state;
      } catch (error) {
        log.write('warning', 'printer', 'the document cannot be followed', { reason: wordsOf(error), job });
        await takeBack(job, document);
        return UNCERTAIN;
      }
      const at = clock.monotonic();
      stuckSince = state === 'stuck' ? (stuckSince ?? at) : null;
      const isLate =
        at - began >= (touched ? limits.printing : limits.wait) ||
        (!touched && stuckSince !== null && at - stuckSince >= limits.stuck);
      if (isClosed() && touched && state === 'waiting') return HANDED_OVER;
      if (isLate || isClosed()) return giveUp(job, document, touched);
      await pause();
    }
  }

  async function giveUp(job: number, document: string, touched: boolean): Promise<PrintOutcome> {
    const why = await conditionOf();
    const taken = await takeBack(job, document);
    if (taken !== 'deleted' || touched) return UNCERTAIN;
    return notSent(why === 'paper-out' ? 'PRINT_PAPER_OUT' : 'PRINT_UNREACHABLE');
  }

  async function takeBack(job: number, document: string): Promise<Cancelled | null> {
    try {
      const taken = await spooler.cancel(address, job, document);
      log.write('info', 'printer', 'the document was taken back', { job, taken });
      return taken;
    } catch (error) {
      log.write('error', 'printer', 'the document may stay in the queue', { reason: wordsOf(error), job });
      return null;
    }
  }

  function pause(): Promise<void> {
    return new Promise((resume) => {
      const cancel = clock.after(limits.look, resume);
      wake = () => {
        cancel();
        resume();
      };
    });
  }

  return {
    name: address,
    virtual: false,
    send,
    check: async () => ({ state: await conditionOf(), proves: 'handed-over' }),
    close() {
      closed = true;
      wake();
      return Promise.resolve();
    },
  };
}

function wordsOf(error: unknown): string {
  return error instanceof PrintHostError ? `${error.reason}: ${error.message}` : String(error);
}
