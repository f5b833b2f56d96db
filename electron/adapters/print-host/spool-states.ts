import type { SpoolJob, SpoolPrinter } from './messages.ts';
import type { JobInfo, PrinterInfo } from './winspool.ts';

/**
 * What the spooler's bits say. Numbers: winspool.h of the Windows SDK; meanings: [MS-RPRN] 2.2.3.12 and Microsoft's
 * pages on PRINTER_INFO_2 and JOB_INFO_1.
 */

const OFFLINE = 0x80;
const NOT_AVAILABLE = 0x1000;
const SERVER_UNKNOWN = 0x800000;
const SERVER_OFFLINE = 0x2000000;
const UNREACHABLE = OFFLINE | NOT_AVAILABLE | SERVER_UNKNOWN | SERVER_OFFLINE;

const PAPER_OUT = 0x10;

const PAUSED = 0x1;
const ERROR = 0x2;
const PENDING_DELETION = 0x4;
const PAPER_JAM = 0x8;
const PAPER_PROBLEM = 0x40;
const OUTPUT_BIN_FULL = 0x800;
const USER_INTERVENTION = 0x100000;
const OUT_OF_MEMORY = 0x200000;
const DOOR_OPEN = 0x400000;
const NOT_READY =
  PAUSED |
  ERROR |
  PENDING_DELETION |
  PAPER_JAM |
  PAPER_PROBLEM |
  OUTPUT_BIN_FULL |
  USER_INTERVENTION |
  OUT_OF_MEMORY |
  DOOR_OPEN;

/** Set when a USB printer is unplugged or switched off, often without any bit of the status. */
const ATTRIBUTE_WORK_OFFLINE = 0x400;

/** What kept the program from printing last: offline before paper, because paper cannot be known of what is off. */
export function stateOfPrinter({ status, attributes }: PrinterInfo): SpoolPrinter['state'] {
  if ((attributes & ATTRIBUTE_WORK_OFFLINE) !== 0 || (status & UNREACHABLE) !== 0) return 'unreachable';
  if ((status & PAPER_OUT) !== 0) return 'paper-out';
  return (status & NOT_READY) !== 0 ? 'not-ready' : 'silent';
}

const JOB_PAUSED = 0x1;
const JOB_ERROR = 0x2;
const JOB_DELETING = 0x4;
const JOB_PRINTING = 0x10;
const JOB_OFFLINE = 0x20;
const JOB_PAPEROUT = 0x40;
const JOB_PRINTED = 0x80;
const JOB_DELETED = 0x100;
const JOB_BLOCKED_DEVQ = 0x200;
const JOB_USER_INTERVENTION = 0x400;
const JOB_RESTART = 0x800;
/** "Sent to the printer, but may not be printed yet." */
const JOB_COMPLETE = 0x1000;

const DONE = JOB_PRINTED | JOB_COMPLETE;
const TAKEN_BACK = JOB_DELETING | JOB_DELETED;
const STUCK = JOB_PAUSED | JOB_ERROR | JOB_OFFLINE | JOB_PAPEROUT | JOB_BLOCKED_DEVQ | JOB_USER_INTERVENTION;
/** An error may have come in the middle of it. The other bits of STUCK are about the printer, and come before as well. */
const TOUCHED = JOB_PRINTING | JOB_ERROR | JOB_RESTART | DONE;

export function stateOfJob({ status, pagesPrinted }: JobInfo): SpoolJob {
  const touched = (status & TOUCHED) !== 0 || pagesPrinted > 0;
  if ((status & DONE) !== 0) return { state: 'done', touched };
  if ((status & TAKEN_BACK) !== 0) return { state: 'deleted', touched };
  return { state: (status & STUCK) !== 0 ? 'stuck' : 'waiting', touched };
}
