import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogPort } from '../../../core/ports/log.ts';
import type { FoundPrinter } from '../../../../shared/contract/print.ts';
import type { ReaderDevicePort } from '../../../core/ports/reader-device.ts';
import type { WindowsSpooler } from '../print-host.ts';
import { cupsQueues } from './cups-queues.ts';

/** Ports on the main board, which are there whether or not something hangs on them. */
const BOARD_PORT = /^\/dev\/ttyS\d+$/;
/** Ports of Windows behind which there is no paper: printing to a file, as PDF, as a fax, to nowhere. */
const NO_PAPER = /^(?:FILE|PORTPROMPT|SHRFAX|NUL|XPSPORT|OneNote\b.*|Microsoft\.Office\.OneNote.*):?$/i;

/**
 * Printers this machine sees: USB printers of Linux, CUPS queues, printers of Windows, and serial ports on which one
 * might hang. Network printers are not searched for. What cannot be looked at is left out.
 * @param ports.spooler the spooler of Windows; null on other systems
 * @param ports.roots where the kernel shows USB printers; other folders in tests
 */
export async function findPrinters(ports: {
  devices: Pick<ReaderDevicePort, 'list'>;
  spooler: Pick<WindowsSpooler, 'list'> | null;
  log: LogPort;
  roots?: { dev: string; sys: string };
  lpstat?: string;
}): Promise<FoundPrinter[]> {
  const { devices, spooler, log, roots = { dev: '/dev/usb', sys: '/sys/class/usbmisc' } } = ports;
  const [usb, queues, windows, serial] = await Promise.all([
    usbPrinters(roots),
    cupsQueues(log, ports.lpstat),
    windowsPrinters(spooler, log),
    devices.list(['serial']).catch(() => []),
  ]);
  return [
    ...usb,
    ...queues.map((address): FoundPrinter => ({ mode: 'lp', address, detail: '' })),
    ...windows,
    ...serial
      .filter(({ path }) => !BOARD_PORT.test(path))
      .map(({ path, product, manufacturer }): FoundPrinter => ({
        mode: 'serial',
        address: path,
        detail: `${manufacturer} ${product}`.trim(),
      })),
  ];
}

async function windowsPrinters(
  spooler: Pick<WindowsSpooler, 'list'> | null,
  log: LogPort,
): Promise<FoundPrinter[]> {
  try {
    const printers = (await spooler?.list()) ?? [];
    return printers
      .filter(({ port }) => !NO_PAPER.test(port))
      .map(({ name, driver, port }) => ({
        mode: 'windows',
        address: name,
        detail: [driver, port].filter(Boolean).join(' · '),
      }));
  } catch (error) {
    log.write('warning', 'printer', 'Windows does not list its printers', { reason: String(error) });
    return [];
  }
}

async function usbPrinters({ dev, sys }: { dev: string; sys: string }): Promise<FoundPrinter[]> {
  const names = await readdir(dev).catch(() => []);
  return Promise.all(
    names
      .filter((name) => /^lp\d+$/.test(name))
      .sort()
      .map(async (name) => ({
        mode: 'usb' as const,
        address: join(dev, name),
        detail: modelOf(await readFile(join(sys, name, 'device', 'ieee1284_id'), 'utf8').catch(() => '')),
      })),
  );
}

/** `MFG:Gprinter;CMD:ESC/POS;MDL:GP-L80160;CLS:PRINTER;` as maker and model (IEEE 1284, device id). */
export function modelOf(deviceId: string): string {
  const value = (names: string): string =>
    new RegExp(`(?:^|;)\\s*(?:${names}):([^;]*)`, 'i').exec(deviceId)?.[1]?.trim() ?? '';
  return `${value('MFG|MANUFACTURER')} ${value('MDL|MODEL')}`.trim();
}
