import { describe, expect, it } from 'vitest';
import { createFrameLog } from '../../../../electron/core/id-card/admin/frame-log.ts';
import { COMMANDS } from '../../../../electron/core/id-card/sam-commands.ts';
import { encodeRequest } from '../../../../electron/core/id-card/sam-frame.ts';
import type { SamReply } from '../../../../electron/core/id-card/sam-frame.ts';
import { CodedError } from '../../../../shared/contract/errors.ts';
import { demoPeople } from '../../../../electron/adapters/simulated/card-reader/people.ts';
import { createFakeClock } from '../fake-clock.ts';
import { READ_TAKES, waiting } from '../desk.ts';

const reply = (sw3: number, data: number[] = []): SamReply => ({
  sw1: 0,
  sw2: 0,
  sw3,
  data: Uint8Array.from(data),
});

function makeLog() {
  const clock = createFakeClock();
  const log = createFrameLog(clock);
  const trace = log.trace();
  const exchange = async (
    name: keyof typeof COMMANDS,
    answer: SamReply | CodedError,
    takes = 5,
  ): Promise<void> => {
    const command = COMMANDS[name];
    trace.sent(command, encodeRequest(command.command, command.parameter));
    await clock.advance(takes);
    if (answer instanceof CodedError) trace.failed(answer);
    else trace.answered(answer);
  };
  return { clock, log, exchange };
}

describe('the frame log', () => {
  it('shows requests and status-only replies as they were, with their time', async () => {
    const { log, exchange, clock } = makeLog();
    const began = clock.now();
    await exchange('samStatus', reply(0x90));
    expect(log.since(0)).toEqual([
      {
        seq: 1,
        at: began,
        direction: 'out',
        command: 'samStatus',
        status: '',
        meaning: '',
        hex: 'AA AA AA 96 69 00 03 11 FF ED',
        bytes: 10,
        times: 1,
        tookMs: 0,
      },
      {
        seq: 2,
        at: began + 5,
        direction: 'in',
        command: 'samStatus',
        status: '90',
        meaning: 'done',
        hex: 'AA AA AA 96 69 00 04 00 00 90 94',
        bytes: 11,
        times: 1,
        tookMs: 5,
      },
    ]);
  });

  it('hides what a card said, and the check byte made of it; header, status and length stay', async () => {
    const { log, exchange } = makeLog();
    await exchange('find', reply(0x9f, [1, 2, 3, 4]));
    await exchange('select', reply(0x90, [1, 2, 3, 4, 5, 6, 7, 8]));
    await exchange('readBase', reply(0x90, new Array<number>(1284).fill(0x37)));
    await exchange('readAppended', reply(0x90, new Array<number>(280).fill(0x37)));
    await exchange('readManagement', reply(0x90, new Array<number>(28).fill(0x37)));
    const answers = log.since(0).filter(({ direction }) => direction === 'in');
    expect(answers.map(({ hex }) => hex)).toEqual([
      'AA AA AA 96 69 00 08 00 00 9F ·· ·· ·· ·· ··',
      'AA AA AA 96 69 00 0C 00 00 90 ·· ·· ·· ·· ·· ·· ·· ·· ··',
      'AA AA AA 96 69 05 08 00 00 90 ·· ×1285',
      'AA AA AA 96 69 01 1C 00 00 90 ·· ×281',
      `AA AA AA 96 69 00 20 00 00 90${' ··'.repeat(29)}`,
    ]);
    expect(answers.map(({ bytes }) => bytes)).toEqual([15, 19, 1295, 291, 39]);
  });

  it("the reader's own number is no secret", async () => {
    const { log, exchange } = makeLog();
    await exchange('samId', reply(0x90, [5, 0, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
    expect(log.since(1)[0]?.hex).toContain('90 05 00 01 00 01 02 03 04 05 06 07 08 09 0A 0B 0C');
  });

  it('an answer that never came, or came damaged, says so', async () => {
    const { log, exchange } = makeLog();
    await exchange('find', new CodedError('ID_CARD_TIMEOUT', 'no answer in 1000 ms'), 1000);
    expect(log.since(1)).toMatchObject([
      { hex: '', bytes: 0, status: '', meaning: 'ID_CARD_TIMEOUT: no answer in 1000 ms', tookMs: 1000 },
    ]);
  });

  it('half an hour of waiting is a few entries, and the first poll after something else is seen at once', async () => {
    const { clock, log, exchange } = makeLog();
    await exchange('samStatus', reply(0x90));
    for (let i = 0; i < 9000; i++) {
      await exchange('find', reply(0x80));
      if (i === 0) expect(log.since(2).map(({ times }) => times)).toEqual([1, 1]);
      await clock.advance(195);
    }
    const found = log.since(2).map(({ command, direction, times }) => [command, direction, times]);
    expect(found.slice(0, 2)).toEqual([
      ['find', 'out', 1],
      ['find', 'in', 1],
    ]);
    expect(found).toHaveLength(4);
    expect(found[3]?.[2]).toBeGreaterThan(8900);

    await exchange('find', reply(0x9f, [0, 0, 0, 0]));
    expect(log.since(2).map(({ status, times }) => [status, times])).toEqual([
      ['', 1],
      ['80', 1],
      ['', 9000],
      ['80', 9000],
      ['', 1],
      ['9F', 1],
    ]);
  });

  it('whoever asks again gets what is new, in order', async () => {
    const { log, exchange } = makeLog();
    await exchange('samStatus', reply(0x90));
    const [first] = log.since(0).slice(-1);
    await exchange('samId', reply(0x90, new Array<number>(16).fill(1)));
    expect(log.since(first?.seq ?? 0).map(({ command }) => command)).toEqual(['samId', 'samId']);
    expect(log.since(99)).toEqual([]);
  });

  it('keeps no more than 400 frames', async () => {
    const { log, exchange } = makeLog();
    for (let i = 0; i < 1000; i++) await exchange('select', reply(0x81), 0);
    const frames = log.since(0);
    expect(frames).toHaveLength(400);
    expect(frames.at(-1)?.seq).toBe(2000);
  });
});

describe('the log of a real desk', () => {
  it('has a reading in order, and no four bytes of the card', async () => {
    const clock = createFakeClock();
    const frames = createFrameLog(clock);
    const desk = await waiting({ reader: { frames }, real: { latency: READ_TAKES } });
    desk.real.cards.place('yi');
    await desk.clock.until(() => desk.reads.length === 1, 5000);
    const entries = frames.since(0);
    const sent = entries.filter(({ direction }) => direction === 'out').map(({ command }) => command);
    expect(sent.slice(0, 2)).toEqual(['samStatus', 'samId']);
    expect(sent.slice(-4)).toEqual(['find', 'select', 'readBase', 'readAppended']);
    const logged = entries.map(({ hex }) => hex.replaceAll(' ', '')).join('\n');
    const { text, appended } = demoPeople().find(({ id }) => id === 'yi')!;
    const card = Buffer.from([...text, ...appended!])
      .toString('hex')
      .toUpperCase();
    for (let at = 0; at + 8 <= card.length; at += 2)
      expect(logged.includes(card.slice(at, at + 8)), card.slice(at, at + 8)).toBe(false);
  });
});
