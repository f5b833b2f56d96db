import { describe, expect, it } from 'vitest';
import type { HallEvent } from '../../../shared/sync/event.ts';
import { addCheckpoint } from '../../../shared/sync/checkpoints.ts';
import type { Checkpoint } from '../../../shared/contract/central.ts';
import { MAX_CHECKPOINTS } from '../../../shared/contract/central-limits.ts';
import { decide } from '../../../shared/sync/decide.ts';
import type { HeldEvent } from '../../../shared/sync/held-event.ts';
import { pictureOf } from '../../../shared/sync/picture.ts';
import { causalOrder } from '../../../shared/domain/causal-order.ts';
import { upcast } from '../../../shared/domain/upcast.ts';
import { acceptedBody } from '../../fixtures/cases.ts';
import { foldEvent } from '../../fixtures/fold-events.ts';

/** A stream of one aggregate, numbered as it is written down; `saw` is how much of it the author had seen. */
function stream(agg: string) {
  const log: HeldEvent[] = [];
  return {
    log,
    add: (station: string, type: string, body: object, saw = log.length): string => {
      const hash = `${type} by ${station} #${log.length + 1}`;
      const seen = { last: log[saw - 1]?.hash ?? '', cursor: saw };
      const dev = `DEV-${station}`;
      const place = { v: 1, hall: '330102', dev, inc: dev, seq: log.length + 1, prev: '', cmd: '' };
      const event = {
        ...place,
        type,
        typeV: 1,
        agg,
        seen,
        user: `clerk-${station}`,
        station,
        at: `t${log.length}`,
        body,
      };
      log.push({ event: event as unknown as HallEvent, bytes: '', hash, cursor: log.length + 1 });
      return hash;
    },
    picture: () => pictureOf(agg, log, []),
  };
}

function calledTwice() {
  const hall = stream('ticket/1');
  const taken = hall.add('W1', 'ticket.taken', { no: 'A001', class: 'normal', day: '2026-11-21' });
  const first = hall.add('W1', 'ticket.called', { station: 'W1' });
  const second = hall.add('W2', 'ticket.called', { station: 'W2' }, 1);
  return { ...hall, taken, first, second };
}
const decided = (conflict: string, choice: string) => ({ conflict, choice, note: '当面核对' });

describe('a number called at two windows while the line was down', () => {
  it('stays with the first, and the other side is told what both had seen', () => {
    const { picture, first, second, taken } = calledTwice();
    expect(picture()).toMatchObject({
      ticket: { station: 'W1', conflict: 'called-twice', conflictWith: 'W2' },
      conflicts: [
        { id: second, mine: second, theirs: first, base: taken, kind: 'called-twice', state: 'open' },
      ],
    });
  });

  it('goes to the second when a person says so, with what was done there since, in one decision', () => {
    const { add, picture, second } = calledTwice();
    const served = add('W2', 'ticket.finished', { station: 'W2', caseNos: [] }, 3);
    expect(picture()?.conflicts).toMatchObject([{ id: second }, { id: served, follows: second }]);
    add('W9', 'conflict.decided', decided(second, 'second'));
    expect(picture()).toMatchObject({
      ticket: { status: 'finished', station: 'W2', conflict: '' },
      conflicts: [
        { id: second, state: 'decided', decision: { choice: 'second', by: 'clerk-W9', note: '当面核对' } },
        { id: served, state: 'decided' },
      ],
    });
  });

  it('goes back to the first when the decision is taken back, and the history has both', () => {
    const { add, picture, second, log } = calledTwice();
    const before = picture()?.ticket;
    add('W9', 'conflict.decided', decided(second, 'second'));
    expect(picture()?.ticket?.station).toBe('W2');
    add('W9', 'conflict.decided', decided(second, 'first'));
    expect(picture()?.ticket).toEqual({ ...before, conflict: '', conflictWith: undefined });
    expect(log).toHaveLength(5);
    expect(picture()?.counted).toHaveLength(4);
  });

  it('is asked anew where the second did something that no longer fits', () => {
    const { add, picture, second } = calledTwice();
    add('W1', 'ticket.finished', { station: 'W1', caseNos: [] }, 2);
    const again = add('W2', 'ticket.called', { station: 'W2' }, 4);
    add('W9', 'conflict.decided', decided(second, 'first'));
    const open = picture()?.conflicts.filter(({ state }) => state === 'open');
    expect(open).toMatchObject([]);
    add('W2', 'ticket.called', { station: 'W2' }, 6);
    expect(picture()?.conflicts.filter(({ state }) => state === 'open')).toHaveLength(1);
    expect(again).not.toBe(second);
  });

  it('a decision on something unknown waits and changes nothing', () => {
    const { add, picture } = calledTwice();
    const before = picture();
    const lost = add('W9', 'conflict.decided', decided('0'.repeat(64), 'second'));
    expect(picture()?.ticket).toEqual(before?.ticket);
    expect(picture()?.waiting).toEqual([lost]);
  });
});

