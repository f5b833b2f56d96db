import type { Settings } from '../../../../shared/contract/settings.ts';
import type { ClockPort } from '../../../core/ports/clock.ts';
import type { LogPort } from '../../../core/ports/log.ts';
import type { PrinterPort } from '../../../core/ports/printer.ts';
import type { ReaderDevicePort } from '../../../core/ports/reader-device.ts';
import type { WindowsSpooler } from '../print-host.ts';
import { createLpPrinter } from './lp-printer.ts';
import { createSerialPrinter } from './serial-printer.ts';
import { createTcpPrinter } from './tcp-printer.ts';
import { createUsbPrinter } from './usb-printer.ts';
import { createWindowsPrinter } from './windows-printer.ts';

/**
 * The printer the settings ask for.
 * @param ports.devices where a serial line is opened
 * @param ports.spooler where a document for a printer of Windows goes
 * @param ports.virtual makes the printer whose paper is a picture
 */
export function openPrinter(
  settings: Settings['printer'],
  ports: {
    clock: ClockPort;
    log: LogPort;
    devices: Pick<ReaderDevicePort, 'open'>;
    spooler: WindowsSpooler;
    virtual: (dots: number) => PrinterPort;
  },
): PrinterPort {
  const { mode, address, dots } = settings;
  switch (mode) {
    case 'tcp':
      return createTcpPrinter({ address, ...ports });
    case 'usb':
      return createUsbPrinter({ address, clock: ports.clock, log: ports.log });
    case 'serial':
      return createSerialPrinter({ address, ...ports });
    case 'lp':
      return createLpPrinter({ queue: address, log: ports.log });
    case 'windows':
      return createWindowsPrinter({ address, ...ports });
    case 'virtual':
      return ports.virtual(dots);
  }
}
