import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createSystemClock } from '../../../electron/adapters/node/clock.ts';
import { createPrintHost, type WindowsSpooler } from '../../../electron/adapters/node/print-host.ts';
import { createWindowsPrinter } from '../../../electron/adapters/node/printer/windows-printer.ts';
import { forkPrintHost } from '../../../electron/adapters/print-host/host-processes.ts';
import { loadWinspool } from '../../../electron/adapters/print-host/winspool.ts';
import { encodeJob } from '../../../electron/core/printing/escpos.ts';
import type { PrinterPort } from '../../../electron/core/ports/printer.ts';
import { markedBitmap } from '../../unit/printing/bitmap.ts';

/**
 * Runs under Wine with the Windows build of Node: the printer of the program, the print host as a child process, koffi,
 * and Wine's winspool.drv. Arguments: the folder of the built program, and the one where the paper comes out.
 */

const [program = '', paper = ''] = process.argv.slice(2);
const SLIPS = '小票打印机 SLIPS';
const clock = createSystemClock();
const slips = join(paper, 'slips.bin');

/** A slip of 48 kB, as the program makes them. */
const slip = encodeJob(markedBitmap(680), { dots: 576, bandRows: 255 });

interface Desk {
  spooler: WindowsSpooler;
  printer: (name: string) => PrinterPort;
  lines: string[];
}

async function scenario(name: string, run: (desk: Desk) => Promise<void>): Promise<void> {
  rmSync(slips, { force: true });
  const lines: string[] = [];
  const log = {
    write: (level: string, _area: string, text: string, data?: object) =>
      void lines.push(`${level} ${text} ${JSON.stringify(data ?? {})}`),
  };
  const spooler = createPrintHost({
    clock,
    log,
    spawn: () => forkPrintHost(join(program, 'print-host.js')),
    limits: { ask: 15_000, print: 10_000 },
  });
  let failure: unknown;
  try {
    await run({
      spooler,
      lines,
      printer: (address) => createWindowsPrinter({ address, spooler, clock, log }),
    });
  } catch (error) {
    failure = error;
  }
  await spooler.close();
  console.log(`LAB-RESULT ${failure === undefined ? 'ok' : 'failed'} spooler: ${name}`);
  if (failure === undefined) return;
  process.exitCode = 1;
  console.log(failure, lines.join('\n'));
}

function expectSame(actual: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${a} is not ${b}`);
}

await scenario('lists the printers, with Chinese names and what is wrong with them', async ({ spooler }) => {
  const printers = await spooler.list();
  expectSame(
    printers.map(({ name, driver, port, state }) => [name, driver, port, state].join(' | ')).sort(),
    [
      'HANGS | Lab Slips | LPT3: | silent',
      'OFFLINE | Lab Slips | LPT2: | unreachable',
      `${SLIPS} | Lab Slips | LPT1: | silent`,
    ],
  );
});

await scenario('a slip comes out byte for byte, and the next one, too', async ({ printer }) => {
  const port = printer(SLIPS);
  expectSame(await port.check(), { state: 'silent', proves: 'handed-over' });
  for (const name of ['slip-1', 'slip-2']) {
    rmSync(slips, { force: true });
    expectSame(await port.send(slip, name, 0), { outcome: 'handed-over' });
    const printed = readFileSync(slips);
    const sent = Buffer.concat(slip);
    if (!printed.equals(sent))
      throw new Error(`${printed.length} bytes came out of ${sent.length}, or others`);
  }
});

await scenario('nothing is sent to a printer that cannot print', async ({ printer }) => {
  for (const [name, error] of [
    ['NO SUCH PRINTER', 'PRINT_NO_PRINTER'],
    ['OFFLINE', 'PRINT_UNREACHABLE'],
  ] as const) {
    expectSame(await printer(name).send(slip, 'slip-3', 0), { outcome: 'failed-before-send', error });
  }
});

await scenario(
  'a port that takes the document and hangs is uncertain in time',
  async ({ printer, lines }) => {
    expectSame(await printer('HANGS').send(slip, 'slip-4', 0), {
      outcome: 'uncertain',
      error: 'PRINT_UNCERTAIN',
    });
    if (!lines.some((line) => line.includes('print hangs'))) throw new Error('the host was not ended');
    // And the next sheet finds a new host.
    expectSame(await printer(SLIPS).send(slip, 'slip-5', 0), { outcome: 'handed-over' });
  },
);

await scenario('a document is found by its number until it has gone', async () => {
  const printer = (await loadWinspool()).open(SLIPS);
  const job = printer.startDocument('slip-6');
  const { document, status } = printer.job(job) ?? {};
  expectSame({ document, status }, { document: 'slip-6', status: 0 });
  expectSame(printer.job(job + 100), null);
  printer.startPage();
  printer.write(Buffer.from('a line'));
  printer.endPage();
  printer.endDocument();
  expectSame(printer.job(job), null);
  printer.close();
});

console.log('LAB-END');
process.exit();
