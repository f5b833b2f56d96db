import { beforeEach, describe, expect, it } from 'vitest';
import {
  createSimulatedReader,
  DEMO_LATENCY,
  NO_LATENCY,
} from '../../../electron/adapters/simulated/card-reader/simulated-reader.ts';
import type { SimulatedReader } from '../../../electron/adapters/simulated/card-reader/simulated-reader.ts';
import { checkCitizenNumber } from '../../../shared/domain/card/citizen-number.ts';
import { ethnicityName, sexName } from '../../../shared/domain/card/code-tables.ts';
import { parseCardText } from '../../../shared/domain/card/parse-card-text.ts';
import { demoPeople } from '../../fixtures/cards.ts';
import { cable } from './cable.ts';
import { createFakeClock } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';
import { bytesOf, hexOf } from './hex.ts';

const STATUS = '11 FF';
const FIND = '20 01';
const SELECT = '20 02';
const READ = '30 01';
const APPENDED = '30 03';

let clock: FakeClock;
let reader: SimulatedReader;
beforeEach(() => {
  clock = createFakeClock();
  reader = createSimulatedReader({ clock, carrier: 'len8', latency: NO_LATENCY });
});

describe('the simulated SAM', () => {
  it('answers 60 until its self-test is over, also after a reset', async () => {
    const slow = createSimulatedReader({ clock, carrier: 'len8', latency: NO_LATENCY, selfTestMs: 500 });
    const { status } = await cable(slow, clock);
    expect(await status(STATUS)).toBe('60');
    await clock.advance(500);
    expect([await status(STATUS), await status('10 FF'), await status(FIND)]).toEqual(['90', '90', '60']);
    await clock.advance(500);
    expect(await status(FIND)).toBe('80');
  });

  it('goes through find, select and read only in this order', async () => {
    const { status } = await cable(reader, clock);
    expect([await status(FIND), await status(SELECT), await status(READ)]).toEqual(['80', '81', '21']);
    reader.cards.place('jia');
    expect([await status(SELECT), await status(READ), await status(APPENDED)]).toEqual(['81', '21', '21']);
    expect([await status(FIND), await status(READ)]).toEqual(['9F', '21']);
    expect([await status(SELECT), await status(READ)]).toEqual(['90', '90']);
  });

  it('does not find a read card again until it is lifted, and 30 03 shows whether it lies there', async () => {
    const { status } = await cable(reader, clock);
    reader.cards.place('jia');
    for (const command of [FIND, SELECT, READ]) await status(command);
    expect([await status(FIND), await status(APPENDED)]).toEqual(['80', '91']);
    reader.cards.lift();
    expect([await status(APPENDED), await status(FIND)]).toEqual(['41', '80']);
    reader.cards.place('yi');
    expect([await status(APPENDED), await status(FIND)]).toEqual(['21', '9F']);
  });

  it('finds a read card again after a reset, because the field dropped', async () => {
    const { status } = await cable(reader, clock);
    reader.cards.place('jia');
    for (const command of [FIND, SELECT, READ]) await status(command);
    expect([await status('10 FF'), await status(FIND)]).toEqual(['90', '9F']);
  });

  it('reading fails with 41 when the card is lifted meanwhile', async () => {
    const slow = createSimulatedReader({ clock, carrier: 'len8', latency: DEMO_LATENCY });
    const { status, send } = await cable(slow, clock);
    slow.cards.place('jia');
    await status(FIND, 20);
    await status(SELECT, 30);
    expect(await send(READ, 200)).toHaveLength(0);
    slow.cards.lift();
    await clock.advance(600);
    expect(await status(FIND, 20)).toBe('80');
  });

  it('takes the time of a real reader: 700 ms for a base read in 24 reports', async () => {
    const slow = createSimulatedReader({ clock });
    const connection = await slow.port.open('simulated', { bus: 'hid' });
    const arrivals: number[] = [];
    connection.onPacket(() => void arrivals.push(clock.monotonic()));
    const report = (hex: string): Uint8Array => {
      const bytes = new Uint8Array(64);
      bytes.set(bytesOf(hex));
      return bytes;
    };
    slow.cards.place('jia');
    await connection.write(
      { bytes: report('88 00 00 0B 00 B1 AA AA AA 96 69 00 03 20 01 22 FF 03'), pipe: 0 },
      100,
    );
    await clock.advance(100);
    await connection.write(
      { bytes: report('88 00 00 0B 00 B1 AA AA AA 96 69 00 03 20 02 21 FF 03'), pipe: 0 },
      100,
    );
    await clock.advance(100);
    const start = clock.monotonic();
    arrivals.length = 0;
    await connection.write(
      { bytes: report('88 00 00 0B 00 B1 AA AA AA 96 69 00 03 30 01 32 1F 04'), pipe: 0 },
      100,
    );
    await clock.advance(1000);
    expect(arrivals).toHaveLength(24);
    expect(arrivals[0]! - start).toBeGreaterThan(400);
    expect(arrivals[23]! - start).toBeCloseTo(700, 6);
  });

  it('answers a damaged request with 10, a senseless length with 11, an unknown command with 21', async () => {
    const { sendFrame, status } = await cable(reader, clock);
    const wrongCheck = await sendFrame(bytesOf('AA AA AA 96 69 00 03 20 01 23'));
    expect(hexOf(wrongCheck)).toBe('AA AA AA 96 69 00 04 00 00 10 14');
    const wrongLength = await sendFrame(bytesOf('AA AA AA 96 69 00 01 20'));
    expect(hexOf(wrongLength)).toBe('AA AA AA 96 69 00 04 00 00 11 15');
    expect(await status('55 55')).toBe('21');
  });

  it('gives its number, the management number and a read with fingerprints', async () => {
    const { send, status } = await cable(reader, clock);
    expect(hexOf(await send('12 FF'))).toBe(
      'AA AA AA 96 69 00 14 00 00 90 05 00 01 00 A5 3A 34 01 87 D6 12 00 B1 CB 74 00 67',
    );
    reader.cards.place('yi');
    await status(FIND);
    await status(SELECT);
    expect(await send('30 05')).toHaveLength(39);
    expect(await send('30 10')).toHaveLength(2321);
    expect(await send(APPENDED)).toHaveLength(291);
  });

  it.each([
    0x10, 0x11, 0x21, 0x23, 0x24, 0x31, 0x32, 0x33, 0x37, 0x3f, 0x40, 0x41, 0x47, 0x60, 0x66, 0x67, 0x69,
    0x80, 0x81, 0x91,
  ])('can be made to answer status %i', async (code) => {
    const { status } = await cable(reader, clock);
    reader.faults.add({ on: 'find', status: code });
    expect(await status(FIND)).toBe(code.toString(16).toUpperCase().padStart(2, '0'));
    expect(await status(FIND)).toBe('80');
  });
});

