import type { ClockPort } from '../../../core/ports/clock.ts';
import type { LogPort } from '../../../core/ports/log.ts';
import type { PrinterPort } from '../../../core/ports/printer.ts';
import type { DeviceConnection, ReaderDevicePort } from '../../../core/ports/reader-device.ts';
import { createAnsweringPrinter, type AnsweringLimits } from './answering-printer.ts';
import { converse, type PrinterConnection } from './connection.ts';

/** Bytes given at once; at 9600 baud one piece takes half a second. */
const PIECE = 512;
const BAUD_RATES = [9600, 19200, 38400, 57600, 115200];
/** Bits on the line for one byte: start, eight, stop. */
const BITS = 10;
/** On top of the time a piece takes on the line. */
const GRACE_MS = 2_000;

/**
 * A printer on a serial line, 8-N-1. Native code stays in the device host, so the line is one of its ports.
 * @param ports.address `COM3`, `/dev/ttyUSB0`, or with its speed `COM3@9600`; 115200 when it is left out
 */
export function createSerialPrinter(ports: {
  address: string | undefined;
  devices: Pick<ReaderDevicePort, 'open'>;
  clock: ClockPort;
  log: LogPort;
  limits?: Partial<AnsweringLimits>;
}): PrinterPort {
  const { address = '', devices, clock, log } = ports;
  const target = parseSerialAddress(address);
  return createAnsweringPrinter({
    ...ports,
    line: {
      name: address,
      async connect() {
        if (!target) return 'none';
        try {
          const opened = await devices.open(target.path, { bus: 'serial', baudRate: target.baudRate });
          return talk(opened, target.baudRate, clock);
        } catch (error) {
          log.write('warning', 'printer', 'the serial port cannot be opened', { reason: String(error) });
          return null;
        }
      },
    },
  });
}

function talk(device: DeviceConnection, baudRate: number, clock: ClockPort): PrinterConnection {
  const limitMs = (PIECE * BITS * 1000) / baudRate + GRACE_MS;
  return converse((events) => {
    let sending: Promise<void> = Promise.resolve();
    let dropped = false;
    device.onPacket(({ bytes }) => events.bytes(bytes));
    device.onClosed(() => events.ended('broken'));
    const close = (): void => void device.close().catch(() => undefined);

    const send = async (bytes: Uint8Array): Promise<void> => {
      for (let at = 0; at < bytes.length && !dropped; at += PIECE)
        await device.write({ bytes: bytes.subarray(at, at + PIECE), pipe: 0 }, limitMs);
    };
    return {
      write(bytes, taken) {
        sending = sending.then(() => send(bytes)).then(() => (dropped ? undefined : taken()));
        sending.catch(() => events.ended('broken'));
      },
      drop() {
        dropped = true;
        close();
      },
      finish: () => void sending.catch(() => undefined).then(close),
    };
  }, clock);
}

/** @returns null when the text names no serial port */
export function parseSerialAddress(text: string): { path: string; baudRate: number } | null {
  const [, path = '', speed] = /^(COM\d{1,3}|\/dev\/[\w./-]{1,80})(?:@(\d+))?$/i.exec(text.trim()) ?? [];
  const baudRate = Number(speed ?? 115_200);
  return path !== '' && BAUD_RATES.includes(baudRate) ? { path, baudRate } : null;
}
