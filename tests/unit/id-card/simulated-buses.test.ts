import { beforeEach, describe, expect, it } from 'vitest';
import { DEVICE_ENDS } from '../../../electron/adapters/simulated/card-reader/device-ends.ts';
import type { ReaderKind } from '../../../electron/adapters/simulated/card-reader/device-ends.ts';
import {
  createSimulatedReader,
  DEMO_LATENCY,
  NO_LATENCY,
} from '../../../electron/adapters/simulated/card-reader/simulated-reader.ts';
import type { SimulatedReader } from '../../../electron/adapters/simulated/card-reader/simulated-reader.ts';
import { encodeRequest } from '../../../electron/core/id-card/sam-frame.ts';
import type { ClockPort } from '../../../electron/core/ports/clock.ts';
import type { DeviceAccess } from '../../../electron/core/ports/reader-device.ts';
import { parseCardText } from '../../../shared/domain/card/parse-card-text.ts';
import { cable } from './cable.ts';
import { phase, waiting } from './desk.ts';
import { createFakeClock, settled } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';
import { bytesOf, hexOf } from './hex.ts';

const FIND = '20 01';
const SELECT = '20 02';
const READ = '30 01';

let clock: FakeClock;
let reader: SimulatedReader;
beforeEach(() => {
  clock = createFakeClock();
  reader = createSimulatedReader({ clock, carrier: 'len8', latency: NO_LATENCY });
});

describe('on every bus', () => {
  const kinds = Object.keys(DEVICE_ENDS) as ReaderKind[];

  it.each(kinds)('%s is listed on its bus only and opened only in its own way', async (carrier) => {
    const one = createSimulatedReader({ clock, carrier, latency: NO_LATENCY });
    const { bus } = DEVICE_ENDS[carrier].device;
    for (const other of ['hid', 'usb', 'serial', 'library'] as const) {
      expect(await one.port.list([other])).toHaveLength(other === bus ? 1 : 0);
    }
    const wrong: DeviceAccess = bus === 'serial' ? { bus: 'hid' } : { bus: 'serial', baudRate: 115200 };
    await expect(one.port.open('simulated', wrong)).rejects.toThrow(`hangs on bus ${bus}`);
  });

  it.each(kinds)(
    '%s: the setting that takes it into use reads a card with everything in it',
    async (carrier) => {
      const desk = await waiting({
        real: { carrier, latency: DEMO_LATENCY },
        reader: { profile: DEVICE_ENDS[carrier].choice, readFingerprint: true },
      });
      desk.real.cards.place('yi');
      await desk.clock.until(() => desk.reads.length === 1, 5000);
      expect(desk.reads[0]).toMatchObject({
        document: { name: '测试乙', latestAddress: '浙江省杭州市临平区演示大道88号3幢2单元601室' },
      });
      expect(desk.reads[0]!.fingerprints).toHaveLength(2);
      await desk.reader.stop();
    },
  );

  it('bulk: header and body are answered on their own pipes, and requests are taken on theirs only', async () => {
    const one = createSimulatedReader({ clock, carrier: 'bulk', latency: NO_LATENCY });
    const access: DeviceAccess = { bus: 'usb', interface: 0, out: [0x02, 0x06], in: [0x81, 0x85] };
    const connection = await one.port.open('simulated', access);
    const packets: string[] = [];
    connection.onPacket(({ pipe, bytes }) => void packets.push(`${pipe.toString(16)} ${hexOf(bytes)}`));
    const send = async (...parts: [number, string][]): Promise<void> => {
      for (const [pipe, hex] of parts) await connection.write({ pipe, bytes: bytesOf(hex) }, 100);
      await clock.advance(10);
    };
    await send([2, 'AA AA AA 96 69 00 03'], [6, '20 01 22']);
    expect(packets).toEqual(['81 AA AA AA 96 69 00 04', '85 00 00 80 84']);
    packets.length = 0;
    await send([2, 'AA AA AA 96 69 00 03 20 01 22']);
    await send([6, 'AA AA AA 96 69 00 03'], [6, '20 01 22']);
    expect(packets).toEqual([]);
    await expect(connection.write({ pipe: 7, bytes: bytesOf('00') }, 100)).rejects.toThrow('no such pipe');
    const others: DeviceAccess = { ...access, in: [0x82] };
    await connection.close();
    await expect(one.port.open('simulated', others)).rejects.toThrow('no such pipes');
  });

  it('bulk: a body that is heard before its header is read all the same', async () => {
    const desk = await waiting({ real: { carrier: 'bulk', bodyFirst: true } });
    desk.real.cards.place('rare');
    await desk.clock.until(() => desk.reads.length === 1, 5000);
    expect(desk.reads[0]!.document.name).toMatch(/𠮷/u);
    await desk.reader.stop();
  });

  it('uart: at the wrong speed nothing is heard; the driver finds the right one, and 60 xx changes it', async () => {
    const desk = await waiting({
      real: { carrier: 'uart', baudRate: 19200 },
      reader: { profile: 'uart@simulated' },
    });
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reads.length === 1, 5000);
    await desk.reader.stop();
    const one = createSimulatedReader({ clock, carrier: 'uart', latency: NO_LATENCY });
    const at = async (baudRate: number, hex: string): Promise<string> => {
      const connection = await one.port.open('simulated', { bus: 'serial', baudRate });
      const bytes: number[] = [];
      connection.onPacket((packet) => void bytes.push(...packet.bytes));
      const [command = 0, parameter = 0] = bytesOf(hex);
      await connection.write({ pipe: 0, bytes: encodeRequest(command, parameter) }, 100);
      await clock.advance(10);
      await connection.close();
      return hexOf(Uint8Array.from(bytes));
    };
    expect(await at(9600, '11 FF')).toBe('');
    expect(await at(115200, '60 04')).toBe('AA AA AA 96 69 00 04 00 00 90 94');
    expect(await at(115200, '11 FF')).toBe('');
    expect(await at(9600, '11 FF')).toBe('AA AA AA 96 69 00 04 00 00 90 94');
  });
});

