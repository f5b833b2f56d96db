import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { EnrolmentOffer } from '../../../electron/core/boot/first-enrolment.ts';
import { ENROLMENT_WAIT_MS, startCore } from '../../../electron/core/boot/start-core.ts';
import { createSystemClock } from '../../../electron/adapters/node/clock.ts';
import { fakeCore } from '../../fixtures/fake-core.ts';

function setUp(start: () => Promise<void>, offer: Promise<EnrolmentOffer | null>, enrolled = false) {
  const fake = fakeCore();
  fake.core.start = start;
  fake.core.handlers['central.status'] = () =>
    Promise.resolve({
      server: enrolled ? 'http://a' : null,
      state: enrolled ? 'offline' : 'unset',
      lastAnswerAt: null,
      acknowledgedSeq: 0,
    });
  const told: unknown[] = [];
  const handlers = startCore({
    core: fake.core,
    clock: createSystemClock(),
    log: { write: () => undefined },
    signal: new AbortController().signal,
    offer,
    listener: {
      onStartFailed: (code) => told.push(code),
      onEnrolment: ({ outcome }) => told.push(outcome),
      onWaiting: (server) => told.push(server),
    },
  });
  return { fake, handlers, told };
}
const never = new Promise<never>(() => undefined);
const isOpen = async (answer: Promise<unknown>): Promise<boolean> => {
  await vi.advanceTimersByTimeAsync(0);
  return Promise.race([answer.then(() => true), Promise.resolve().then(() => Promise.resolve(false))]);
};

describe('the start of the core behind its gate', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it('no handler runs before the core has started', async () => {
    const { fake, handlers } = setUp(() => never, Promise.resolve(null));
    void handlers['settings.read']({});
    await vi.advanceTimersByTimeAsync(1_000);
    expect(fake.received).toEqual([]);
  });

  it('a failed start is the answer to every call, and is told once', async () => {
    const { handlers, told } = setUp(
      () => Promise.reject(new CodedError('JOURNAL_LOCKED')),
      Promise.resolve(null),
    );
    await expect(handlers['settings.read']({})).rejects.toMatchObject({ code: 'JOURNAL_LOCKED' });
    await expect(handlers['app.boot']({})).rejects.toMatchObject({ code: 'JOURNAL_LOCKED' });
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual(['JOURNAL_LOCKED']);
  });

  it('the window’s first question waits for the enrolment, the others do not', async () => {
    let make: (offer: EnrolmentOffer) => void = () => undefined;
    const { handlers, told } = setUp(() => Promise.resolve(), new Promise((resolve) => (make = resolve)));
    const boot = handlers['app.boot']({});
    await handlers['settings.read']({});
    expect(await isOpen(boot)).toBe(false);
    make({ server: 'http://a', code: 'AB12' });
    await boot;
    expect(told).toEqual(['enrolled']);
  });

  it('and not for a server that does not answer: a person should see the window', async () => {
    const offer = Promise.resolve({ server: 'http://a', code: 'AB12' });
    const { fake, handlers, told } = setUp(() => Promise.resolve(), offer);
    fake.core.handlers['central.enrol'] = () => Promise.reject(new CodedError('CENTRAL_UNREACHABLE'));
    await handlers['app.boot']({});
    expect(told).toEqual(['http://a']);
  });

  it('but not for ever', async () => {
    const { handlers } = setUp(() => Promise.resolve(), never);
    const boot = handlers['app.boot']({});
    await vi.advanceTimersByTimeAsync(ENROLMENT_WAIT_MS - 10);
    expect(await isOpen(boot)).toBe(false);
    await vi.advanceTimersByTimeAsync(20);
    await boot;
  });

  it('an enrolled device does not wait for a server that is still starting', async () => {
    const { handlers } = setUp(() => Promise.resolve(), never, true);
    await handlers['app.boot']({});
  });
});
