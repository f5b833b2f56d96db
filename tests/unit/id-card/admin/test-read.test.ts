import { describe, expect, it } from 'vitest';
import { createFrameLog } from '../../../../electron/core/id-card/admin/frame-log.ts';
import { testRead } from '../../../../electron/core/id-card/admin/test-read.ts';
import type { ClockPort } from '../../../../electron/core/ports/clock.ts';
import type { TestRead } from '../../../../shared/contract/reader.ts';
import { testReadSchema } from '../../../../shared/contract/reader.ts';
import { createFakeClock } from '../fake-clock.ts';
import type { Desk } from '../desk.ts';
import { createDesk, phase, READ_TAKES, waiting } from '../desk.ts';

/** A desk that waits, and a way to ask it for a test read. */
async function admin(options: Parameters<typeof waiting>[0] = {}, start: typeof waiting = waiting) {
  let clock: ClockPort = createFakeClock();
  const frames = createFrameLog({
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: (ms, run) => clock.after(ms, run),
  });
  const desk = await start({ ...options, reader: { ...options.reader, frames } });
  clock = desk.clock;
  const givenUp = new AbortController();
  const ask = (limitMs = 30_000): { result: TestRead | null; failure: unknown } => {
    const asked: { result: TestRead | null; failure: unknown } = { result: null, failure: null };
    testRead({ reader: desk.reader, frames, clock: desk.clock }, limitMs, givenUp.signal).then(
      (result) => (asked.result = testReadSchema.parse(result)),
      (error: unknown) => (asked.failure = error),
    );
    return asked;
  };
  return { desk, ask, giveUp: () => givenUp.abort() };
}

const lay = async (desk: Desk, card: string): Promise<void> => {
  desk.real.cards.place(card);
  await desk.clock.advance(3000);
};
const lift = async (desk: Desk): Promise<void> => {
  desk.real.cards.lift();
  await desk.clock.advance(1000);
};