describe('what else goes wrong in the field', () => {
  it('on a machine too busy for its timers the pieces of an answer stay in order', async () => {
    // Whatever has become due runs last things first, as timers of different lengths may on a busy machine.
    let now = 0;
    let timers: { due: number; run: () => void }[] = [];
    const busy: ClockPort = {
      now: () => now,
      monotonic: () => now,
      after(ms, run) {
        const timer = { due: now + ms, run };
        timers.push(timer);
        return () => (timers = timers.filter((other) => other !== timer));
      },
    };
    const one = createSimulatedReader({ clock: busy, carrier: 'uart' });
    const connection = await one.port.open('simulated', { bus: 'serial', baudRate: 115_200 });
    const bytes: number[] = [];
    connection.onPacket((packet) => void bytes.push(...packet.bytes));
    const ask = async (command: number, parameter: number): Promise<Uint8Array> => {
      bytes.length = 0;
      await connection.write({ pipe: 0, bytes: encodeRequest(command, parameter) }, 100);
      for (let i = 0; i < 200; i++) {
        now += 100;
        const due = timers.filter((timer) => timer.due <= now);
        timers = timers.filter((timer) => timer.due > now);
        for (const timer of due.reverse()) timer.run();
        await settled();
      }
      return Uint8Array.from(bytes);
    };
    one.cards.place('macao');
    await ask(0x20, 0x01);
    await ask(0x20, 0x02);
    const answer = await ask(0x30, 0x01);
    expect(answer).toHaveLength(1295);
    expect(parseCardText(answer.slice(14, 270))).toMatchObject({ type: 'hmt', passNumber: 'M00000001' });
  });

  it('SW1 and SW2 are the card’s own with 31, 41, 47 and 81, and zero with the others', async () => {
    const { send } = await cable(reader, clock);
    for (const [status, frame] of [
      [0x31, 'AA AA AA 96 69 00 04 6A 82 31 DD'],
      [0x41, 'AA AA AA 96 69 00 04 6A 82 41 AD'],
      [0x47, 'AA AA AA 96 69 00 04 6A 82 47 AB'],
      [0x81, 'AA AA AA 96 69 00 04 6A 82 81 6D'],
      [0x32, 'AA AA AA 96 69 00 04 00 00 32 36'],
    ] as const) {
      reader.faults.add({ on: 'find', status });
      expect(hexOf(await send(FIND))).toBe(frame);
    }
    reader.faults.add({ on: 'find', status: 0x24, sw: [0x12, 0x34] });
    expect(hexOf(await send(FIND))).toBe('AA AA AA 96 69 00 04 12 34 24 06');
  });

  it('the answer of a handheld module that ran out of time is ten bytes that are no frame', async () => {
    const { send } = await cable(reader, clock);
    reader.faults.add({ on: 'find', odd: true });
    expect(hexOf(await send(FIND))).toBe('AA AA AA 96 69 00 05 05 05 05');
  });

  it('a card lifted as it is read gives 41', async () => {
    const { status } = await cable(reader, clock);
    reader.cards.place('jia');
    await status(FIND);
    await status(SELECT);
    reader.faults.add({ on: 'read', lift: true });
    expect([await status(READ), await status(FIND)]).toEqual(['41', '80']);
  });

  it('a module that needs no select reads after find; the others answer 21', async () => {
    for (const [selectNeeded, answer] of [
      [true, '21'],
      [false, '90'],
    ] as const) {
      const one = createSimulatedReader({ clock, carrier: 'len8', latency: NO_LATENCY, selectNeeded });
      const { status } = await cable(one, clock);
      one.cards.place('jia');
      expect(await status(READ)).toBe('21');
      await status(FIND);
      expect(await status(READ)).toBe(answer);
    }
  });

  it('only the maker’s own reader knows its antenna command', async () => {
    expect(await (await cable(reader, clock)).status('FA 11')).toBe('21');
  });

  it.each(['dk', 'bulk'] as const)(
    'a module that decodes in a cloud is known for it (%s)',
    async (carrier) => {
      const desk = await waiting({ real: { carrier } });
      desk.real.faults.add({ on: 'any', times: Infinity, cloudOnly: true });
      await desk.clock.until(() => phase(desk) === 'error:ID_CARD_CLOUD_ONLY', 5000);
      await desk.reader.stop();
    },
  );
});
