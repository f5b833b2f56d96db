import { beforeEach, describe, expect, it } from 'vitest';
import { createPrintHost, type WindowsSpooler } from '../../../electron/adapters/node/print-host.ts';
import { createWindowsPrinter } from '../../../electron/adapters/node/printer/windows-printer.ts';
import type { Cancelled, SpoolJob } from '../../../electron/adapters/print-host/messages.ts';
import type { PrinterPort, PrintOutcome } from '../../../electron/core/ports/printer.ts';
import { encodeJob } from '../../../electron/core/printing/escpos.ts';
import { createFakeClock, type FakeClock } from '../id-card/fake-clock.ts';
import { joined, markedBitmap } from './bitmap.ts';
import { scriptedPrintHosts, type Deed, type ScriptedHosts } from './scripted-print-host.ts';

const bands = encodeJob(markedBitmap(560), { dots: 576, bandRows: 255 });
const HANDED_OVER: PrintOutcome = { outcome: 'handed-over' };
const UNCERTAIN: PrintOutcome = { outcome: 'uncertain', error: 'PRINT_UNCERTAIN' };
const notSent = (error: string) => ({ outcome: 'failed-before-send', error });

let clock: FakeClock;
let hosts: ScriptedHosts;
let spooler: WindowsSpooler;
let printer: PrinterPort;
let lines: string[];

beforeEach(async () => {
  clock = createFakeClock();
  hosts = scriptedPrintHosts();
  lines = [];
  const log = { write: (level: string, _area: string, text: string) => void lines.push(`${level} ${text}`) };
  spooler = createPrintHost({ spawn: hosts.spawn, clock, log });
  printer = createWindowsPrinter({ address: 'XP-80C', spooler, clock, log });
  // It looks through its queue first.
  while (hosts.requests.length === 0) await clock.advance(1);
  await clock.advance(1);
  hosts.requests.length = 0;
});

/** Lets time go on until the sheet has its outcome; never longer than the lane waits. */
async function outcomeOf(sent: Promise<PrintOutcome>): Promise<{ outcome: PrintOutcome; ms: number }> {
  const began = clock.monotonic();
  const known: PrintOutcome[] = [];
  void sent.then((outcome) => known.push(outcome));
  for (;;) {
    const [outcome] = known;
    const ms = clock.monotonic() - began;
    if (outcome) return { outcome, ms };
    if (ms > 4 * 60_000) throw new Error('no outcome within 4 minutes');
    await clock.advance(50);
  }
}
const send = () => outcomeOf(printer.send(bands, 'slip-1', 0));
const operations = () => hosts.requests.map(({ op }) => op);
const job = (state: SpoolJob['state'], touched: boolean): Deed => ({ kind: 'job', job: { state, touched } });
const gone: Deed = { kind: 'job', job: null };
const cancelled = (what: Cancelled): Deed => ({ kind: 'cancelled', cancelled: what });