describe('a test read', () => {
  it('that is given up leaves the next card to the counter at once', async () => {
    const { desk, ask, giveUp } = await admin();
    const asked = ask();
    await desk.clock.advance(1000);
    giveUp();
    await desk.clock.advance(1);
    expect(asked.result?.outcome).toBe('ID_CARD_TIMEOUT');
    await lay(desk, 'jia');
    expect(desk.reads).toHaveLength(1);
  });

  it('goes to the asker, masked and timed, and not to the counter; the next card is the counter’s again', async () => {
    const { desk, ask } = await admin({ real: { latency: READ_TAKES } });
    const asked = ask();
    await lay(desk, 'jia');
    expect(asked.result).toEqual({
      outcome: 'read',
      document: [
        { field: 'type', value: 'resident' },
        { field: 'name', value: '测**' },
        { field: 'sex', value: '··' },
        { field: 'ethnicity', value: '··' },
        { field: 'nationality', value: 'CHN' },
        { field: 'birth', value: '1900' },
        { field: 'address', value: '·· ×11' },
        { field: 'number', value: '1101****7777' },
        { field: 'issuer', value: '·· ×6' },
        { field: 'validFrom', value: '2020-01-01' },
        { field: 'validTo', value: '长期' },
      ],
      warnings: [],
      photoBytes: 1024,
      readMs: expect.any(Number) as number,
    });
    expect(asked.result?.readMs).toBeGreaterThanOrEqual(700);
    expect(asked.result?.readMs).toBeLessThan(1000);
    expect(desk.reads).toEqual([]);
    await lift(desk);
    expect(phase(desk)).toBe('waiting');
    await lay(desk, 'yi');
    expect(desk.reads.map(({ document }) => document.name)).toEqual(['测试乙']);
  });

  it('the tested card left lying is nobody’s event', async () => {
    const { desk, ask } = await admin();
    ask();
    await lay(desk, 'jia');
    await desk.clock.advance(60_000);
    expect(desk.reads).toEqual([]);
    expect(phase(desk)).toBe('lift');
  });

  it('the same card laid down once more after the test is the counter’s', async () => {
    const { desk, ask } = await admin();
    ask();
    await lay(desk, 'jia');
    await lift(desk);
    await lay(desk, 'jia');
    expect(desk.reads).toHaveLength(1);
  });

  it('a card that lies there already is read again when the field is dropped, and the counter hears nothing', async () => {
    const { desk, ask } = await admin();
    await lay(desk, 'jia');
    expect(desk.reads).toHaveLength(1);
    const asked = ask();
    await desk.clock.advance(2000);
    expect(asked.result?.outcome).toBe('read');
    expect(desk.real.requests).toContain('fa 11');
    await desk.clock.advance(60_000);
    expect(desk.reads).toHaveLength(1);
  });

  it('a reader without a command for its field is reset for it', async () => {
    const { desk, ask } = await admin({
      real: { carrier: 'raw' },
      reader: { profile: 'generic-raw@0000:0001' },
    });
    await lay(desk, 'jia');
    const asked = ask();
    await desk.clock.advance(4000);
    expect(asked.result?.outcome).toBe('read');
    expect(desk.real.requests).toContain('10 ff');
  });

  it('a card that cannot be read is an outcome, and its later success is not the counter’s', async () => {
    const { desk, ask } = await admin();
    desk.real.faults.add({ on: 'read', status: 0x33, times: 5 });
    const asked = ask();
    await desk.clock.advance(10);
    await lay(desk, 'jia');
    expect(asked.result).toMatchObject({ outcome: 'ID_CARD_SUSPECT', document: [] });
    await desk.clock.advance(20_000);
    expect(phase(desk)).toMatch(/^(read|lift)$/);
    expect(desk.reads).toEqual([]);
    await lift(desk);
    await lay(desk, 'yi');
    expect(desk.reads).toHaveLength(1);
  });

  it('nobody lays a card down: it ends in its time, and the next card is the counter’s', async () => {
    const { desk, ask } = await admin();
    const asked = ask(5000);
    await desk.clock.advance(4900);
    expect(asked.result).toBeNull();
    await desk.clock.advance(200);
    expect(asked.result?.outcome).toBe('ID_CARD_TIMEOUT');
    await lay(desk, 'jia');
    expect(desk.reads).toHaveLength(1);
  });

  it('without a reader it says so at once', async () => {
    const { desk, ask } = await admin({ real: { attached: false } }, createDesk);
    await desk.clock.until(() => phase(desk).startsWith('absent'), 5000);
    const asked = ask();
    await desk.clock.advance(0);
    expect(asked.result?.outcome).toBe('ID_CARD_READER_MISSING');
  });

  it('a reader pulled in the middle ends it with the reason', async () => {
    const { desk, ask } = await admin();
    const asked = ask();
    desk.real.faults.unplug();
    await desk.clock.advance(5000);
    expect(asked.result?.outcome).toBe('ID_CARD_READER_MISSING');
  });

  it('a reader that refuses to work ends it with the reason', async () => {
    const { desk, ask } = await admin();
    desk.real.faults.add({ on: 'find', status: 0x66, times: Infinity });
    const asked = ask();
    await desk.clock.advance(3000);
    expect(asked.result?.outcome).toBe('ID_CARD_READER_NOT_AUTHORISED');
  });

  it('only one at a time, and another when the first has ended', async () => {
    const { desk, ask } = await admin();
    const first = ask();
    const second = ask();
    await lay(desk, 'jia');
    expect(second.failure).toMatchObject({ code: 'ID_CARD_READER_BUSY' });
    expect(first.result?.outcome).toBe('read');
    await lift(desk);
    const third = ask();
    await lay(desk, 'yi');
    expect(third.result?.outcome).toBe('read');
    expect(desk.reads).toEqual([]);
  });
});
