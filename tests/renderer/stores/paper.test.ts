import { beforeEach, describe, expect, it } from 'vitest';
import { CodedError } from '../../../shared/contract/errors.ts';
import { useClock } from '../../../renderer/src/stores/clock.ts';
import { usePaper } from '../../../renderer/src/stores/paper.ts';
import { useQueue } from '../../../renderer/src/stores/queue.ts';
import { useStrip } from '../../../renderer/src/stores/strip.ts';
import { acceptedBody } from '../../fixtures/cases.ts';
import { DEVICE, fakeSheet, setUp, settle } from '../fakes.ts';

const AGG = 'case/0b4f2c1e-0000-4000-8000-000000000001';
const KEY = `${AGG}:slip:1`;

describe('paper', () => {
  let world: ReturnType<typeof setUp>;
  beforeEach(async () => {
    world = setUp();
    await world.store.db.save('cmd-accept-1', [{ type: 'case.accepted', agg: AGG, body: acceptedBody(1) }]);
  });
  const settled = (): unknown[] =>
    world.store.events.filter(({ type }) => type === 'sheet.settled').map(({ body }) => body);

  it('prints at start what was accepted and never printed', async () => {
    await usePaper().load();
    expect(world.printed).toEqual([{ kind: 'slip', key: KEY }]);
    expect(world.machine.callsOf('print.submit')).toMatchObject([{ key: KEY, kind: 'slip' }]);
    expect(useStrip().message).toMatchObject({ key: 'paper.owed', params: { n: 1 } });
  });

  it('prints nothing at start that the spool has already, and writes down what became of it', async () => {
    world.machine.tellSheet(KEY, { key: KEY, state: 'printed' });
    await usePaper().load();
    expect(world.printed).toEqual([]);
    expect(settled()).toEqual([{ key: KEY, state: 'printed', payloadHash: 'hash' }]);
  });

  it('writes into the case what became of its sheet, once, however often it is said', async () => {
    usePaper();
    world.machine.tellSheet(KEY, { key: KEY, state: 'sending' });
    world.machine.tellSheet(KEY, { key: KEY, state: 'handed-over' });
    world.machine.tellSheet(KEY, { key: KEY, state: 'handed-over' });
    await settle();
    expect(settled()).toEqual([{ key: KEY, state: 'handed-over', payloadHash: 'hash' }]);
    expect((await world.store.db.case(AGG))?.state.sheets).toEqual({ [KEY]: 'handed-over' });
  });

  it('asks about a sheet nobody can be sure of, and passes the answer on with the name of who gave it', async () => {
    const paper = usePaper();
    world.machine.tellSheet(KEY, { key: KEY, state: 'uncertain', title: 'A-0001' });
    await settle();
    expect(paper.uncertain?.key).toBe(KEY);
    await paper.resolve(KEY, 'came-out');
    expect(world.machine.callsOf('print.resolve')).toEqual([
      { key: KEY, outcome: 'came-out', clerk: 'clerk-1' },
    ]);
    expect(paper.uncertain).toBeNull();
  });

  it('takes a queue number back whose paper never came out', async () => {
    const queue = useQueue();
    await queue.take();
    await settle();
    const { agg } = queue.waiting[0]!;
    const key = `${agg}:ticket:1`;
    world.machine.tellSheet(key, {
      key,
      kind: 'ticket',
      state: 'failed-before-send',
      error: 'PRINT_UNREACHABLE',
    });
    await settle();
    expect(queue.waiting).toHaveLength(1);
    world.machine.tellSheet(key, {
      key,
      kind: 'ticket',
      state: 'failed-before-send',
      error: 'PRINT_EXPIRED',
    });
    world.machine.tellSheet(key, {
      key,
      kind: 'ticket',
      state: 'failed-before-send',
      error: 'PRINT_EXPIRED',
    });
    await settle();
    expect(queue.waiting).toHaveLength(0);
    expect(world.store.events.filter(({ type }) => type === 'ticket.voided')).toHaveLength(1);
  });

  it('takes back at start what waits without a sheet since the window ended, and nothing of other desks', async () => {
    const day = useClock().day;
    const no = (series: string): string => `${series}001`;
    for (const series of [DEVICE.series, `${DEVICE.series}B`, 'Q']) {
      await world.store.db.save(`cmd-take-${series}`, [
        {
          type: 'ticket.taken',
          agg: `ticket/${day}-${no(series)}`,
          body: { no: no(series), class: 'normal', day },
        },
      ]);
    }
    useClock().now = Date.now() + 61_000;
    await usePaper().load();
    const waiting = (await world.store.db.ticketsOfDay(day)).filter(({ status }) => status === 'waiting');
    expect(waiting.map((ticket) => ticket.no)).toEqual([`${DEVICE.series}B001`, 'Q001']);
  });

  it('never prints by itself what is uncertain', async () => {
    world.machine.tellSheet(KEY, { key: KEY, state: 'uncertain' });
    await usePaper().load();
    await settle();
    expect(world.printed).toEqual([]);
    expect(world.machine.callsOf('print.resolve')).toEqual([]);
  });

  it('does not go back to what a late answer says', async () => {
    const paper = usePaper();
    const state = (await world.store.db.case(AGG))?.state;
    world.machine.answers['print.submit'] = ({ key }) => {
      world.machine.tellSheet(key, { key, state: 'printed', changedAt: 9 });
      return fakeSheet({ key, state: 'queued', changedAt: 3 });
    };
    if (state) await paper.printSlip(state);
    expect(paper.sheets[KEY]?.state).toBe('printed');
  });

  it('shows the newest copy of a sheet', () => {
    const paper = usePaper();
    world.machine.tellSheet(KEY, { key: KEY, state: 'resolved' });
    world.machine.tellSheet(`${AGG}:slip:2`, { key: `${AGG}:slip:2`, copyNo: 2, state: 'printed' });
    expect(paper.newestOf(KEY)?.copyNo).toBe(2);
  });

  it("says the printer's trouble until it is over", () => {
    const paper = usePaper();
    world.machine.tellSheet(KEY, { key: KEY, state: 'queued', error: 'PRINT_PAPER_OUT', changedAt: 2 });
    expect(paper.trouble).toBe('PRINT_PAPER_OUT');
    world.machine.tellSheet(KEY, { key: KEY, state: 'printed', changedAt: 3 });
    expect(paper.trouble).toBe('');
  });

  it('says so when a slip cannot be shown', async () => {
    world.machine.answers['print.preview'] = () => {
      throw new CodedError('PRINT_BAD_SHEET');
    };
    const paper = usePaper();
    world.machine.tellSheet(KEY, { key: KEY });
    const sheet = paper.newestOf(KEY);
    if (sheet) await paper.openPreview(sheet);
    expect(paper.preview).toBeNull();
    expect(useStrip().message?.key).toBe('error.PRINT_BAD_SHEET');
  });

  it('asks for all sheets anew after the connection was gone', async () => {
    usePaper();
    world.machine.sheets.set(KEY, { ...world.machine.sheets.get(KEY), key: KEY, state: 'printed' } as never);
    world.machine.tellConnection('up');
    await settle();
    expect(usePaper().sheets[KEY]?.state).toBe('printed');
  });
});