describe('its cable', () => {
  it('pulled out it vanishes from the list and tells the program once', async () => {
    const { connection } = await cable(reader, clock);
    const reasons: string[] = [];
    connection.onClosed((reason) => void reasons.push(reason));
    reader.faults.unplug();
    reader.faults.unplug();
    expect(reasons).toEqual(['unplugged']);
    expect(await reader.port.list(['hid'])).toEqual([]);
    await expect(connection.write({ bytes: new Uint8Array(64), pipe: 0 }, 100)).rejects.toThrow('unplugged');
    await expect(reader.port.open('simulated', { bus: 'hid' })).rejects.toThrow();
    reader.faults.plug();
    expect(await reader.port.list(['hid'])).toHaveLength(1);
    await reader.port.open('simulated', { bus: 'hid' });
  });

  it('can be opened by one program only', async () => {
    const { connection } = await cable(reader, clock);
    await expect(reader.port.open('simulated', { bus: 'hid' })).rejects.toThrow('in use');
    await connection.close();
    await reader.port.open('simulated', { bus: 'hid' });
  });

  it('an unknown demo card is refused by name', () => {
    expect(() => reader.cards.place('nobody')).toThrow('no such demo card');
  });
});

describe('the invented people', () => {
  const people = demoPeople().map((card) => ({ ...card, document: parseCardText(card.text, '2026-03-02') }));

  it('are of all four document types and can be told apart', () => {
    expect(new Set(people.map(({ document }) => document.type))).toEqual(
      new Set(['resident', 'hmt', 'foreign-2017', 'foreign-2023']),
    );
    expect(new Set(people.map(({ id }) => id)).size).toBe(people.length);
    expect(new Set(people.map(({ document }) => document.number)).size).toBe(people.length);
    expect(new Set(people.map(({ label }) => label)).size).toBe(people.length);
  });

  it('are clearly invented, with right check characters, births and sexes', () => {
    for (const { id, document } of people) {
      expect(document.name + document.latinName, id).toMatch(/测试|演示|TEST|YANSHI/);
      expect(checkCitizenNumber(document.number, document).problems, id).toEqual([]);
      expect(sexName(document.sex), id).not.toBeNull();
      if (document.type === 'resident') expect(ethnicityName(document.ethnicity), id).not.toBeNull();
    }
  });

  it('have the published test numbers among them', () => {
    const numbers = people.map(({ document }) => document.number);
    expect(numbers).toEqual(
      expect.arrayContaining([
        '110101190001017777',
        '820000190001017772',
        '830000190001017774',
        '11010119000101009X',
        'PAK110000010118',
      ]),
    );
  });

  it('show every oddity a counter meets', () => {
    const by = (id: string) => people.find((person) => person.id === id)!.document;
    expect(by('rare').name).toMatch(/𠮷.*䶮.*㼆/u);
    expect(by('minority').name).toContain('·');
    expect(by('minority').name.length).toBeGreaterThan(12);
    expect(by('old')).toMatchObject({ longTerm: true, birth: '1938-02-14' });
    const odd = people.filter(({ document }) => document.warnings.length > 0);
    expect(odd.map(({ id, document }) => [id, document.warnings])).toEqual([
      ['expired', ['expired']],
      ['private-use', ['private-use-character']],
    ]);
  });
});
