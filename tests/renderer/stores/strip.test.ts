import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CodedError } from '../../../shared/contract/errors.ts';
import { useStrip } from '../../../renderer/src/stores/strip.ts';
import { setUp } from '../fakes.ts';

describe('the line that speaks', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    setUp();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('takes news away by itself, and keeps what somebody has to act on', () => {
    const strip = useStrip();
    strip.say('info', 'queue.nobodyWaits');
    vi.advanceTimersByTime(10_000);
    expect(strip.message).toBeNull();
    strip.fail(new CodedError('JOURNAL_DISK_FULL'));
    vi.advanceTimersByTime(600_000);
    expect(strip.message).toEqual({ tone: 'bad', key: 'error.JOURNAL_DISK_FULL', params: {} });
  });

  it('does not take a later sentence away with an earlier one', () => {
    const strip = useStrip();
    strip.say('info', 'queue.nobodyWaits');
    vi.advanceTimersByTime(7_000);
    strip.fail(new Error('anything'));
    vi.advanceTimersByTime(7_000);
    expect(strip.message?.key).toBe('error.INTERNAL');
  });
});
