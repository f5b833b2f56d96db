import 'fake-indexeddb/auto';
import { Dexie } from 'dexie';
import { beforeEach, describe, expect, it } from 'vitest';
import { openHallDb } from '../../renderer/src/db/open-hall-db.ts';
import type { NewEvent } from '../../renderer/src/db/hall-db.ts';
import { startSync } from '../../renderer/src/sync/sync.ts';
import { CodedError } from '../../shared/contract/errors.ts';
import { acceptedBody } from '../fixtures/cases.ts';
import { memoryHall, memoryMachine } from '../fixtures/memory-machine.ts';

const KEY = btoa(String.fromCharCode(...new Uint8Array(32).fill(5)));
const DAY = '2026-11-21';
let counter = 0;

function device(letter: string) {
  return {
    dev: letter.repeat(26),
    hall: '330102',
    hallName: '演示大厅',
    station: '3',
    stationName: '综合窗口3',
    series: letter,
  };
}

async function open(machine: ReturnType<typeof memoryMachine>, name: string, letter = 'A') {
  return openHallDb({
    bridge: machine.bridge,
    device: device(letter),
    clerkId: () => 'clerk-1',
    sealKey: KEY,
    lookupKey: KEY,
    name,
  });
}

const ticket = (no: string, id = no): NewEvent => ({
  type: 'ticket.taken',
  agg: `ticket/${id}`,
  body: { no, class: 'normal', day: DAY },
});
const accepted = (n: number, idNumber?: string): NewEvent => ({
  type: 'case.accepted',
  agg: `case/c${n}`,
  body: acceptedBody(n, idNumber),
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('condition not reached');
}

describe("the window's store", () => {
  let name = '';
  beforeEach(() => {
    name = `test-${counter++}`;
  });

  it('shows a case only after the journal has it', async () => {
    const machine = memoryMachine(device('A'), memoryHall());
    const { db } = await open(machine, name);
    await db.save('cmd-0000001', [accepted(1)]);
    expect(machine.journal.map(({ event }) => event.type)).toEqual(['case.accepted']);
    const row = await db.case('case/c1');
    expect(row?.state.caseNo).toBe(acceptedBody(1).caseNo);
    expect(row?.travel).toBe('saved');
  });

  it('when the journal refuses, nothing has happened', async () => {
    const machine = memoryMachine(device('A'), memoryHall());
    const { db } = await open(machine, name);
    machine.faults.before['journal.append'] = [new CodedError('JOURNAL_DISK_FULL')];
    await expect(db.save('cmd-0000001', [accepted(1)])).rejects.toMatchObject({ code: 'JOURNAL_DISK_FULL' });
    expect(await db.case('case/c1')).toBeUndefined();
    expect(await db.light()).toMatchObject({ unsent: 0 });
  });

  it('an answer lost after the journal wrote is asked for again and counts once', async () => {
    const machine = memoryMachine(device('A'), memoryHall());
    const { db } = await open(machine, name);
    machine.faults.after['journal.append'] = [new CodedError('WIRE_CLOSED')];
    await db.save('cmd-0000001', [accepted(1)]);
    expect(machine.journal).toHaveLength(1);
    expect((await db.recentCases(10)).map((row) => row.state.agg)).toEqual(['case/c1']);
  });

  it('a window killed between journal and store finds its work at the next start', async () => {
    const machine = memoryMachine(device('A'), memoryHall());
    const first = await open(machine, name);
    await first.db.save('cmd-0000001', [accepted(1)]);
    await first.db.close();
    // The journal took this one; the window died before its own transaction.
    await machine.bridge.call('journal.append', {
      cmd: 'cmd-0000002',
      drafts: [
        {
          type: 'case.accepted',
          typeV: 1,
          agg: 'case/c2',
          seen: { last: '', cursor: 0 },
          user: 'clerk-1',
          body: acceptedBody(2) as never,
        },
      ],
    });
    const second = await open(machine, name);
    expect(second.replayed).toBe(1);
    expect((await second.db.recentCases(10)).map((row) => row.state.agg).sort()).toEqual([
      'case/c1',
      'case/c2',
    ]);
  });

  it('an emptied store is rebuilt from the journal, over every incarnation, and gives no number twice', async () => {
    const machine = memoryMachine(device('A'), memoryHall());
    const first = await open(machine, name);
    await first.db.save('cmd-0000001', [ticket('A001'), accepted(1)]);
    machine.newIncarnation();
    await first.db.save('cmd-0000002', [ticket('A002')]);
    await first.db.close();
    await Dexie.delete(name);
    const second = await open(machine, name);
    expect(second.replayed).toBe(3);
    expect(await second.db.nextNumber('ticket', DAY)).toBe(3);
    expect((await second.db.ticketsOfDay(DAY)).map((row) => row.no)).toEqual(['A001', 'A002']);
    expect(await second.db.light()).toMatchObject({ unsent: 3 });
  });

  it('after a fork the events made again under a new name are folded once', async () => {
    const machine = memoryMachine(device('A'), memoryHall());
    const opened = await open(machine, name);
    for (let n = 1; n <= 3; n++) await opened.db.save(`cmd-000000${n}`, [accepted(n)]);
    machine.fork(2);
    await opened.sync.relevel();
    const rows = await opened.db.recentCases(10);
    expect(rows.map(({ state }) => `${state.agg} ${state.conflict}`).sort()).toEqual([
      'case/c1 ',
      'case/c2 ',
      'case/c3 ',
    ]);
    expect(await opened.db.light()).toMatchObject({ unsent: 3 });
    await opened.db.save('cmd-0000004', [accepted(4)]);
    expect(await opened.db.recentCases(10)).toHaveLength(4);
    await opened.db.close();
    // And the next start finds nothing to do.
    expect((await open(machine, name)).replayed).toBe(0);
  });

  it('two presses in a row never get one number', async () => {
    const { db } = await open(memoryMachine(device('A'), memoryHall()), name);
    expect(await Promise.all([db.nextNumber('ticket', DAY), db.nextNumber('ticket', DAY)])).toEqual([1, 2]);
  });

  it('holds no personal data in clear', async () => {
    const machine = memoryMachine(device('A'), memoryHall());
    const { db } = await open(machine, name);
    await db.save('cmd-0000001', [accepted(1, '110101190001017777')]);
    await db.writeDraft({
      agg: 'case/c9',
      cmd: 'cmd-0000009',
      startedAt: 0,
      ticket: '',
      applicant: acceptedBody(1, '110101190001017777').applicant,
      itemCode: '',
      answers: {},
      form: {},
      materials: {},
    });
    const raw = await new Dexie(name).open();
    const everything = JSON.stringify(
      await Promise.all(raw.tables.map((table) => table.toArray())),
      (_, value: unknown) => (value instanceof Uint8Array ? new TextDecoder('latin1').decode(value) : value),
    );
    raw.close();
    expect(everything).not.toContain('110101190001017777');
    expect(everything).not.toContain('测试');
  });

  it('never gives a case number twice, also where this PC’s day is not the hall’s', async () => {
    // The events' own times lie in another day than the one in their numbers.
    const machine = memoryMachine(device('A'), memoryHall(), '2026-11-20T17:00:00.000+00:00');
    const first = await open(machine, name);
    await first.db.save('cmd-0000001', [accepted(1)]);
    await first.db.save('cmd-0000002', [accepted(2)]);
    await first.db.close();
    const second = await open(machine, name);
    expect(await second.db.nextNumber('case', '2026-11-21')).toBe(3);
  });

  it('finds the earlier cases of a person by keyed hash and leaves a trace of the look', async () => {
    const machine = memoryMachine(device('A'), memoryHall());
    const { db } = await open(machine, name);
    await db.save('cmd-0000001', [accepted(1, '110101190001017777')]);
    await db.save('cmd-0000002', [accepted(2, '11010119000101009X')]);
    const found = await db.casesOfPerson('11010119000101009x', 'intake');
    expect(found.map((row) => row.state.agg)).toEqual(['case/c2']);
    const trace = machine.journal.at(-1)!.event;
    expect(trace).toMatchObject({ type: 'person.viewed', body: { reason: 'intake', found: 1 } });
    expect(JSON.stringify(trace)).not.toContain('11010119000101009');
  });

  it('leaves a trace of a number shown in full, without the number', async () => {
    const machine = memoryMachine(device('A'), memoryHall());
    const { db } = await open(machine, name);
    await db.traceNumberShown('11010119000101009x');
    const trace = machine.journal.at(-1)!.event;
    expect(trace).toMatchObject({ type: 'person.numberShown', body: { where: 'counter' } });
    expect(trace.agg).toMatch(/^person\//);
    expect(JSON.stringify(trace)).not.toContain('11010119000101009');
  });

  it('lists the cases whose slip must still be printed', async () => {
    const { db } = await open(memoryMachine(device('A'), memoryHall()), name);
    await db.save('cmd-0000001', [accepted(1)]);
    await db.save('cmd-0000002', [accepted(2)]);
    const sheet = { key: 'case/c1:slip:1', state: 'printed' as const, payloadHash: 'x' };
    await db.save('cmd-0000003', [{ type: 'sheet.settled', agg: 'case/c1', body: sheet }]);
    expect((await db.casesWithoutSlip(DAY)).map((row) => row.state.agg)).toEqual(['case/c2']);
  });

  it('keeps the open case through a crash, and forgets it when told', async () => {
    const machine = memoryMachine(device('A'), memoryHall());
    const first = await open(machine, name);
    const draft = {
      agg: 'case/c9',
      cmd: 'cmd-0000009',
      startedAt: 1,
      ticket: '',
      applicant: null,
      itemCode: 'x',
      answers: {},
      form: {},
      materials: {},
    };
    await first.db.writeDraft(draft);
    await first.db.close();
    const second = await open(machine, name);
    expect(await second.db.readDraft()).toEqual(draft);
    await second.db.writeDraft(null);
    expect(await second.db.readDraft()).toBeUndefined();
  });
});

describe('store and sync together', () => {
  it('the light goes from saved to sent only by the word of the server', async () => {
    const hall = memoryHall();
    const machine = memoryMachine(device('A'), hall);
    machine.setOnline(false);
    const opened = await open(machine, `sync-${counter++}`);
    const sync = startSync({ bridge: machine.bridge, opened, onStatus: () => undefined });
    await opened.db.save('cmd-0000001', [accepted(1)]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await opened.db.case('case/c1'))?.travel).toBe('saved');
    expect(await opened.db.light()).toMatchObject({
      unsent: 1,
      oldestUnsentAt: '2026-11-21T09:00:00.000+08:00',
    });
    machine.setOnline(true);
    await until(async () => (await opened.db.case('case/c1'))?.travel === 'sent');
    await until(async () => (await opened.db.light()).cursor === 1);
    expect(await opened.db.light()).toMatchObject({ unsent: 0 });
    await sync.stop();
  });

  it('two windows of one hall see each other, and two calls of one number are shown as a conflict', async () => {
    const hall = memoryHall();
    const machines = [memoryMachine(device('A'), hall), memoryMachine(device('B'), hall)];
    const [a, b] = await Promise.all(
      machines.map((machine, i) => open(machine, `two-${counter++}`, 'AB'[i])),
    );
    await a!.db.save('cmd-0000001', [ticket('A001')]);
    const syncA = startSync({ bridge: machines[0]!.bridge, opened: a!, onStatus: () => undefined });
    const syncB = startSync({ bridge: machines[1]!.bridge, opened: b!, onStatus: () => undefined });
    await until(async () => (await b!.db.ticketsOfDay(DAY)).length === 1);
    machines.forEach((machine) => machine.setOnline(false));
    await a!.db.save('cmd-0000002', [{ type: 'ticket.called', agg: 'ticket/A001', body: { station: '3' } }]);
    await b!.db.save('cmd-0000003', [{ type: 'ticket.called', agg: 'ticket/A001', body: { station: '4' } }]);
    machines.forEach((machine) => machine.setOnline(true));
    syncA.nudge();
    syncB.nudge();
    for (const { db } of [a!, b!]) {
      await until(async () => {
        // No hints here: whoever pulled before the other pushed has to be told to look again.
        syncA.nudge();
        syncB.nudge();
        return (await db.light()).unsent === 0 && (await db.ticketsOfDay(DAY))[0]?.conflict !== '';
      });
    }
    expect(await a!.db.ticketsOfDay(DAY)).toEqual(await b!.db.ticketsOfDay(DAY));
    await Promise.all([syncA.stop(), syncB.stop()]);
  });

  it('after the server came back from a backup nothing is lost and nothing is doubled', async () => {
    const hall = memoryHall();
    const machine = memoryMachine(device('A'), hall);
    const opened = await open(machine, `rewind-${counter++}`);
    const sync = startSync({ bridge: machine.bridge, opened, onStatus: () => undefined });
    for (let n = 1; n <= 5; n++) await opened.db.save(`cmd-000000${n}`, [accepted(n)]);
    await until(async () => (await opened.db.light()).unsent === 0 && (await opened.db.light()).cursor === 5);
    hall.stream.length = 2;
    hall.epoch = 'epoch-2';
    await opened.db.save('cmd-0000006', [accepted(6)]);
    await until(async () => (await opened.db.light()).unsent === 0 && (await opened.db.light()).cursor === 6);
    expect(hall.stream).toHaveLength(6);
    expect((await opened.db.recentCases(20)).map((row) => row.state.agg).sort()).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => `case/c${n}`),
    );
    await sync.stop();
  });
});
