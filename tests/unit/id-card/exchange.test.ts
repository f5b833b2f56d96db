import { beforeEach, describe, expect, it } from 'vitest';
import { overReports } from '../../../electron/core/id-card/carriers/carrier.ts';
import { rawCarrier } from '../../../electron/core/id-card/carriers/raw.ts';
import { createExchange } from '../../../electron/core/id-card/exchange.ts';
import type { Exchange } from '../../../electron/core/id-card/exchange.ts';
import { readerProfileSchema } from '../../../electron/core/id-card/reader-profile.ts';
import { COMMANDS } from '../../../electron/core/id-card/sam-commands.ts';
import { encodeReply } from '../../../electron/core/id-card/sam-frame.ts';
import { createSamLink } from '../../../electron/core/id-card/sam-link.ts';
import { createFakeClock, settled } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';

const FOUND = encodeReply({ sw1: 0, sw2: 0, sw3: 0x9f, data: new Uint8Array(4) });
const NO_CARD = encodeReply({ sw1: 0, sw2: 0, sw3: 0x80, data: new Uint8Array() });
const DONE = encodeReply({ sw1: 0, sw2: 0, sw3: 0x90, data: new Uint8Array() });

const log = { write: () => undefined };
let clock: FakeClock;
let written: number[][];
let onWrite: () => Promise<void>;
let hear: (bytes: Uint8Array) => void;
let hearItself: (bytes: Uint8Array) => void;
let cut: (reason: string) => void;
let exchange: Exchange;
beforeEach(() => {
  clock = createFakeClock();
  written = [];
  onWrite = () => Promise.resolve();
  exchange = createExchange({
    clock,
    log,
    carrier: overReports(rawCarrier(64, 0)),
    connection: {
      write({ bytes }) {
        written.push([...bytes.subarray(7, 9)]);
        return onWrite();
      },
      onPacket(listener) {
        hearItself = (bytes) => listener({ bytes, pipe: 0 });
        // The packet is the exchange's; the answers above are for every test.
        hear = (bytes) => hearItself(bytes.slice());
      },
      onClosed: (listener) => (cut = listener),
      close: () => Promise.resolve(),
    },
  });
});

/** How a promise stands, without waiting for it. */
function watch<T>(promise: Promise<T>): { value: T | undefined; code: string | undefined } {
  const seen: { value: T | undefined; code: string | undefined } = { value: undefined, code: undefined };
  promise.then(
    (value) => (seen.value = value),
    (error: unknown) => (seen.code = (error as { code: string }).code),
  );
  return seen;
}

