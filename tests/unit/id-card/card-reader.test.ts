import { describe, expect, it } from 'vitest';
import type { ReaderDevicePort } from '../../../electron/core/ports/reader-device.ts';
import { demoDocument } from '../../fixtures/cards.ts';
import { phase, READ_TAKES, waiting } from './desk.ts';
import { settled } from './fake-clock.ts';

/** The port, with something done just before each report is heard. */
function watchedReports(port: ReaderDevicePort, before: () => void): ReaderDevicePort {
  return {
    list: (buses) => port.list(buses),
    async open(path, access) {
      const connection = await port.open(path, access);
      return {
        ...connection,
        onPacket: (listener) =>
          connection.onPacket((packet) => {
            before();
            listener(packet);
          }),
      };
    },
  };
}

describe('a card on the reader', () => {
  it('is read, reminded of, and lifted', async () => {
    const desk = await waiting();
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reads.length === 1, 1000);
    expect(desk.reads[0]!.document).toEqual(demoDocument('jia'));
    await desk.clock.advance(4000);
    desk.real.cards.lift();
    await desk.clock.advance(500);
    expect(desk.phases()).toEqual(['reading', 'read', 'lift', 'waiting']);
    expect(desk.reads).toHaveLength(1);
  });

  it('gives the photo as the chip holds it, an id of its own, and the moment of the last byte', async () => {
    const desk = await waiting({ real: { latency: READ_TAKES } });
    desk.real.cards.place('macao');
    await desk.clock.until(() => desk.reads.length === 1, 3000);
    const [read] = desk.reads;
    expect(read!.lastByteAt).toBe(desk.reader.status().since);
    expect(read!.readId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is found within the poll interval and then read without any pause of ours', async () => {
    const desk = await waiting({ real: { latency: READ_TAKES } });
    const placedAt = desk.clock.monotonic();
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reads.length === 1, 3000);
    // Poll (200 + 20 for the find under way), find, select, read, appended; 20 ms is the test's own step.
    expect(desk.clock.monotonic() - placedAt).toBeLessThanOrEqual(220 + 20 + 30 + 700 + 30 + 20);
    expect(desk.real.requests.slice(-3)).toEqual(['20 02', '30 01', '30 03']);
  });

  it('left lying for ten minutes is one event', async () => {
    const desk = await waiting();
    desk.real.cards.place('jia');
    await desk.clock.advance(600_000);
    expect(desk.reads).toHaveLength(1);
    expect(phase(desk)).toBe('lift');
  });

  it.each([0x24, 0x60, 0x10])(
    'left lying on a reader that stumbles (status %i) and is reset is one event',
    async (status) => {
      const desk = await waiting();
      desk.real.cards.place('jia');
      await desk.clock.until(() => desk.reads.length === 1, 1000);
      desk.real.faults.add({ on: 'appended', status, times: 4 });
      desk.real.faults.add({ on: 'find', status: 0x24, times: 2 });
      await desk.clock.advance(60_000);
      expect(desk.real.requests).toContain('10 ff');
      expect(desk.reads).toHaveLength(1);
      desk.real.cards.lift();
      await desk.clock.advance(500);
      desk.real.cards.place('jia');
      await desk.clock.until(() => desk.reads.length === 2, 1000);
    },
  );

  it('is not looked for with 20 01 while it lies there after its reading', async () => {
    const desk = await waiting();
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reads.length === 1, 1000);
    desk.real.requests.length = 0;
    await desk.clock.advance(5000);
    expect(new Set(desk.real.requests)).toEqual(new Set(['30 03']));
    expect(desk.real.requests.length).toBeGreaterThanOrEqual(24);
  });

  it('lifted and laid down again is a new reading', async () => {
    const desk = await waiting();
    for (let n = 1; n <= 3; n++) {
      desk.real.cards.place('jia');
      await desk.clock.until(() => desk.reads.length === n, 1000);
      desk.real.cards.lift();
      await desk.clock.advance(300);
    }
    expect(new Set(desk.reads.map((read) => read.readId)).size).toBe(3);
  });

  it('taken away and put back within a moment is a new reading, too', async () => {
    const desk = await waiting();
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reads.length === 1, 1000);
    desk.real.cards.lift();
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reads.length === 2, 1000);
  });

  it('exchanged for the card of the next person gives that person', async () => {
    const desk = await waiting();
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reads.length === 1, 1000);
    desk.real.cards.place('minority');
    await desk.clock.until(() => desk.reads.length === 2, 1000);
    expect(desk.reads.map((read) => read.document.name)).toEqual(['测试甲', '演示古丽·测试阿卜杜热合曼']);
  });

  it('with an appended address gives the latest one', async () => {
    const desk = await waiting();
    desk.real.cards.place('yi');
    await desk.clock.until(() => desk.reads.length === 1, 1000);
    expect(desk.reads[0]!.document).toMatchObject({
      address: '北京市延庆区演示街2号',
      latestAddress: '浙江省杭州市临平区演示大道88号3幢2单元601室',
    });
  });

  it('whose appended address does not come is delivered without it, soon', async () => {
    const desk = await waiting();
    desk.real.faults.add({ on: 'appended', silent: true });
    desk.real.cards.place('yi');
    await desk.clock.until(() => desk.reads.length === 1, 700);
    expect(desk.reads[0]!.document.latestAddress).toBe('');
  });

  it('of every kind is read over every carrier', async () => {
    for (const carrier of ['miaxis', 'dk', 'raw', 'len8'] as const) {
      const choice = { raw: 'generic-raw@0000:0001', len8: 'generic-len8@0000:0008' };
      const profile = carrier === 'raw' || carrier === 'len8' ? choice[carrier] : undefined;
      const desk = await waiting({ real: { carrier }, reader: profile ? { profile } : {} });
      for (const { id } of desk.real.cards.list()) {
        desk.reads.length = 0;
        desk.real.cards.place(id);
        await desk.clock.until(() => desk.reads.length === 1, 1000);
        expect({ ...desk.reads[0]!.document, latestAddress: '' }).toEqual(demoDocument(id));
      }
      await desk.reader.stop();
    }
  });

  it('costs less than 2 ms from its last byte to the event', async () => {
    let lastReportAt = 0;
    const desk = await waiting({
      reader: { readLatestAddress: false },
      devices: (real) => watchedReports(real, () => (lastReportAt = performance.now())),
    });
    const costs: number[] = [];
    desk.reader.onRead(() => void costs.push(performance.now() - lastReportAt));
    for (let n = 1; n <= 31; n++) {
      desk.real.cards.place(n % 2 ? 'jia' : 'yi');
      await desk.clock.until(() => desk.reads.length === n, 1000);
    }
    costs.sort((a, b) => a - b);
    // The median, because the machine has other work to do.
    expect(costs[15]).toBeLessThan(2);
  });
});