describe('a slip for a printer of Windows', () => {
  it('is handed over as the very bytes of the job, and never called printed', async () => {
    hosts.script.job = [job('waiting', false), job('waiting', true), gone];
    expect((await send()).outcome).toEqual(HANDED_OVER);
    expect(operations()).toEqual(['look', 'print', 'go', 'job', 'job', 'job']);
    const print = hosts.requests[1];
    expect(print).toMatchObject({ printer: 'XP-80C', document: 'slip-1' });
    expect(print?.op === 'print' && Uint8Array.from(print.bytes)).toEqual(joined(bands));
  });

  it.each([
    ['the spooler has handed it to the printer', [job('done', true)]],
    ['it was stuck for a moment', [job('stuck', false), job('waiting', false), gone]],
    [
      'the roll was changed in the middle of it',
      [...Array.from({ length: 200 }, () => job('stuck', true)), gone],
    ],
  ])('is handed over when %s', async (_when, deeds) => {
    hosts.script.job = [...deeds];
    expect((await send()).outcome).toEqual(HANDED_OVER);
    expect(operations()).not.toContain('cancel');
  });

  it.each([
    ['no-printer', 'PRINT_NO_PRINTER'],
    ['unreachable', 'PRINT_UNREACHABLE'],
    ['paper-out', 'PRINT_PAPER_OUT'],
    ['not-ready', 'PRINT_UNREACHABLE'],
  ] as const)('is not sent to a printer that is %s', async (state, error) => {
    hosts.script.look = [
      state === 'no-printer'
        ? { kind: 'printer', printer: null }
        : { kind: 'printer', printer: { name: 'XP-80C', driver: '', port: '', state } },
    ];
    const checked = printer.check();
    await clock.advance(10);
    expect(await checked).toEqual({ state, proves: 'handed-over' });
    expect((await send()).outcome).toEqual(notSent(error));
    expect(operations()).not.toContain('print');
  });

  it('has no printer without a name', async () => {
    const nameless = createWindowsPrinter({
      address: undefined,
      spooler,
      clock,
      log: { write: () => undefined },
    });
    expect(await nameless.send(bands, 'slip-1', 0)).toEqual(notSent('PRINT_NO_PRINTER'));
    expect(hosts.requests).toEqual([]);
  });

  it('was not sent when the spooler refuses the document', async () => {
    hosts.script.print = [{ kind: 'failure', step: 'StartDocPrinter', code: 5 }];
    expect((await send()).outcome).toEqual(notSent('PRINT_UNREACHABLE'));
    expect(operations()).toEqual(['look', 'print']);
  });

  it.each([
    ['deleted', notSent('PRINT_UNREACHABLE')],
    ['touched', UNCERTAIN],
    ['stays', UNCERTAIN],
    ['gone', UNCERTAIN],
  ] as const)('that broke off half way and is %s', async (what, outcome) => {
    hosts.script.print = [{ kind: 'failure', step: 'WritePrinter', code: 1117, cancelled: what }];
    expect((await send()).outcome).toEqual(outcome);
  });
});

describe('a slip that does not leave the queue', () => {
  it.each([
    ['stuck', 'deleted', notSent('PRINT_UNREACHABLE')],
    ['stuck', 'touched', UNCERTAIN],
    ['stuck', 'stays', UNCERTAIN],
    ['stuck', 'gone', UNCERTAIN],
    ['waiting', 'deleted', notSent('PRINT_UNREACHABLE')],
    ['waiting', 'stays', UNCERTAIN],
  ] as const)('%s, then %s, is deleted before it is given up', async (state, what, outcome) => {
    hosts.script.job = [job(state, false)];
    hosts.script.cancel = [cancelled(what)];
    const { outcome: told, ms } = await send();
    expect(told).toEqual(outcome);
    expect(operations().at(-1)).toBe('cancel');
    expect(ms).toBeLessThan(state === 'stuck' ? 5_000 : 35_000);
    expect(ms).toBeGreaterThanOrEqual(state === 'stuck' ? 3_000 : 30_000);
  });

  it('says what the printer lacks', async () => {
    const look = (state: 'silent' | 'paper-out'): Deed => ({
      kind: 'printer',
      printer: { name: 'XP-80C', driver: '', port: '', state },
    });
    hosts.script.look = [look('silent'), look('paper-out')];
    hosts.script.job = [job('stuck', false)];
    expect((await send()).outcome).toEqual(notSent('PRINT_PAPER_OUT'));
  });

  it('is uncertain when it was at the printer, even when it could be deleted', async () => {
    hosts.script.job = [job('waiting', true), job('stuck', false)];
    const { outcome, ms } = await send();
    expect(outcome).toEqual(UNCERTAIN);
    expect(operations().at(-1)).toBe('cancel');
    expect(ms).toBeGreaterThanOrEqual(120_000);
  });

  it('is uncertain when somebody deleted it in the queue’s window', async () => {
    hosts.script.job = [job('waiting', false), job('deleted', false)];
    expect((await send()).outcome).toEqual(UNCERTAIN);
    expect(operations()).not.toContain('cancel');
  });
});

