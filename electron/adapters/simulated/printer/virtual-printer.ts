import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClockPort } from '../../../core/ports/clock.ts';
import type { LogPort } from '../../../core/ports/log.ts';
import type { PrinterPort, PrintOutcome } from '../../../core/ports/printer.ts';
import { createInterpreter } from './interpreter.ts';
import { pageToPng } from './page-to-png.ts';

export interface VirtualPrinterPorts {
  /** Where the paper comes out, as `<jobName>.png`. */
  folder: string;
  clock: ClockPort;
  log: LogPort;
  dots: number;
}

/**
 * A printer whose paper is a picture. It proves what it did as a real one does: only the answer to the
 * `GS r` at the end of the job makes it `printed`; a job without one is only handed over.
 */
export function createVirtualPrinter({ folder, clock, log, dots }: VirtualPrinterPorts): PrinterPort {
  async function send(bands: Uint8Array[], jobName: string, pauseMs: number): Promise<PrintOutcome> {
    const printer = createInterpreter({ dots });
    let proven = false;
    for (const band of bands) {
      proven = printer.feed(band).some((byte) => (byte & 0x90) === 0) || proven;
      if (pauseMs > 0) await new Promise<void>((resume) => void clock.after(pauseMs, resume));
    }
    const { page, unknown } = printer.result();
    if (unknown.length > 0)
      log.write('warning', 'printer', 'the job has commands the printer does not know', { unknown });
    try {
      await putOut(pageToPng(page), jobName);
    } catch (error) {
      // The sheet appears whole or not at all, so nothing has come out.
      log.write('error', 'printer', 'the virtual printer cannot write its paper', { error: String(error) });
      return { outcome: 'failed-before-send', error: 'PRINT_UNREACHABLE' };
    }
    return { outcome: proven ? 'printed' : 'handed-over' };
  }

  async function putOut(png: Uint8Array, jobName: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    const file = join(folder, `${jobName.replace(/[^A-Za-z0-9._-]/gu, '-')}.png`);
    const unfinished = await open(`${file}.part`, 'w');
    try {
      await unfinished.writeFile(png);
      await unfinished.sync();
    } finally {
      await unfinished.close();
    }
    await rename(`${file}.part`, file);
  }

  return {
    name: '虚拟小票机',
    virtual: true,
    send,
    check: () => Promise.resolve({ state: 'ready', proves: 'printed' }),
    close: () => Promise.resolve(),
  };
}
