import { describe, expect, it, onTestFinished } from 'vitest';
import { createUsbPrinter } from '../../../electron/adapters/node/printer/usb-printer.ts';
import type { PrinterPort } from '../../../electron/core/ports/printer.ts';
import { encodeJob } from '../../../electron/core/printing/escpos.ts';
import { noTerminals, openPtyPair } from '../../fixtures/pty-pair.ts';
import { markedBitmap } from './bitmap.ts';
import { quickClock, silentLog } from './ports.ts';
import { attachPrinter } from './terminal-printer.ts';

const limits = { connect: 2_000, probe: 250, stall: 2_000, proof: 1_500, proofPerMm: 1, paper: 2_000 };
const job = encodeJob(markedBitmap(600), { dots: 576, bandRows: 255 });
const size = job.reduce((sum, band) => sum + band.length, 0);

function printerAt(address: string): PrinterPort {
  const printer = createUsbPrinter({
    address,
    clock: quickClock(),
    log: silentLog,
    limits,
    path: /^\/dev\//,
  });
  onTestFinished(() => printer.close());
  return printer;
}

// A pseudo-terminal stands in for /dev/usb/lp0: the same calls of the system, without its driver.
describe.skipIf(noTerminals !== null)('a USB printer without a print system', () => {
  it('prints the whole job and says printed on the printer’s own word', async () => {
    const line = await openPtyPair();
    onTestFinished(() => line.close());
    const { printer, received } = attachPrinter(line.far);
    expect(await printerAt(line.near).send(job, 'slip-1', 0)).toEqual({ outcome: 'printed' });
    // Two questions before, and one behind the job that shows that all of it went through.
    await expect.poll(received).toBe(size + 9);
    expect(printer.result()).toMatchObject({ cuts: 1, unknown: [] });
  });

  it('sends nothing of the sheet to a printer without paper', async () => {
    const line = await openPtyPair();
    onTestFinished(() => line.close());
    const { received } = attachPrinter(line.far, { paperRows: 0 });
    const said = await printerAt(line.near).send(job, 'slip-1', 0);
    expect(said).toEqual({ outcome: 'failed-before-send', error: 'PRINT_PAPER_OUT' });
    await expect.poll(received).toBe(9);
  });

  it('is uncertain when the cable is pulled in the middle', async () => {
    const line = await openPtyPair();
    const { received } = attachPrinter(line.far);
    const sending = printerAt(line.near).send(job, 'slip-1', 40);
    await expect.poll(received, { interval: 5 }).toBeGreaterThan(2000);
    await line.close();
    expect(await sending).toEqual({ outcome: 'uncertain', error: 'PRINT_UNCERTAIN' });
  });

  it('says only handed over of a printer that never speaks, and can be closed while it waits', async () => {
    const line = await openPtyPair();
    onTestFinished(() => line.close());
    const far = attachPrinter(line.far);
    far.silence();
    expect(await printerAt(line.near).send(job, 'slip-1', 0)).toEqual({ outcome: 'handed-over' });
    expect(far.printer.result().cuts).toBe(1);
  });
});

describe('a USB printer that is not there', () => {
  it('is told from one that has no such path', async () => {
    const ports = { clock: quickClock(), log: silentLog, limits };
    const unplugged = createUsbPrinter({ address: '/dev/usb/lp15', ...ports });
    expect(await unplugged.send(job, 'slip-1', 0)).toMatchObject({ error: 'PRINT_UNREACHABLE' });
    for (const address of [undefined, '', '/etc/passwd', '/dev/usb/../sda']) {
      const none = createUsbPrinter({ address, ...ports });
      expect(await none.send(job, 'slip-1', 0)).toMatchObject({ error: 'PRINT_NO_PRINTER' });
    }
  });
});
