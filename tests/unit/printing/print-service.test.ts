import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PrintMessage, PrintRequest } from '../../../electron/adapters/print-host/messages.ts';
import { createPrintService } from '../../../electron/adapters/print-host/print-service.ts';
import { stateOfJob, stateOfPrinter } from '../../../electron/adapters/print-host/spool-states.ts';
import { memorySpooler, type MemorySpooler } from './memory-spooler.ts';

let spooler: MemorySpooler;
let said: PrintMessage[];
let handle: (request: PrintRequest) => Promise<void>;
let refuseGo: boolean;

beforeEach(() => {
  spooler = memorySpooler();
  said = [];
  refuseGo = false;
  handle = createPrintService({
    load: () => Promise.resolve(spooler),
    send(message) {
      said.push(message);
      if (message.kind === 'started' && !refuseGo)
        setImmediate(() => void handle({ id: message.id, op: 'go' }));
    },
  });
});

const bytes = Uint8Array.from({ length: 200_000 }, (_, at) => (at * 7) & 255);
const print = (printer = 'XP-80C') => handle({ id: 1, op: 'print', printer, document: 'slip-1', bytes });
const received = () => Uint8Array.from(Buffer.concat([...spooler.jobs.values()].flatMap((job) => job.bytes)));
const cancel = (job = 41, document = 'slip-1') =>
  handle({ id: 2, op: 'cancel', printer: 'XP-80C', job, document });

describe('a document for the spooler', () => {
  it.each([Infinity, 4096, 1000])(
    'is given as a whole, however little is taken at once (%d)',
    async (takes) => {
      spooler.takes = takes;
      await print();
      expect(said).toEqual([
        { id: 1, kind: 'started', job: 41 },
        { id: 1, kind: 'spooled' },
      ]);
      expect(received()).toEqual(bytes);
      expect(spooler.steps.slice(0, 3)).toEqual(['OpenPrinter', 'StartDocPrinter', 'StartPagePrinter']);
      expect(spooler.steps.slice(-2)).toEqual(['EndPagePrinter', 'EndDocPrinter']);
      expect(spooler.handles).toBe(0);
    },
  );

  it('sends no byte before the program has its number', async () => {
    refuseGo = true;
    void print();
    await new Promise((resolve) => void setTimeout(resolve, 20));
    await handle({ id: 99, op: 'go' });
    expect(said).toEqual([{ id: 1, kind: 'started', job: 41 }]);
    expect(spooler.steps).toEqual(['OpenPrinter', 'StartDocPrinter']);
    await handle({ id: 1, op: 'go' });
    await new Promise((resolve) => void setTimeout(resolve, 20));
    expect(said.at(-1)).toEqual({ id: 1, kind: 'spooled' });
  });

  it.each(['OpenPrinter', 'StartDocPrinter'])('that is refused at %s has no job', async (step) => {
    spooler.fails[step] = 5;
    await print();
    expect(said).toEqual([{ id: 1, kind: 'failure', step, code: 5 }]);
    expect(spooler.handles).toBe(0);
  });

  it.each(['StartPagePrinter', 'WritePrinter', 'EndPagePrinter', 'EndDocPrinter'])(
    'that breaks off at %s is deleted',
    async (step) => {
      spooler.fails[step] = 1117;
      await print();
      expect(said.at(-1)).toEqual({ id: 1, kind: 'failure', step, code: 1117, cancelled: 'deleted' });
      expect(spooler.jobs.size).toBe(0);
      expect(spooler.handles).toBe(0);
    },
  );

  it('that breaks off while it is printed is deleted, and that is not the same', async () => {
    spooler.fails['WritePrinter'] = 1117;
    spooler.onPause = (job) => (job.status |= 0x10);
    await print();
    expect(said.at(-1)).toMatchObject({ kind: 'failure', cancelled: 'touched' });
  });

  it('that breaks off and cannot be deleted is said to stay', async () => {
    spooler.fails = { WritePrinter: 1117, 'SetJob delete': 5 };
    await print();
    expect(said.at(-1)).toMatchObject({ kind: 'failure', cancelled: 'stays' });
  });

  it('for an unknown printer is refused with the spooler’s own number', async () => {
    await print('NO SUCH');
    expect(said).toEqual([{ id: 1, kind: 'failure', step: 'OpenPrinter', code: 1801 }]);
    await handle({ id: 2, op: 'look', printer: 'NO SUCH' });
    expect(said.at(-1)).toEqual({ id: 2, kind: 'printer', printer: null });
  });
});

