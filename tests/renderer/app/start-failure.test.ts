import { mount } from '@vue/test-utils';
import Dexie from 'dexie';
import { afterEach, describe, expect, it, vi } from 'vitest';
import StartFailure from '../../../renderer/src/app/StartFailure.vue';
import { startProblemOf, type StartProblem } from '../../../renderer/src/app/start-problem.ts';
import { CodedError } from '../../../shared/contract/errors.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a window that could not start because the disk is full', () => {
  it('says so instead of "unexpected", whatever name IndexedDB gives it', () => {
    const said = new Dexie.BulkError('events.bulkPut(): 2 of 2 operations failed', [new Error('AbortError')]);
    for (const error of [said, new Dexie.AbortError(), new CodedError('STORE_FULL')])
      expect(startProblemOf(error)).toMatchObject({ key: 'startFailure.store', again: true });
  });

  it('goes on by itself when there may be space again, and only then', () => {
    vi.useFakeTimers();
    const reload = vi.spyOn(window.location, 'reload').mockImplementation(() => undefined);
    const open = (problem: StartProblem) =>
      mount(StartFailure, { props: { problem }, global: { mocks: { $t: (key: string) => key } } });
    open(startProblemOf(new CodedError('JOURNAL_LOCKED')));
    vi.advanceTimersByTime(20_000);
    expect(reload).not.toHaveBeenCalled();
    open(startProblemOf(new Dexie.AbortError()));
    vi.advanceTimersByTime(5_000);
    expect(reload).toHaveBeenCalledOnce();
  });
});
