import { describe, expect, it, onTestFinished } from 'vitest';
import { loadSerial } from '../../../electron/adapters/device-host/backends/serial.ts';
import {
  createSerialPrinter,
  parseSerialAddress,
} from '../../../electron/adapters/node/printer/serial-printer.ts';
import type { DeviceConnection, ReaderDevicePort } from '../../../electron/core/ports/reader-device.ts';
import { encodeJob } from '../../../electron/core/printing/escpos.ts';
import { noTerminals, openPtyPair } from '../../fixtures/pty-pair.ts';
import { markedBitmap } from './bitmap.ts';
import { quickClock, silentLog } from './ports.ts';
import { attachPrinter } from './terminal-printer.ts';

const limits = { connect: 2_000, probe: 400, stall: 5_000, proof: 1_500, proofPerMm: 1, paper: 2_000 };
const job = encodeJob(markedBitmap(600), { dots: 576, bandRows: 255 });
const size = job.reduce((sum, band) => sum + band.length, 0);

/** The real serial back end, without the process around it. */
const devices: Pick<ReaderDevicePort, 'open'> = {
  async open(path, access): Promise<DeviceConnection> {
    const backend = await loadSerial(() => undefined);
    let packet: Parameters<DeviceConnection['onPacket']>[0] = () => undefined;
    let closed: (reason: string) => void = () => undefined;
    const device = await backend.open(path, access, {
      onPacket: (taken) => packet(taken),
      onGone: (reason) => closed(reason),
    });
    return {
      write: (taken) => device.write(taken),
      onPacket: (listener) => (packet = listener),
      onClosed: (listener) => (closed = listener),
      close: () => device.close(),
    };
  },
};

describe.skipIf(noTerminals !== null)('a printer on a serial line', () => {
  it('prints the whole job and says printed on the printer’s own word', async () => {
    const line = await openPtyPair();
    onTestFinished(() => line.close());
    const { printer, received } = attachPrinter(line.far);
    const serial = createSerialPrinter({
      address: line.near,
      devices,
      clock: quickClock(),
      log: silentLog,
      limits,
    });
    expect(await serial.send(job, 'slip-1', 0)).toEqual({ outcome: 'printed' });
    expect(received()).toBe(size + 6);
    expect(printer.result()).toMatchObject({ cuts: 1, unknown: [] });
    // The port is free again.
    expect(await serial.send(job, 'slip-2', 0)).toEqual({ outcome: 'printed' });
  });

  it('is uncertain when the cable is pulled in the middle', async () => {
    const line = await openPtyPair();
    const { received } = attachPrinter(line.far);
    const serial = createSerialPrinter({
      address: line.near,
      devices,
      clock: quickClock(),
      log: silentLog,
      limits,
    });
    const sending = serial.send(job, 'slip-1', 40);
    await expect.poll(received, { interval: 5 }).toBeGreaterThan(2000);
    await line.close();
    expect(await sending).toEqual({ outcome: 'uncertain', error: 'PRINT_UNCERTAIN' });
  });
});

describe('the address of a serial printer', () => {
  it('is a port and perhaps a speed', () => {
    expect(parseSerialAddress('COM3')).toEqual({ path: 'COM3', baudRate: 115200 });
    expect(parseSerialAddress(' /dev/ttyUSB0@9600 ')).toEqual({ path: '/dev/ttyUSB0', baudRate: 9600 });
    for (const text of ['', 'COM', '/etc/passwd', 'COM3@1200', '/dev/tty USB'])
      expect(parseSerialAddress(text)).toBeNull();
  });

  it('that opens nothing is unreachable', async () => {
    const serial = createSerialPrinter({
      address: '/dev/ttyUSB99',
      devices,
      clock: quickClock(),
      log: silentLog,
      limits,
    });
    expect(await serial.send(job, 'slip-1', 0)).toMatchObject({ error: 'PRINT_UNREACHABLE' });
  });
});
