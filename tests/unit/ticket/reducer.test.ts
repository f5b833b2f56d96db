import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FoldEvent } from '../../../shared/domain/fold-event.ts';
import { foldTicket } from '../../../shared/domain/ticket/reducer.ts';
import { anyLog, foldEvent } from '../../fixtures/fold-events.ts';

const taken = (no = 'A017') =>
  foldEvent('ticket.taken', { no, class: 'normal', day: '2026-11-20' }, { at: 't0' });
const called = (station: string, at = 't1') =>
  foldEvent('ticket.called', { station }, { at, user: `clerk-${station}` });
const recalled = (station: string) => foldEvent('ticket.recalled', { station }, { at: 't2' });
const finished = (station: string) => foldEvent('ticket.finished', { station, caseNos: [] }, { at: 't3' });
const missed = (station: string) => foldEvent('ticket.noShow', { station }, { at: 't3' });

describe('a ticket', () => {
  it('is nothing before it was taken', () => {
    expect(foldTicket([])).toBeNull();
    expect(foldTicket([called('W3')])).toBeNull();
  });

  it('goes from waiting to called to finished', () => {
    expect(foldTicket([taken()])).toMatchObject({
      agg: 'ticket/1',
      no: 'A017',
      status: 'waiting',
      takenAt: 't0',
    });
    expect(foldTicket([taken(), called('W3')])).toMatchObject({
      status: 'called',
      station: 'W3',
      calledAt: 't1',
      calledBy: 'clerk-W3',
      conflict: '',
    });
    expect(foldTicket([taken(), called('W3'), recalled('W3'), finished('W3')])).toMatchObject({
      status: 'finished',
      recalls: 1,
      finishedAt: 't3',
      conflict: '',
    });
  });

  it('may be called again after nobody came (过号重呼)', () => {
    expect(foldTicket([taken(), called('W3'), missed('W3')])).toMatchObject({
      status: 'no-show',
      conflict: '',
    });
    expect(foldTicket([taken(), called('W3'), missed('W3'), called('W5')])).toMatchObject({
      status: 'called',
      station: 'W5',
      finishedAt: '',
      conflict: '',
    });
  });

  it('is taken back when its paper never came out, unless it has been called by then', () => {
    const voided = foldEvent('ticket.voided', { station: 'W3', reason: 'no-paper' }, { at: 't4' });
    expect(foldTicket([taken(), voided, voided])).toMatchObject({
      status: 'void',
      finishedAt: 't4',
      conflict: '',
    });
    expect(foldTicket([taken(), called('W5'), voided])).toMatchObject({ status: 'called', conflict: '' });
    expect(foldTicket([taken(), voided, called('W5')])).toMatchObject({
      status: 'void',
      conflict: 'called-after-end',
      conflictWith: 'W5',
    });
    expect(foldTicket([taken(), voided, missed('W3')])).toMatchObject({ status: 'void' });
  });

  it('is taken over by a station that recalls it', () => {
    expect(foldTicket([taken(), called('W3'), recalled('W5'), finished('W5')])).toMatchObject({
      status: 'finished',
      station: 'W5',
      conflict: '',
    });
  });

  it.each<[string, FoldEvent[], string, string]>([
    ['called by two stations', [taken(), called('W3'), called('W5')], 'called-twice', 'W5'],
    [
      'given out twice',
      [taken(), foldEvent('ticket.taken', taken().body, { station: 'W5' })],
      'taken-twice',
      'W5',
    ],
    [
      'called after it was served',
      [taken(), called('W3'), finished('W3'), called('W5')],
      'called-after-end',
      'W5',
    ],
    [
      'recalled after it was served',
      [taken(), called('W3'), finished('W3'), recalled('W5')],
      'called-after-end',
      'W5',
    ],
    ['ended by a station that did not hold it', [taken(), called('W3'), finished('W5')], 'ended-twice', 'W5'],
    [
      'missed after it was served',
      [taken(), called('W3'), finished('W3'), missed('W3')],
      'ended-twice',
      'W3',
    ],
    ['served without being called', [taken(), finished('W3')], 'out-of-order', 'W3'],
    ['recalled without being called', [taken(), recalled('W3')], 'out-of-order', 'W3'],
    ['called before it was taken', [called('W5'), taken()], 'out-of-order', 'W5'],
  ])('is in conflict when it was %s', (_, events, conflict, conflictWith) => {
    expect(foldTicket(events)).toMatchObject({ conflict, conflictWith });
  });

  it('stays with the station that called first, and says what both did', () => {
    const ticket = foldTicket([taken(), called('W3'), called('W5'), finished('W3')]);
    expect(ticket).toMatchObject({
      station: 'W3',
      status: 'finished',
      conflict: 'called-twice',
      conflictWith: 'W5',
    });
  });

  it('counts a call or an end repeated by the same station as no conflict', () => {
    expect(foldTicket([taken(), called('W3'), called('W3')])).toMatchObject({ recalls: 1, conflict: '' });
    expect(foldTicket([taken(), called('W3'), finished('W3'), finished('W3')])).toMatchObject({
      conflict: '',
    });
  });

  it('takes one event once, however often it arrives', () => {
    const call = called('W3');
    expect(foldTicket([taken(), call, call, call])).toMatchObject({ recalls: 0, conflict: '' });
  });

  it('counts what it cannot read and goes on', () => {
    const strange = [
      foldEvent('ticket.teleported', { station: 'W9' }),
      foldEvent('ticket.called', { station: 'W9' }, { typeV: 2 }),
      foldEvent('ticket.called', { station: 9 }),
      foldEvent('ticket.called', { station: 'W9' }, { agg: 'ticket/2' }),
      null as unknown as FoldEvent,
    ];
    expect(foldTicket([taken(), ...strange])).toMatchObject({ status: 'waiting', ignored: 5, conflict: '' });
    expect(foldTicket([taken()])).not.toHaveProperty('ignored');
  });
});

describe('any log of a ticket', () => {
  const good = [
    taken(),
    taken('B001'),
    called('W3'),
    called('W5'),
    recalled('W3'),
    recalled('W5'),
    finished('W3'),
    missed('W5'),
  ];

  it('folds without throwing, the same way each time, and so does every beginning of it', () => {
    fc.assert(
      fc.property(anyLog(good), (log) => {
        for (let n = 0; n <= log.length; n++) {
          const ticket = foldTicket(log.slice(0, n));
          expect(ticket).toEqual(foldTicket(structuredClone(log.slice(0, n))));
          if (ticket === null) continue;
          expect(ticket.no).not.toBe('');
          expect(['waiting', 'called', 'finished', 'no-show']).toContain(ticket.status);
          expect(ticket.station === '').toBe(ticket.status === 'waiting');
          expect((ticket.conflict === '') === (ticket.conflictWith === undefined)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never forgets a conflict', () => {
    fc.assert(
      fc.property(anyLog(good), (log) => {
        let conflict = '';
        for (let n = 0; n <= log.length; n++) {
          const now = foldTicket(log.slice(0, n))?.conflict ?? '';
          if (conflict !== '') expect(now).toBe(conflict);
          conflict = now;
        }
      }),
    );
  });

  it('stays the same when readable events are repeated', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...good)), (log) => {
        expect(foldTicket([...log, ...log])).toEqual(foldTicket(log));
      }),
    );
  });
});