describe('a decision made on stale data', () => {
  const accepted = () => {
    const office = stream('case/1');
    office.add('W1', 'case.accepted', acceptedBody(1));
    return office;
  };

  it('says what its author had not seen', () => {
    const { add, picture } = accepted();
    const step = add('B1', 'case.stepped', { step: '补正', text: '请补交材料' });
    const end = add('B2', 'case.finished', { result: 'approved', text: '' }, 1);
    expect(picture()).toMatchObject({
      case: { status: 'finished', steps: [{ step: '补正' }] },
      stale: [{ id: end, event: end, unseen: [step] }],
    });
  });

  it('is none when it was seen, was one’s own, or was only paper', () => {
    const { add, picture } = accepted();
    add('W1', 'sheet.settled', { key: 'case/1:slip:1', state: 'printed', payloadHash: '' });
    add('B1', 'case.stepped', { step: '审查', text: '' });
    add('B1', 'case.stepped', { step: '决定', text: '' }, 1);
    add('B2', 'case.finished', { result: 'approved', text: '' });
    expect(picture()?.stale).toEqual([]);
  });
});

describe('a command', () => {
  const wish = (type: string, station: string, body: object = { station }) => ({
    ...{ type, station, dev: `DEV-${station}`, body },
  });
  const hall = calledTwice();

  it('is granted when the fact would count, and refused with who stands in the way when not', () => {
    expect(decide(hall.log, wish('ticket.recalled', 'W3'))).toEqual({ ok: true });
    expect(decide(hall.log, wish('ticket.called', 'W3'))).toEqual({
      ok: false,
      reason: 'called-twice',
      by: 'W1',
    });
    expect(decide(hall.log, wish('ticket.called', 'W1'))).toEqual({ ok: true });
  });

  it('is granted for what is not known here yet, and refused for what is known not to be', () => {
    expect(decide([], wish('ticket.called', 'W3'))).toEqual({ ok: true });
    expect(
      decide(hall.log.slice(0, 1), wish('ticket.finished', 'W3', { station: 'W3', caseNos: [] })),
    ).toEqual({
      ...{ ok: false, reason: 'out-of-order', by: '' },
    });
  });

  it('that nobody can read is refused', () => {
    expect(decide(hall.log, wish('ticket.called', 'W3', {}))).toMatchObject({
      ok: false,
      reason: 'unreadable',
    });
    expect(decide(hall.log, wish('ticket.teleported', 'W3'))).toMatchObject({
      ok: false,
      reason: 'unreadable',
    });
  });
});

describe('an event of another version', () => {
  const table = {
    versions: { 'case.finished': 3 },
    steps: {
      'case.finished@1': (body: Record<string, unknown>) =>
        typeof body['ok'] === 'boolean' ? { result: body['ok'] ? 'approved' : 'refused' } : null,
      'case.finished@2': (body: Record<string, unknown>) => ({ ...body, text: '' }),
    },
  };

  it('that is older is read as this version writes it, and is itself unchanged', () => {
    const old = foldEvent('case.finished', { ok: true }, { typeV: 1 });
    expect(upcast(old, table)).toEqual({ ...old, typeV: 3, body: { result: 'approved', text: '' } });
    expect(old.body).toEqual({ ok: true });
  });

  it.each([
    ['newer', { typeV: 4, body: { result: 'approved' } }],
    ['of a version that never was', { typeV: 0, body: { ok: true } }],
    ['of no shape that version had', { typeV: 1, body: { ok: 'yes' } }],
    ['of an unknown type', { type: 'toString', typeV: 1, body: {} }],
  ])('that is %s is left unread', (_, more) => {
    expect(upcast({ ...foldEvent('case.finished', {}), ...more }, table)).toBeNull();
  });

  it('is kept, named as unread, and everything else goes on', () => {
    const hall = calledTwice();
    const strange = hall.add('W1', 'ticket.teleported', { station: 'W1' });
    hall.add('W1', 'ticket.finished', { station: 'W1', caseNos: [] });
    expect(hall.picture()).toMatchObject({ unread: [strange], ticket: { status: 'finished', ignored: 1 } });
  });
});

describe('the order of what has happened', () => {
  it('is the one given, except that nothing comes before what its author had seen', () => {
    const event = (hash: string, last: string) =>
      foldEvent('ticket.called', {}, { hash, seen: { last, cursor: 0 } });
    const order = (...log: ReturnType<typeof event>[]) => causalOrder(log).map(({ hash }) => hash);
    expect(order(event('b', ''), event('a', ''), event('c', 'gone'))).toEqual(['b', 'a', 'c']);
    expect(order(event('c', 'b'), event('b', 'a'), event('x', ''), event('a', ''))).toEqual([
      'x',
      'a',
      'b',
      'c',
    ]);
    expect(order(event('a', 'b'), event('b', 'a'))).toEqual(['a', 'b']);
  });
});

describe('checkpoints', () => {
  it('stay few, reach back to the beginning, and lie close together where it is recent', () => {
    let points: Checkpoint[] = [];
    for (let cursor = 1; cursor <= 5_000; cursor++)
      points = addCheckpoint(points, { cursor, streamHash: `${cursor}` });
    expect(points.length).toBeLessThanOrEqual(MAX_CHECKPOINTS);
    const back = points.map(({ cursor }) => 5_000 - cursor);
    expect(back[0]).toBe(0);
    expect(back.at(-1)).toBeGreaterThan(2_048);
    for (let n = 2; n < back.length; n++) expect(back[n]).toBeLessThanOrEqual(4 * (back[n - 1] as number));
    expect([...back].sort((a, b) => a - b)).toEqual(back);
  });
});
