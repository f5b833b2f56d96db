import { hostname } from 'node:os';
import type { Cancelled, PrintMessage, PrintRequest, SpoolPrinter } from './messages.ts';
import { stateOfJob, stateOfPrinter } from './spool-states.ts';
import {
  ERROR_INVALID_PRINTER_NAME,
  SpoolError,
  type JobInfo,
  type OpenedPrinter,
  type PrinterInfo,
  type Winspool,
} from './winspool.ts';

/** Given to the spooler at once. */
const PIECE = 64 * 1024;
/** How long a deleted job may take to leave the queue, milliseconds, and how often it is looked for. */
const GONE_WITHIN_MS = 2_000;
const LOOK_EVERY_MS = 100;

export interface PrintServicePorts {
  load: () => Promise<Winspool>;
  send: (message: PrintMessage) => void;
}

type Print = Extract<PrintRequest, { op: 'print' }>;
type Question = Exclude<PrintRequest, { op: 'go' }>;

/**
 * Answers the program's requests. Calls of the spooler hold this process up, some for as long as a cable is out; the
 * program has a limit for each and ends the process.
 */
export function createPrintService({
  load,
  send,
}: PrintServicePorts): (request: PrintRequest) => Promise<void> {
  let awaited: { id: number; go: () => void } | null = null;
  const permission = (id: number): Promise<void> => new Promise((go) => void (awaited = { id, go }));

  async function answer(request: Question, spool: Winspool): Promise<PrintMessage> {
    const { id } = request;
    switch (request.op) {
      case 'list':
        return { id, kind: 'printers', printers: spool.list().map(described) };
      case 'look':
        return { id, kind: 'printer', printer: look(spool, request.printer) };
      case 'print':
        return print(request, spool);
      case 'queue': {
        const jobs = opened(spool, request.printer, (printer) => printer.jobs()).filter(isOfHere);
        const described = jobs.map((info) => ({
          job: info.job,
          document: info.document,
          ...stateOfJob(info),
        }));
        return { id, kind: 'queue', jobs: described };
      }
      case 'job': {
        const { job, document } = request;
        const info = opened(spool, request.printer, (printer) => ownJob(printer, job, document));
        return { id, kind: 'job', job: info && stateOfJob(info) };
      }
      case 'cancel': {
        const { job, document } = request;
        const taken = opened(spool, request.printer, (printer) => takeBack(printer, job, document));
        return { id, kind: 'cancelled', cancelled: await seenGone(taken, request, spool) };
      }
    }
  }

  async function print(request: Print, spool: Winspool): Promise<PrintMessage> {
    const { id, document, bytes } = request;
    const printer = spool.open(request.printer);
    let job = 0;
    let taken: Cancelled;
    let failure: unknown;
    try {
      job = printer.startDocument(document);
      send({ id, kind: 'started', job });
      // What is lost with this process before the program has the number, has then certainly sent nothing.
      await permission(id);
      printer.startPage();
      for (let at = 0; at < bytes.length;) at += printer.write(bytes.subarray(at, at + PIECE));
      printer.endPage();
      printer.endDocument();
      return { id, kind: 'spooled' };
    } catch (error) {
      if (job === 0) throw error;
      failure = error;
      taken = takeBack(printer, job, document);
      attempt(() => printer.abort());
    } finally {
      // A job does not leave the queue before the handle is closed on which it was written.
      printer.close();
    }
    const cancelled = await seenGone(taken, { printer: request.printer, job, document }, spool);
    return { id, kind: 'failure', ...wordsOf(failure), cancelled };
  }

  return async (request) => {
    if (request.op === 'go') {
      if (request.id === awaited?.id) awaited.go();
      return;
    }
    try {
      send(await answer(request, await load()));
    } catch (error) {
      send({ id: request.id, kind: 'failure', ...wordsOf(error) });
    }
  };
}

function look(spool: Winspool, name: string): SpoolPrinter | null {
  try {
    return opened(spool, name, (printer) => described(printer.look()));
  } catch (error) {
    if (error instanceof SpoolError && error.code === ERROR_INVALID_PRINTER_NAME) return null;
    throw error;
  }
}

function opened<T>(spool: Winspool, name: string, deed: (printer: OpenedPrinter) => T): T {
  const printer = spool.open(name);
  try {
    return deed(printer);
  } finally {
    printer.close();
  }
}

/** Windows cuts its short names of computers at 15 characters. */
const isOfHere = ({ machine }: JobInfo): boolean =>
  machine.replace(/^\\+/, '').slice(0, 15).toUpperCase() === hostname().slice(0, 15).toUpperCase();

/** Numbers are given anew after a while; a job with another name is somebody else's, and ours has gone. */
function ownJob(printer: OpenedPrinter, job: number, document: string): JobInfo | null {
  const info = printer.job(job);
  return info?.document === document ? info : null;
}

/**
 * Deletes a job. Paused first, so that it cannot begin between the look at it and its deletion: only of a job that
 * stands still can be said that nothing of it was sent.
 */
function takeBack(printer: OpenedPrinter, job: number, document: string): Cancelled {
  try {
    const before = ownJob(printer, job, document);
    if (before === null) return 'gone';
    const stands = attempt(() => printer.pauseJob(job));
    const now = ownJob(printer, job, document);
    if (now === null) return 'gone';
    const { state, touched } = stateOfJob(now);
    if (state !== 'done') printer.deleteJob(job);
    return !stands || touched || stateOfJob(before).touched ? 'touched' : 'deleted';
  } catch (error) {
    if (error instanceof SpoolError) return 'stays';
    throw error;
  }
}

/** @returns what was said of it, or `stays` when it is still in the queue after a while */
async function seenGone(
  taken: Cancelled,
  { printer: name, job, document }: { printer: string; job: number; document: string },
  spool: Winspool,
): Promise<Cancelled> {
  if (taken !== 'deleted' && taken !== 'touched') return taken;
  for (let waited = 0; waited <= GONE_WITHIN_MS; waited += LOOK_EVERY_MS) {
    const left = opened(spool, name, (printer) => ownJob(printer, job, document));
    // Marked for deletion it is not printed any more; a printed one may be kept in the queue.
    if (left === null || ['deleted', 'done'].includes(stateOfJob(left).state)) return taken;
    await new Promise((later) => void setTimeout(later, LOOK_EVERY_MS));
  }
  return 'stays';
}

function attempt(deed: () => void): boolean {
  try {
    deed();
    return true;
  } catch (error) {
    if (error instanceof SpoolError) return false;
    throw error;
  }
}

function described(info: PrinterInfo): SpoolPrinter {
  const { name, driver, port } = info;
  return { name, driver, port, state: stateOfPrinter(info) };
}

/** Only the name of what is not the spooler's: its words may quote what was in memory. */
function wordsOf(error: unknown): { step: string; code: number } {
  if (error instanceof SpoolError) return { step: error.step, code: error.code };
  return { step: error instanceof Error ? error.name : 'unknown', code: 0 };
}