describe('a print host that crashes or hangs', () => {
  it.each(['die', 'hang'] as const)('while asked for the printer (%s): nothing was sent', async (deed) => {
    hosts.script.look = [deed];
    const { outcome, ms } = await send();
    expect(outcome).toEqual(notSent('PRINT_UNREACHABLE'));
    expect(ms).toBeLessThan(6_000);
    expect(operations()).toEqual(['look']);
  });

  it.each(['die', 'hang'] as const)(
    'before the document has a number (%s): nothing was sent',
    async (deed) => {
      hosts.script.print = [deed];
      expect((await send()).outcome).toEqual(notSent('PRINT_UNREACHABLE'));
      expect(operations()).toEqual(['look', 'print']);
    },
  );

  it.each(['die-on-go', 'hang-on-go'] as const)(
    'when bytes may have left (%s): uncertain, and what is left is deleted by a new host',
    async (deed) => {
      hosts.script.print = [deed];
      hosts.script.cancel = [cancelled('deleted')];
      const { outcome, ms } = await send();
      expect(outcome).toEqual(UNCERTAIN);
      expect(ms).toBeLessThan(21_000);
      expect(hosts.started).toBe(2);
      expect(hosts.requests.at(-1)).toMatchObject({ op: 'cancel', job: 7, document: 'slip-1' });
    },
  );

  it.each(['die', 'hang'] as const)(
    'while the document is followed (%s): uncertain, and deleted',
    async (deed) => {
      hosts.script.job = [job('waiting', false), deed];
      expect((await send()).outcome).toEqual(UNCERTAIN);
      expect(operations().at(-1)).toBe('cancel');
    },
  );

  it.each(['die', 'hang'] as const)('while the document is deleted (%s): uncertain', async (deed) => {
    hosts.script.job = [job('stuck', false)];
    hosts.script.cancel = [deed];
    expect((await send()).outcome).toEqual(UNCERTAIN);
    expect(lines).toContain('error the document may stay in the queue');
  });

  it('when the spooler does not say how the document is: uncertain, and deleted', async () => {
    hosts.script.job = [{ kind: 'failure', step: 'GetJob', code: 1722 }];
    expect((await send()).outcome).toEqual(UNCERTAIN);
    expect(operations().at(-1)).toBe('cancel');
  });

  it('three times in a minute is left alone for a minute', async () => {
    hosts.script.look = ['die'];
    for (let n = 0; n < 5; n++) expect((await send()).outcome).toEqual(notSent('PRINT_UNREACHABLE'));
    expect(hosts.started).toBe(3);
    hosts.script.look = [{ kind: 'printer', printer: null }];
    await clock.advance(60_000);
    expect((await send()).outcome).toEqual(notSent('PRINT_NO_PRINTER'));
    expect(hosts.started).toBe(4);
  });

  it('that cannot be started is a printer that cannot be reached', async () => {
    // The one that is there is ended when idle.
    await clock.advance(61_000);
    hosts.canSpawn = false;
    expect((await send()).outcome).toEqual(notSent('PRINT_UNREACHABLE'));
  });
});

