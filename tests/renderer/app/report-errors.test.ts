import { afterEach, describe, expect, it, vi } from 'vitest';
import { createErrorReports, type ErrorReports } from '../../../renderer/src/app/report-errors.ts';
import { startProblemOf } from '../../../renderer/src/app/start-problem.ts';
import { SecondWindow } from '../../../renderer/src/app/open-services.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import { fakeBridge, settle } from '../fakes.ts';

describe('failures nobody expected', () => {
  let reports: ErrorReports;
  afterEach(() => reports.close());

  it('reach the log and the clerk, from wherever they come', async () => {
    const { bridge, callsOf } = fakeBridge();
    const said = vi.fn();
    reports = createErrorReports(bridge, said);
    reports.report('here', new Error('broken'));
    window.dispatchEvent(new ErrorEvent('error', { error: new Error('thrown') }));
    await settle();
    expect(callsOf('app.report').map(({ where }) => where)).toEqual(['here', 'window']);
    expect(callsOf('app.report')[0]?.message).toContain('broken');
    expect(said).toHaveBeenCalledTimes(2);
  });

  it('do not flood the log, and a dead log floods nobody', async () => {
    const { bridge, callsOf } = fakeBridge({
      'app.report': () => {
        throw new CodedError('WIRE_CLOSED');
      },
    });
    reports = createErrorReports(bridge, () => undefined);
    for (let i = 0; i < 100; i++) reports.report('again', new Error(String(i)));
    await settle();
    expect(callsOf('app.report')).toHaveLength(20);
  });

  it('at the start become a sentence that can be acted on', () => {
    reports = createErrorReports(fakeBridge().bridge, () => undefined);
    expect(startProblemOf(new SecondWindow()).key).toBe('startFailure.secondWindow');
    expect(startProblemOf(new CodedError('JOURNAL_LOCKED')).key).toBe('error.JOURNAL_LOCKED');
    expect(startProblemOf(new TypeError('x is not a function'))).toEqual({
      key: 'startFailure.unexpected',
      detail: 'x is not a function',
    });
  });
});
