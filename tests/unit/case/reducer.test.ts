import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldCase } from '../../../shared/domain/case/reducer.ts';
import type { FoldEvent } from '../../../shared/domain/fold-event.ts';
import { acceptedBody } from '../../fixtures/cases.ts';
import { anyLog, foldEvent } from '../../fixtures/fold-events.ts';

const accepted = (n = 1, dev = 'DEV1') => foldEvent('case.accepted', acceptedBody(n), { at: 't0', dev });
const finished = (result: string, dev = 'DEV1') =>
  foldEvent('case.finished', { result, text: '证照已制作' }, { at: 't1', dev });
const sheet = (state: string, key = 'case/1:slip:1') =>
  foldEvent('sheet.settled', { key, state, payloadHash: 'ab' }, { agg: 'case/1' });

describe('a case', () => {
  it('is nothing before it was accepted', () => {
    expect(foldCase([])).toBeNull();
    expect(foldCase([finished('approved'), sheet('printed')])).toBeNull();
  });

  it('carries what was accepted, by whom and where', () => {
    expect(foldCase([accepted()])).toEqual({
      ...acceptedBody(1),
      agg: 'case/1',
      acceptedAt: 't0',
      acceptedBy: 'clerk-1',
      station: 'W3',
      dev: 'DEV1',
      status: 'accepted',
      sheets: {},
      conflict: '',
    });
  });

  it('is finished by its ending', () => {
    expect(foldCase([accepted(), finished('approved')])).toMatchObject({
      status: 'finished',
      finished: { result: 'approved', text: '证照已制作', at: 't1', by: 'clerk-1' },
      conflict: '',
    });
  });

  it('knows the last word on each of its sheets, also of one filed before the acceptance', () => {
    const log = [sheet('uncertain'), accepted(), sheet('printed', 'case/1:notice:1'), sheet('resolved')];
    expect(foldCase(log)?.sheets).toEqual({ 'case/1:slip:1': 'resolved', 'case/1:notice:1': 'printed' });
  });

  it('takes no sheet of another case', () => {
    expect(foldCase([accepted(), sheet('printed', 'case/12:slip:1')])).toMatchObject({
      sheets: {},
      ignored: 1,
    });
  });

  it.each<[string, FoldEvent[], string, string]>([
    ['accepted twice', [accepted(1), accepted(2, 'DEV2')], 'accepted-twice', 'DEV2'],
    [
      'approved here and refused there',
      [accepted(), finished('approved'), finished('refused', 'DEV2')],
      'finished-differently',
      'DEV2',
    ],
    [
      'finished before it was accepted',
      [finished('approved'), accepted(1, 'DEV2')],
      'finished-before-accepted',
      'DEV1',
    ],
  ])('is in conflict when it was %s', (_, events, conflict, conflictWith) => {
    expect(foldCase(events)).toMatchObject({ conflict, conflictWith });
  });

  it('keeps the first acceptance and the first ending of two', () => {
    const log = [accepted(1), accepted(2), finished('approved'), finished('refused')];
    expect(foldCase(log)).toMatchObject({ caseNo: acceptedBody(1).caseNo, finished: { result: 'approved' } });
  });

  it('sees no conflict in an ending that two devices agree on', () => {
    expect(foldCase([accepted(), finished('approved'), finished('approved', 'DEV2')])).toMatchObject({
      conflict: '',
    });
  });

  it('counts an acceptance without the parts a reader relies on as unread', () => {
    const rest = { ...acceptedBody(1), applicant: undefined };
    expect(foldCase([foldEvent('case.accepted', rest)])).toBeNull();
    expect(
      foldCase([foldEvent('case.accepted', { ...acceptedBody(1), form: { name: '测试甲' } })]),
    ).toBeNull();
    expect(foldCase([foldEvent('case.accepted', rest), accepted()])).toMatchObject({
      ignored: 1,
      conflict: '',
    });
  });
});

describe('any log of a case', () => {
  const good = [
    accepted(1),
    accepted(2, 'DEV2'),
    finished('approved'),
    finished('refused'),
    sheet('uncertain'),
    sheet('printed'),
  ];

  it('folds without throwing, the same way each time, and so does every beginning of it', () => {
    fc.assert(
      fc.property(anyLog(good), (log) => {
        for (let n = 0; n <= log.length; n++) {
          const state = foldCase(log.slice(0, n));
          expect(state).toEqual(foldCase(structuredClone(log.slice(0, n))));
          if (state === null) continue;
          expect(state.status).toBe(state.finished === undefined ? 'accepted' : 'finished');
          expect((state.conflict === '') === (state.conflictWith === undefined)).toBe(true);
          expect(() => JSON.stringify(state)).not.toThrow();
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never forgets the acceptance or a conflict', () => {
    fc.assert(
      fc.property(anyLog(good), (log) => {
        let before = foldCase([]);
        for (let n = 1; n <= log.length; n++) {
          const state = foldCase(log.slice(0, n));
          if (before !== null) expect(state?.caseNo).toBe(before.caseNo);
          if (before !== null && before.conflict !== '') expect(state?.conflict).toBe(before.conflict);
          before = state;
        }
      }),
    );
  });

  it('stays the same when readable events are repeated', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...good)), (log) => {
        expect(foldCase([...log, ...log])).toEqual(foldCase(log));
      }),
    );
  });
});