describe('a document in the queue', () => {
  beforeEach(async () => {
    await print();
    said = [];
  });

  it('can be taken back while it waits', async () => {
    await cancel();
    expect(said).toEqual([{ id: 2, kind: 'cancelled', cancelled: 'deleted' }]);
    expect(spooler.jobs.size).toBe(0);
    await cancel();
    expect(said.at(-1)).toEqual({ id: 2, kind: 'cancelled', cancelled: 'gone' });
  });

  it.each([
    ['was being printed', () => (spooler.jobs.get(41)!.status = 0x10)],
    ['had an error', () => (spooler.jobs.get(41)!.status = 0x2)],
    ['had a page out', () => (spooler.jobs.get(41)!.pagesPrinted = 1)],
    ['began just then', () => (spooler.onPause = (job) => (job.status |= 0x10))],
    ['cannot be made to stand still', () => (spooler.fails['SetJob pause'] = 5)],
  ])('that %s is deleted, and was at the printer', async (_what, happens) => {
    happens();
    await cancel();
    expect(said).toEqual([{ id: 2, kind: 'cancelled', cancelled: 'touched' }]);
    expect(spooler.jobs.size).toBe(0);
  });

  it('that does not go is said to stay', async () => {
    spooler.jobs.get(41)!.held = true;
    spooler.jobs.get(41)!.document = 'slip-1';
    spooler.fails['SetJob delete'] = 5;
    await cancel();
    expect(said).toEqual([{ id: 2, kind: 'cancelled', cancelled: 'stays' }]);
  });

  it('is listed with those of this computer, and nobody else’s', async () => {
    await print();
    spooler.jobs.get(42)!.machine = '\\\\OTHER-PC';
    said = [];
    await handle({ id: 4, op: 'queue', printer: 'XP-80C' });
    const job = { job: 41, document: 'slip-1', state: 'waiting', touched: false };
    expect(said).toEqual([{ id: 4, kind: 'queue', jobs: [job] }]);
  });

  it('of somebody else under its number is let alone', async () => {
    spooler.jobs.get(41)!.document = 'Word - 通知.docx';
    await cancel();
    await handle({ id: 3, op: 'job', printer: 'XP-80C', job: 41, document: 'slip-1' });
    expect(said).toEqual([
      { id: 2, kind: 'cancelled', cancelled: 'gone' },
      { id: 3, kind: 'job', job: null },
    ]);
    expect(spooler.jobs.get(41)?.status).toBe(0);
  });
});

describe('the spooler’s bits', () => {
  const printer = (status: number, attributes = 0x40) =>
    stateOfPrinter({ name: '', driver: '', port: '', status, attributes });
  const job = (status: number, pagesPrinted = 0) =>
    stateOfJob({ job: 1, machine: '', document: '', status, pagesPrinted });

  it.each([
    [0x0, 'silent'],
    [0x1, 'not-ready'],
    [0x2, 'not-ready'],
    [0x8, 'not-ready'],
    [0x10, 'paper-out'],
    [0x80, 'unreachable'],
    [0x90, 'unreachable'],
    [0x400000, 'not-ready'],
    [0x400010, 'paper-out'],
    [0x2000000, 'unreachable'],
    // Printing, busy, warming up, little toner, saving power.
    [0x400 | 0x200 | 0x10000 | 0x20000 | 0x1000000, 'silent'],
  ])('of a printer, 0x%s', (status, state) => {
    expect(printer(status)).toBe(state);
    expect(printer(status, 0x440)).toBe('unreachable');
  });

  it.each([
    [0x0, 'waiting', false],
    [0x8, 'waiting', false],
    [0x10, 'waiting', true],
    [0x20, 'stuck', false],
    [0x40, 'stuck', false],
    [0x50, 'stuck', true],
    [0x2, 'stuck', true],
    [0x80, 'done', true],
    [0x1000, 'done', true],
    [0x2080, 'done', true],
    [0x4, 'deleted', false],
    [0x14, 'deleted', true],
  ] as const)('of a job, 0x%s', (status, state, touched) => {
    expect(job(status)).toEqual({ state, touched });
  });

  it('never call a job untouched that is or was at the printer, whatever else is set', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff }), fc.nat(3), (status, pages) => {
        const told = job(status, pages);
        if ((status & 0x10) !== 0 || pages > 0 || told.state === 'done') expect(told.touched).toBe(true);
      }),
    );
  });
});
