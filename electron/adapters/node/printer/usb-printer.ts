import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import type { ClockPort } from '../../../core/ports/clock.ts';
import type { LogPort } from '../../../core/ports/log.ts';
import type { PrinterPort } from '../../../core/ports/printer.ts';
import { createAnsweringPrinter, type AnsweringLimits } from './answering-printer.ts';
import { converse, type ByteLine, type LineEvents, type PrinterConnection } from './connection.ts';

/** How often the device is asked for answers, and offered what it has not taken yet, while a job is under way. */
const LOOK_MS = 5;
/** Bytes offered at once: the kernel's own buffer for such a device. */
const PIECE = 8192;
/** What is left is offered no longer than this when the job is over. */
const FINISH_LIMIT_MS = 2_000;
/**
 * DLE EOT 1, a question that moves no paper. The kernel throws away what it has not handed over when the device is
 * closed; once it takes this, all before it is through.
 */
const LAST_WORD = Uint8Array.of(0x10, 0x04, 1);
/** Where the kernel shows USB printers (usblp) and, for a parallel port, the older kind. */
export const USB_PRINTER_PATH = /^\/dev\/(?:usb\/)?lp\d{1,2}$/;

/**
 * A USB printer as Linux gives it, without a print system between: `/dev/usb/lp0`. The user has to be in the group
 * `lp`. CUPS takes the device away while it prints itself.
 * @param ports.address the device's path
 * @param ports.path other paths that count as devices, for tests
 */
export function createUsbPrinter(ports: {
  address: string | undefined;
  clock: ClockPort;
  log: LogPort;
  limits?: Partial<AnsweringLimits>;
  path?: RegExp;
}): PrinterPort {
  const { address = '', clock, log, path = USB_PRINTER_PATH } = ports;
  return createAnsweringPrinter({
    ...ports,
    line: {
      name: address,
      async connect() {
        await Promise.resolve();
        return path.test(address) ? connectDevice(address, clock, log) : 'none';
      },
    },
  });
}

function connectDevice(path: string, clock: ClockPort, log: LogPort): PrinterConnection | null {
  let file: number;
  try {
    // Not blocking: a printer without paper would hold the program, and its closing, for ever.
    file = openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    log.write('warning', 'printer', 'the device cannot be opened', { reason: errnoOf(error) });
    return null;
  }
  return converse((events) => deviceLine(file, events, clock), clock);
}

function deviceLine(file: number, events: LineEvents, clock: ClockPort): ByteLine {
  const waiting: { bytes: Uint8Array; taken: () => void }[] = [];
  const buffer = Buffer.alloc(256);
  let closed = false;
  let finishing = false;
  let cancel = (): void => undefined;

  const close = (how: 'ended' | 'broken'): void => {
    if (closed) return;
    closed = true;
    cancel();
    closeSync(file);
    events.ended(how);
  };

  const look = (): void => {
    if (closed) return;
    try {
      offer();
      for (let size = read(); size > 0; size = read()) events.bytes(buffer.subarray(0, size));
    } catch {
      close('broken');
      return;
    }
    if (finishing && waiting.length === 0) close('ended');
    else cancel = clock.after(LOOK_MS, look);
  };

  const read = (): number => unlessLater(() => readSync(file, buffer)) ?? 0;

  const offer = (): void => {
    for (let first = waiting[0]; first; first = waiting[0]) {
      const { bytes } = first;
      const sent = unlessLater(() => writeSync(file, bytes, 0, Math.min(bytes.length, PIECE)));
      if (sent === null) return;
      first.bytes = bytes.subarray(sent);
      if (first.bytes.length > 0) continue;
      waiting.shift();
      first.taken();
    }
  };

  cancel = clock.after(0, look);
  return {
    write(bytes, taken) {
      waiting.push({ bytes, taken });
    },
    drop: () => close('broken'),
    finish() {
      if (closed) return;
      const giveUp = clock.after(FINISH_LIMIT_MS, () => close('broken'));
      waiting.push({ bytes: LAST_WORD, taken: giveUp });
      finishing = true;
    },
  };
}

/** @returns null when the device has nothing to give, or no room, at this moment */
function unlessLater(attempt: () => number): number | null {
  try {
    return attempt();
  } catch (error) {
    if (errnoOf(error) === 'EAGAIN') return null;
    throw error;
  }
}

function errnoOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
