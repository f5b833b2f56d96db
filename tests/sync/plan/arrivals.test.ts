import { describe, expect, it } from 'vitest';
import { makeEvent, type KeptEvent } from '../../../shared/sync/event.ts';
import { openWindow } from './window.ts';

const DEV = 'A'.repeat(26);
const NUMBER = { class: 'normal', day: '2026-11-21' };

function taken(seq: number, no: string, inc = 'a'.repeat(32), agg = `ticket/${no}`, dev = DEV): KeptEvent {
  return makeEvent(
    {
      type: 'ticket.taken',
      typeV: 1,
      agg,
      seen: { last: '', cursor: 0 },
      user: 'c',
      body: { no, ...NUMBER },
    },
    { hall: '330102', dev, inc, station: 'W1' },
    { seq, prev: '', cmd: `cmd-${inc.slice(0, 1)}-${seq}`, at: '' },
  );
}

describe('what arrives', () => {
  it('from the own journal once more is acknowledged where it has a place already', () => {
    const window = openWindow(DEV);
    const event = taken(1, 'A001');
    window.arrive([{ kept: event, cursor: 7 }]);
    window.own = [];
    const { events, own } = window.arrive([{ kept: event }]);
    expect(events).toEqual([]);
    expect(own).toEqual([{ inc: 'a'.repeat(32), applied: 1, acknowledged: 1 }]);
  });

  it('tells which numbers this device has used, and never a smaller one than before', () => {
    const window = openWindow(DEV);
    expect(window.arrive([{ kept: taken(1, 'A007') }]).counters).toEqual([
      { key: 'ticket:2026-11-21', used: 7 },
    ]);
    expect(window.arrive([{ kept: taken(2, 'A003') }]).counters).toEqual([]);
    expect(
      window.arrive([{ kept: taken(1, 'B009', 'b'.repeat(32), 'ticket/x', 'B'.repeat(26)) }]).counters,
    ).toEqual([]);
  });

  it('in a place that another event has: the server’s word counts, and who lost is told (C4)', () => {
    const window = openWindow(DEV);
    const [mine, other] = [taken(1, 'A001'), taken(1, 'A002')];
    window.arrive([{ kept: mine }]);
    const first = window.arrive([{ kept: other, cursor: 1 }]);
    expect(first.displaced.map(({ hash }) => hash)).toEqual([mine.hash]);
    expect(window.logOf('ticket/A001')).toEqual([]);
    const second = window.arrive([{ kept: mine }]);
    expect(second.displaced.map(({ hash }) => hash)).toEqual([mine.hash]);
    expect(window.logOf('ticket/A002').map(({ cursor }) => cursor)).toEqual([1]);
    expect(window.own).toEqual([{ inc: 'a'.repeat(32), applied: 1, acknowledged: 1 }]);
  });

  it('with its signature keeps it, also when it comes back without', () => {
    const window = openWindow(DEV);
    const event = taken(1, 'A001');
    window.arrive([{ kept: event }]);
    window.arrive([{ kept: event, cursor: 1, sig: 'c2ln' }]);
    window.arrive([{ kept: event, cursor: 1 }]);
    expect(window.logOf('ticket/A001')).toMatchObject([{ cursor: 1, sig: 'c2ln' }]);
  });

  it('made again after a fork is one deed, where both arrived', () => {
    const window = openWindow('B'.repeat(26));
    const first = taken(1, 'A001');
    const again = { ...first.event, inc: 'b'.repeat(32) };
    const kept = makeEvent(again, again, again);
    window.arrive([
      { kept: first, cursor: 1 },
      { kept, cursor: 2 },
    ]);
    expect(window.pictures.get('ticket/A001')).toMatchObject({ conflicts: [], repeated: [kept.hash] });
  });

  it('with a number that another has: both are shown, the later one is in conflict, whichever is heard first', () => {
    const one = taken(1, 'A001', 'a'.repeat(32), 'ticket/x');
    const two = taken(1, 'A001', 'b'.repeat(32), 'ticket/y', 'B'.repeat(26));
    for (const order of [
      [one, two],
      [two, one],
    ]) {
      const window = openWindow('C'.repeat(26));
      for (const kept of order) window.arrive([{ kept, cursor: kept === one ? 1 : 2 }]);
      expect(window.pictures.get('ticket/x')).toMatchObject({
        ticket: { no: 'A001', conflict: '' },
        conflicts: [],
      });
      expect(window.pictures.get('ticket/y')).toMatchObject({
        ticket: { no: 'A001', conflict: 'number-twice' },
        conflicts: [{ kind: 'number-twice', mine: two.hash, theirs: one.hash, state: 'open' }],
      });
    }
  });
});