describe('the end', () => {
  it.each(['waiting', 'reading', 'lift'])(
    'stopping while %s leaves no timer and no event behind',
    async (when) => {
      const desk = await waiting({ real: { latency: READ_TAKES } });
      if (when !== 'waiting') desk.real.cards.place('jia');
      await desk.clock.until(() => desk.reader.status().phase === when, 6000);
      const reads = desk.reads.length;
      let stopped = false;
      void desk.reader.stop().then(() => (stopped = true));
      await settled();
      await desk.clock.advance(10);
      expect(stopped).toBe(true);
      expect(desk.reader.status()).toMatchObject({ phase: 'absent', reader: null });
      await desk.clock.advance(10_000);
      expect(desk.clock.timers()).toBe(0);
      expect(desk.reads).toHaveLength(reads);
      expect(await desk.real.port.open('simulated', { bus: 'hid' })).toBeDefined();
    },
  );

  it('a listener that throws stops neither the reader nor the others', async () => {
    const desk = await waiting();
    const close = desk.reader.onRead(() => {
      throw new Error('a mistake in a window');
    });
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reads.length === 1, 1000);
    expect(desk.log.some((line) => line.level === 'error')).toBe(true);
    close();
    desk.real.cards.place('yi');
    await desk.clock.until(() => desk.reads.length === 2, 1000);
  });

  it('no log line carries a number or a name', async () => {
    const desk = await waiting();
    desk.real.faults.add({ on: 'read', damage: 'checksum', times: 3 });
    for (const { id } of desk.real.cards.list()) {
      desk.real.cards.place(id);
      await desk.clock.advance(3000);
    }
    expect(desk.reads.length).toBeGreaterThan(10);
    const log = JSON.stringify(desk.log);
    for (const { document } of desk.reads) {
      expect(log).not.toContain(document.number);
      expect(log).not.toContain(document.name || document.latinName);
    }
  });
});