describe('one command over one device', () => {
  it('is answered with the moment of the last byte', async () => {
    const find = watch(exchange.request(COMMANDS.find));
    await clock.advance(30);
    hear(FOUND.subarray(0, 8));
    await clock.advance(40);
    hear(FOUND.subarray(8));
    await settled();
    expect(find.value).toMatchObject({ sw3: 0x9f, lastByteAt: clock.now() });
    expect(clock.timers()).toBe(0);
  });

  it('leaves nothing of an answer in the packets that brought it, wanted or not', async () => {
    const data = Uint8Array.from({ length: 1284 }, (_, i) => i | 1);
    const packet = encodeReply({ sw1: 0, sw2: 0, sw3: 0x90, data });
    const late = packet.slice();
    const read = watch(exchange.request(COMMANDS.readBase));
    await settled();
    hearItself(packet);
    await settled();
    expect(read.value?.data).toEqual(data);
    hearItself(late);
    for (const bytes of [packet, late]) expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  it('waits its turn: the next is sent only when the one before is answered', async () => {
    const first = watch(exchange.request(COMMANDS.samStatus));
    const second = watch(exchange.request(COMMANDS.find));
    await settled();
    expect(written).toEqual([[0x11, 0xff]]);
    hear(DONE);
    await settled();
    expect(written).toEqual([
      [0x11, 0xff],
      [0x20, 0x01],
    ]);
    hear(NO_CARD);
    await settled();
    expect([first.value?.sw3, second.value?.sw3]).toEqual([0x90, 0x80]);
  });

  it('does not take the late answer to the command before', async () => {
    const status = watch(exchange.request(COMMANDS.samStatus));
    await clock.advance(1000);
    expect(status.code).toBe('ID_CARD_TIMEOUT');
    const find = watch(exchange.request(COMMANDS.find));
    await clock.advance(60);
    hear(DONE);
    await settled();
    expect(find).toEqual({ value: undefined, code: undefined });
    hear(FOUND);
    await settled();
    expect(find.value?.sw3).toBe(0x9f);
  });

  it('after a failure waits until the line is quiet, so that the rest of an old answer is not read as a new one', async () => {
    const first = watch(exchange.request(COMMANDS.find));
    await clock.advance(1000);
    expect(first.code).toBe('ID_CARD_TIMEOUT');
    const second = watch(exchange.request(COMMANDS.find));
    await clock.advance(30);
    hear(FOUND);
    await clock.advance(60);
    expect(written).toHaveLength(1);
    await clock.advance(60);
    expect(written).toHaveLength(2);
    hear(NO_CARD);
    await settled();
    expect(second.value?.sw3).toBe(0x80);
  });

  it('forgets the half answer of the command before', async () => {
    const first = watch(exchange.request(COMMANDS.find));
    await clock.advance(990);
    hear(Uint8Array.of(0xaa, 0xaa, 0xaa, 0x96, 0x69, 0x00, 0x20));
    await clock.advance(10);
    expect(first.code).toBe('ID_CARD_TIMEOUT');
    const second = watch(exchange.request(COMMANDS.find));
    await clock.advance(100);
    hear(NO_CARD);
    await settled();
    expect(second.value?.sw3).toBe(0x80);
  });

  it('with a damaged answer fails soon, not at the time limit', async () => {
    const find = watch(exchange.request(COMMANDS.find));
    await settled();
    const bad = FOUND.slice();
    bad[14]! ^= 1;
    hear(bad);
    await clock.advance(59);
    expect(find.code).toBeUndefined();
    await clock.advance(1);
    expect(find.code).toBe('ID_CARD_BAD_FRAME');
  });

  it('with an answer that stops half-way fails after the silence', async () => {
    const read = watch(exchange.request(COMMANDS.readBase));
    await clock.advance(700);
    hear(Uint8Array.of(0xaa, 0xaa, 0xaa, 0x96, 0x69, 0x05, 0x08, 0, 0, 0x90));
    await clock.advance(499);
    expect(read.code).toBeUndefined();
    await clock.advance(1);
    expect(read.code).toBe('ID_CARD_BAD_FRAME');
  });

  it('reports that nobody asked for are thrown away', async () => {
    hear(FOUND);
    const find = watch(exchange.request(COMMANDS.find));
    await settled();
    expect(find.value).toBeUndefined();
    hear(NO_CARD);
    await settled();
    expect(find.value?.sw3).toBe(0x80);
  });
});

describe('a device that goes away', () => {
  it('in the middle rejects the command and those behind it', async () => {
    const first = watch(exchange.request(COMMANDS.find));
    const second = watch(exchange.request(COMMANDS.find));
    await settled();
    cut('unplugged');
    await clock.advance(200);
    expect([first.code, second.code]).toEqual(['ID_CARD_READER_FAILED', 'ID_CARD_READER_FAILED']);
    expect(written).toHaveLength(1);
    expect(clock.timers()).toBe(0);
  });

  it('while it is written to rejects the command', async () => {
    onWrite = () => Promise.reject(new Error('EIO'));
    const find = watch(exchange.request(COMMANDS.find));
    await settled();
    expect(find.code).toBe('ID_CARD_READER_FAILED');
  });

  it('without taking the report and without failing either is given up at the time limit', async () => {
    onWrite = () => new Promise(() => undefined);
    const find = watch(exchange.request(COMMANDS.find));
    await clock.advance(1000);
    expect(find.code).toBe('ID_CARD_TIMEOUT');
  });

  it('by our own closing rejects the command at once', async () => {
    const find = watch(exchange.request(COMMANDS.find));
    await settled();
    await exchange.close();
    await settled();
    expect(find.code).toBe('ID_CARD_READER_FAILED');
  });
});

describe('the link to the SAM', () => {
  const profile = readerProfileSchema.parse({
    id: 'x',
    name: 'X',
    framing: { kind: 'raw' },
    limitsMs: { find: 300 },
  });
  const link = () => createSamLink({ exchange, profile, clock, log, signal: new AbortController().signal });

  it('takes one lost answer for a failure of the command, two in a row for a dead reader', async () => {
    const sam = link();
    const first = watch(sam.ask('find'));
    await clock.advance(300);
    expect(first.code).toBe('ID_CARD_TIMEOUT');
    const second = watch(sam.ask('find'));
    await clock.advance(400);
    expect(second.code).toBe('ID_CARD_READER_FAILED');
  });

  it('an answer in between makes it alive again', async () => {
    const sam = link();
    for (let n = 0; n < 3; n++) {
      const lost = watch(sam.ask('find'));
      await clock.advance(400);
      expect(lost.code).toBe('ID_CARD_TIMEOUT');
      const found = watch(sam.ask('find'));
      await clock.advance(60);
      hear(NO_CARD);
      await settled();
      expect(found.value?.sw3).toBe(0x80);
    }
  });
});
