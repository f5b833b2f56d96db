import { constants } from 'node:fs';
import { access as mayOpen } from 'node:fs/promises';
import type { SerialPort } from 'serialport';
import type { ErrorCode } from '../../../../shared/contract/errors.ts';
import type { DeviceInfo } from '../../../core/ports/reader-device.ts';
import type { BackendDevice, DeviceBackend, DeviceEvents } from '../device-backend.ts';
import { DeviceError, failureCode } from '../device-error.ts';
import type { Say } from '../say.ts';
import { endAtHangup } from './serial-hangup.ts';
import { requireSerialPort } from './serial-path.ts';

/**
 * Serial ports through the serialport library: 8-N-1 without flow control, at the rate of the profile. The library
 * waits for bytes in the event loop, so an idle port costs nothing.
 * @throws whatever loading it throws
 */
export async function loadSerial(say: Say): Promise<DeviceBackend> {
  const library = await import('serialport');
  return {
    async list() {
      const ports = await (library.SerialPort.list() as Promise<PortLike[]>).catch((error: unknown) => {
        // On Linux the library asks udev. A port can be opened by its path all the same.
        say('the serial ports could not be listed', String(error));
        return [];
      });
      return ports.map(({ path, vendorId, productId, manufacturer }): DeviceInfo => ({
        bus: 'serial',
        path,
        vendorId: idOf(vendorId),
        productId: idOf(productId),
        product: '',
        manufacturer: manufacturer ?? '',
      }));
    },
    async open(path, access, events) {
      if (access.bus !== 'serial') throw new Error('not a profile for a serial line');
      try {
        await requireSerialPort(path);
        // Here the system gives its error number, and the library only a sentence.
        if (process.platform !== 'win32') await mayOpen(path, constants.R_OK | constants.W_OK);
        const { baudRate } = access;
        const port = new library.SerialPort({ path, baudRate, autoOpen: false, lock: true });
        await settle((done) => port.open(done));
        endAtHangup(port.port);
        return connected(port, events);
      } catch (error) {
        throw serialFailure(error);
      }
    },
  };
}

/** A port as the library lists it; its own type does not reach through its packages. */
interface PortLike {
  path: string;
  manufacturer?: string;
  vendorId?: string;
  productId?: string;
}

function connected(port: SerialPort, events: DeviceEvents): BackendDevice {
  let ended = false;
  const gone = (reason: string): void => {
    if (ended) return;
    ended = true;
    events.onGone(reason);
  };
  port.on('data', (bytes: Uint8Array) => events.onPacket({ bytes, pipe: 0 }));
  port.on('error', (error) => gone(error.message));
  // A pulled adapter shows as an end of the input on some systems and as a failed read on others.
  port.on('end', () => gone('the serial port ended'));
  port.on('close', (error: Error | null) => gone(error?.message ?? 'the serial port was closed'));
  return {
    async write({ bytes }) {
      if (ended) throw new Error('the serial port is closed');
      await settle((done) => port.write(bytes, done));
    },
    async close() {
      ended = true;
      if (port.isOpen) await settle((done) => port.close(done));
    },
  };
}

const BY_WORDS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/cannot lock|resource (busy|temporarily unavailable)/i, 'ID_CARD_READER_BUSY'],
  // Windows refuses a port that another program has open with these words.
  [/access denied/i, 'ID_CARD_READER_BUSY'],
  [/permission denied/i, 'ID_CARD_NO_PERMISSION'],
  [/no such (file|device)|file not found/i, 'ID_CARD_READER_MISSING'],
];

/** The failure to open a port, with its code. */
export function serialFailure(error: unknown): DeviceError {
  const text = error instanceof Error ? error.message : String(error);
  const byNumber = failureCode(error);
  const byWords = BY_WORDS.find(([words]) => words.test(text))?.[1];
  const code = byNumber === 'ID_CARD_READER_FAILED' ? (byWords ?? byNumber) : byNumber;
  return new DeviceError(code, text, { cause: error });
}

/** A call of the library that ends with an error or nothing. */
function settle(call: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => (error ? reject(error) : resolve()));
  });
}

/** `10c4`, as the library gives it, or nothing. */
function idOf(text: string | undefined): number {
  return Number.parseInt(text ?? '', 16) || 0;
}
