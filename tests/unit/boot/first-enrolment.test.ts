import { describe, expect, it, vi } from 'vitest';
import type { LineState } from '../../../shared/contract/central.ts';
import { CodedError, type ErrorCode } from '../../../shared/contract/errors.ts';
import {
  enrolAtFirstStart,
  sameServer,
  type EnrolmentOffer,
} from '../../../electron/core/boot/first-enrolment.ts';

const OFFER: EnrolmentOffer = { server: 'http://10.0.0.8:21861', code: 'AB12-CD34' };
const unset: LineState = { server: null, state: 'unset', lastAnswerAt: null, acknowledgedSeq: 0 };
const online = (server: string): LineState => ({
  server,
  state: 'online',
  lastAnswerAt: 1,
  acknowledgedSeq: 0,
});

/** @param failures what the first enrolments end with; the next one succeeds */
function setUp(failures: ErrorCode[], offer: Promise<EnrolmentOffer | null> = Promise.resolve(OFFER)) {
  const pauses: number[] = [];
  const onWaiting = vi.fn();
  let line = unset;
  const enrol = vi.fn(() => {
    const failure = failures.shift();
    return failure ? Promise.reject(new CodedError(failure)) : Promise.resolve({} as never);
  });
  const stop = new AbortController();
  const result = enrolAtFirstStart({
    handlers: { 'central.status': () => Promise.resolve(line), 'central.enrol': enrol },
    offer,
    signal: stop.signal,
    onWaiting,
    clock: {
      now: () => 0,
      monotonic: () => 0,
      after(ms, run) {
        pauses.push(ms);
        const timer = setTimeout(run, 1);
        return () => clearTimeout(timer);
      },
    },
  });
  return { result, enrol, pauses, stop, onWaiting, setLine: (next: LineState) => (line = next) };
}

describe('the first enrolment', () => {
  it('enrols with the code, without anybody', async () => {
    const { result, enrol } = setUp([]);
    expect(await result).toEqual({ outcome: 'enrolled', server: OFFER.server });
    expect(enrol).toHaveBeenCalledWith(OFFER);
  });

  it('asks again while the server starts, with growing pauses', async () => {
    const { result, pauses, onWaiting } = setUp(
      Array.from({ length: 7 }, () => 'CENTRAL_UNREACHABLE' as const),
    );
    expect(await result).toMatchObject({ outcome: 'enrolled' });
    expect(pauses).toEqual([150, 300, 600, 1200, 2400, 3000, 3000]);
    expect(onWaiting.mock.calls).toEqual([[OFFER.server]]);
  });

  it('a refused code is not tried twice', async () => {
    const { result, enrol } = setUp(['CENTRAL_CODE_REFUSED']);
    expect(await result).toEqual({ outcome: 'refused', code: 'CENTRAL_CODE_REFUSED' });
    expect(enrol).toHaveBeenCalledOnce();
  });

  it('ends when a person enrolled in the window meanwhile', async () => {
    const { result, enrol, setLine } = setUp(
      Array.from({ length: 99 }, () => 'CENTRAL_UNREACHABLE' as const),
    );
    await vi.waitUntil(() => enrol.mock.calls.length > 2);
    setLine(online(OFFER.server));
    expect(await result).toEqual({ outcome: 'already', server: OFFER.server });
  });

  it('an enrolled device stays where it is and uses no code up', async () => {
    const { result, enrol, setLine } = setUp([]);
    setLine(online('http://10.0.0.9'));
    expect(await result).toEqual({ outcome: 'elsewhere', server: 'http://10.0.0.9', offered: OFFER.server });
    expect(enrol).not.toHaveBeenCalled();
  });

  it('without a code it is left to the person', async () => {
    expect(await setUp([], Promise.resolve({ server: OFFER.server, code: null })).result).toEqual({
      outcome: 'left-to-person',
    });
    expect(await setUp([], Promise.resolve(null)).result).toEqual({ outcome: 'left-to-person' });
  });

  it('stops waiting, for an offer or for the server, when the program ends', async () => {
    const never = setUp([], new Promise(() => undefined));
    never.stop.abort();
    expect((await never.result).outcome).not.toBe('enrolled');
    const trying = setUp(Array.from({ length: 9999 }, () => 'CENTRAL_UNREACHABLE' as const));
    await vi.waitUntil(() => trying.enrol.mock.calls.length > 1);
    trying.stop.abort();
    expect(await trying.result).toEqual({ outcome: 'stopped' });
  });
});

describe('the same server', () => {
  it('is known by its address, not by its spelling', () => {
    expect(sameServer('http://Hall.example:80/', 'http://hall.example')).toBe(true);
    expect(sameServer('http://a:1', 'http://a:2')).toBe(false);
    expect(sameServer('http://a', 'https://a')).toBe(false);
  });
});
