import type { PrinterCondition } from '../../core/ports/printer.ts';
import type { HostProcess } from '../host-process/host-process.ts';

/** What passes between the program and its print host. Bytes travel as they are: a slip holds a person's data. */

/** A printer as the Windows spooler knows it. */
export interface SpoolPrinter {
  name: string;
  /** Name of its driver, and the port it hangs on; '' where the spooler does not say without asking another computer. */
  driver: string;
  port: string;
  /** `silent` when nothing is known to be wrong: the spooler does not know that there is paper. */
  state: Exclude<PrinterCondition['state'], 'ready' | 'no-printer'>;
}

/** One job in a printer's queue. */
export interface SpoolJob {
  /** `stuck`: somebody has to do something; `done`: handed to the printer; `deleted`: by a person, in its queue's window. */
  state: 'waiting' | 'stuck' | 'done' | 'deleted';
  /** Bytes of it may have reached the printer. */
  touched: boolean;
}

/** A job of this computer that is in a printer's queue. */
export interface QueuedJob extends SpoolJob {
  job: number;
  document: string;
}

/**
 * What became of the wish to take a job back: `deleted` before a byte of it can have reached the printer;
 * `touched`: deleted, but it had been at the printer; `stays`: it could not be deleted; `gone`: it was not there any
 * more.
 */
export type Cancelled = 'deleted' | 'touched' | 'stays' | 'gone';

export type PrintRequest =
  | { id: number; op: 'list' }
  | { id: number; op: 'look'; printer: string }
  | { id: number; op: 'print'; printer: string; document: string; bytes: Uint8Array }
  /** The program has the document's number: its bytes may leave now, and not before. */
  | { id: number; op: 'go' }
  | { id: number; op: 'queue'; printer: string }
  /** The document's name guards against a number that was given anew to somebody else's job. */
  | { id: number; op: 'job'; printer: string; job: number; document: string }
  | { id: number; op: 'cancel'; printer: string; job: number; document: string };

export type PrintMessage =
  | { id: number; kind: 'printers'; printers: SpoolPrinter[] }
  /** null: the spooler knows no printer of this name. */
  | { id: number; kind: 'printer'; printer: SpoolPrinter | null }
  /** The document has a number, and waits for `go`. */
  | { id: number; kind: 'started'; job: number }
  /** The whole document is in the spooler's hands. */
  | { id: number; kind: 'spooled' }
  | { id: number; kind: 'queue'; jobs: QueuedJob[] }
  /** null: it is not in the queue any more. */
  | { id: number; kind: 'job'; job: SpoolJob | null }
  | { id: number; kind: 'cancelled'; cancelled: Cancelled }
  /** `cancelled`: of a document that had been started, what became of it. */
  | { id: number; kind: 'failure'; step: string; code: number; cancelled?: Cancelled };

export type PrintHostProcess = HostProcess<PrintRequest, PrintMessage>;