describe('documents that an earlier life of the program left in the queue', () => {
  const open = () =>
    createWindowsPrinter({ address: 'XP-58', spooler, clock, log: { write: () => undefined } });
  const taken = () =>
    hosts.requests.flatMap((request) => (request.op === 'cancel' ? [[request.job, request.document]] : []));

  it('are taken back before anything else, when nothing of them is at the printer', async () => {
    hosts.script.queue = [
      {
        kind: 'queue',
        jobs: [
          { job: 3, document: 'slip-0123456789ab', state: 'waiting', touched: false },
          { job: 4, document: 'ticket-ba9876543210', state: 'stuck', touched: false },
          { job: 5, document: 'slip-aaaaaaaaaaaa', state: 'stuck', touched: true },
          { job: 6, document: 'slip-bbbbbbbbbbbb', state: 'done', touched: true },
          { job: 7, document: 'Word - notes.docx', state: 'waiting', touched: false },
        ],
      },
    ];
    const sent = outcomeOf(open().send(bands, 'slip-1', 0));
    expect((await sent).outcome).toEqual(HANDED_OVER);
    expect(taken()).toEqual([
      [3, 'slip-0123456789ab'],
      [4, 'ticket-ba9876543210'],
    ]);
    expect(operations().indexOf('print')).toBeGreaterThan(operations().lastIndexOf('cancel'));
  });

  it('are looked for once: later documents may be those of this life', async () => {
    for (let n = 0; n < 3; n++) await outcomeOf(open().send(bands, 'slip-1', 0));
    expect(
      hosts.requests.filter((request) => request.op === 'queue' && request.printer === 'XP-58'),
    ).toHaveLength(1);
  });

  it('that cannot be looked for keep no slip back', async () => {
    hosts.script.queue = ['die'];
    expect((await outcomeOf(open().send(bands, 'slip-1', 0))).outcome).toEqual(HANDED_OVER);
  });
});

describe('the print host', () => {
  it('is asked one thing at a time, and ended when nobody asks', async () => {
    const asked = [spooler.list(), spooler.look('A'), spooler.look('B')];
    await clock.advance(100);
    await Promise.all(asked);
    expect(hosts.started).toBe(1);
    await clock.advance(60_000);
    expect(hosts.killed).toBe(1);
    const again = spooler.list();
    await clock.advance(10);
    await again;
    expect(hosts.started).toBe(2);
  });

  it('that is busy for too long lets those go who wait, and is not killed for it', async () => {
    hosts.script.print = ['hang-on-go'];
    hosts.script.job = ['hang'];
    const print = spooler.print('A', 'slip-1', new Uint8Array(1), () => undefined).catch(String);
    const following = spooler.job('A', 7, 'slip-1').catch(String);
    const waiting = spooler.list().catch(String);
    await clock.advance(20_000);
    expect(await print).toContain('print hangs');
    await clock.advance(5_000);
    expect(await following).toContain('job hangs');
    await clock.advance(10);
    expect(await waiting).toContain('too long');
  });

  it('closed, settles everything at once', async () => {
    hosts.script.list = ['hang'];
    const asked = [spooler.list().catch(String), spooler.look('A').catch(String)];
    await clock.advance(10);
    await spooler.close();
    expect(await Promise.all(asked)).toEqual(['PrintHostError: closed', 'PrintHostError: closed']);
    expect(await spooler.list().catch(String)).toBe('PrintHostError: closed');
    expect(clock.timers()).toBe(0);
  });
});

describe('a printer that is closed', () => {
  it('takes back what has not left, and does not wait for it', async () => {
    hosts.script.job = [job('waiting', false)];
    const sent = printer.send(bands, 'slip-1', 0);
    while (!operations().includes('job')) await clock.advance(10);
    await printer.close();
    const { outcome, ms } = await outcomeOf(sent);
    expect(outcome).toEqual(notSent('PRINT_UNREACHABLE'));
    expect(ms).toBeLessThan(500);
    expect(operations().at(-1)).toBe('cancel');
  });

  it('leaves to the printer what it is printing', async () => {
    hosts.script.job = [job('waiting', true)];
    const sent = printer.send(bands, 'slip-1', 0);
    while (!operations().includes('job')) await clock.advance(10);
    await printer.close();
    expect((await outcomeOf(sent)).outcome).toEqual(HANDED_OVER);
    expect(operations()).not.toContain('cancel');
  });

  it('sends nothing more', async () => {
    await printer.close();
    expect((await send()).outcome).toEqual(notSent('PRINT_UNREACHABLE'));
    expect(operations()).not.toContain('print');
  });
});
