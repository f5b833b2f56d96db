import { describe, expect, it } from 'vitest';
import type { Packet, ReaderDevicePort } from '../../../electron/core/ports/reader-device.ts';
import { demoDocument } from '../../fixtures/cards.ts';
import { createDesk, phase, READ_TAKES, waiting } from './desk.ts';

/** A DK module that decodes in its maker's cloud: whatever is asked of its SAM, it declines. */
function refusingDk(port: ReaderDevicePort): ReaderDevicePort {
  return {
    list: (buses) => port.list(buses),
    async open(path, access) {
      const connection = await port.open(path, access);
      let listener: (packet: Packet) => void = () => undefined;
      return {
        ...connection,
        onPacket: (next) => (listener = next),
        write() {
          const report = new Uint8Array(64);
          report.set([4, 0, 0x34, 0x6e, 0]);
          queueMicrotask(() => listener({ bytes: report, pipe: 0 }));
          return Promise.resolve();
        },
      };
    },
  };
}

describe('trouble with the reader', () => {
  it('connected, its SAM number is in the log for the support report', async () => {
    const desk = await waiting();
    expect(desk.log).toContainEqual({
      level: 'info',
      text: 'reader connected',
      data: { profile: 'miaxis', sam: '05.01-20200101-0001234567-0007654321' },
    });
  });

  it('unplugged in mid-read it says so, and back again it reads', async () => {
    const desk = await waiting({ real: { latency: READ_TAKES } });
    desk.real.faults.add({ on: 'read', unplug: 'half-way' });
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reader.status().phase === 'absent', 4000);
    expect(desk.reader.status()).toMatchObject({ error: 'ID_CARD_READER_MISSING', reader: null });
    await desk.clock.advance(30_000);
    expect(desk.reads).toHaveLength(0);
    desk.real.faults.plug();
    await desk.clock.until(() => desk.reads.length === 1, 4000);
    expect(desk.reads[0]!.document).toEqual(demoDocument('jia'));
  });

  it('with power of its own, unplugged in mid-read and back, it reads the card that it holds halted', async () => {
    const desk = await waiting({ real: { latency: READ_TAKES, ownPower: true } });
    desk.real.faults.add({ on: 'read', unplug: 'half-way' });
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reader.status().phase === 'absent', 4000);
    desk.real.faults.plug();
    await desk.clock.until(() => desk.reads.length === 1, 6000);
    expect(desk.reads[0]!.document).toEqual(demoDocument('jia'));
  });

  it('unplugged and back with the read card still on it, that card is not read twice', async () => {
    const desk = await waiting();
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reads.length === 1, 1000);
    desk.real.faults.unplug();
    await desk.clock.advance(2500);
    desk.real.faults.plug();
    await desk.clock.until(() => desk.reader.status().phase === 'lift', 5000);
    await desk.clock.advance(60_000);
    expect(desk.reads).toHaveLength(1);
    desk.real.cards.lift();
    await desk.clock.advance(500);
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reads.length === 2, 1000);
  });

  it('not authorised it says so, keeps saying so, and recovers when it is', async () => {
    const desk = await createDesk({ real: { attached: false } });
    desk.real.faults.add({ on: 'any', status: 0x66, times: 20 });
    desk.real.faults.plug();
    await desk.clock.until(() => desk.reader.status().phase === 'error', 3000);
    expect(desk.reader.status()).toMatchObject({
      error: 'ID_CARD_READER_NOT_AUTHORISED',
      reader: { profile: 'miaxis' },
    });
    desk.states.length = 0;
    await desk.clock.advance(30_000);
    expect(desk.states).toEqual([]);
    desk.real.faults.clear();
    await desk.clock.until(() => desk.reader.status().phase === 'waiting', 10_000);
  });

  it('still testing itself it is waited for', async () => {
    const desk = await createDesk({ real: { selfTestMs: 700 } });
    await desk.clock.until(() => desk.reader.status().phase === 'waiting', 5000);
    expect(desk.real.requests.slice(0, 4)).toEqual(['11 ff', '11 ff', '10 ff', '11 ff']);
  });

  it('stumbling twice it is reset', async () => {
    const desk = await waiting();
    desk.real.faults.add({ on: 'find', status: 0x24, times: 2 });
    await desk.clock.advance(3000);
    expect(desk.real.requests).toContain('10 ff');
    expect(phase(desk)).toBe('waiting');
    desk.real.cards.place('jia');
    await desk.clock.until(() => desk.reads.length === 1, 1000);
  });

  it('silent it is opened anew with growing pauses, and every try ends', async () => {
    const desk = await waiting();
    desk.real.faults.add({ on: 'any', silent: true, times: Infinity });
    await desk.clock.advance(60_000);
    // Not a timeout: that sentence tells the clerk to lift a card that is not there.
    expect(phase(desk)).toBe('connecting:ID_CARD_READER_FAILED');
    expect(desk.phases().join()).not.toContain('ID_CARD_TIMEOUT');
    expect(desk.real.requests.length).toBeGreaterThan(5);
    expect(desk.real.requests.length).toBeLessThan(25);
    desk.real.faults.clear();
    await desk.clock.until(() => desk.reader.status().phase === 'waiting', 10_000);
  });

  it('whose answers are all damaged is not a card to be lifted', async () => {
    const desk = await createDesk({ real: { attached: false } });
    desk.real.faults.add({ on: 'any', damage: 'checksum', times: Infinity });
    desk.real.faults.plug();
    await desk.clock.advance(20_000);
    expect(phase(desk)).toBe('connecting:ID_CARD_READER_FAILED');
  });

  it('that cannot be opened it is named and tried again', async () => {
    let refuse = true;
    const desk = await createDesk({
      devices: (real) => ({
        list: (buses) => real.list(buses),
        open: (path, access) =>
          refuse ? Promise.reject(new Error('permission denied')) : real.open(path, access),
      }),
    });
    await desk.clock.advance(20_000);
    expect(desk.reader.status()).toMatchObject({
      phase: 'connecting',
      error: 'ID_CARD_READER_FAILED',
      reader: { profile: 'miaxis' },
    });
    refuse = false;
    await desk.clock.until(() => desk.reader.status().phase === 'waiting', 6000);
  });

  it.each([
    ['list', 'absent:ID_CARD_READER_MISSING'],
    ['open', 'connecting:ID_CARD_READER_FAILED'],
  ])('whose %s never answers does not hold the program up', async (call, expected) => {
    const never = new Promise<never>(() => undefined);
    const desk = await createDesk({
      devices: (real) => ({ list: () => (call === 'list' ? never : real.list(['hid'])), open: () => never }),
    });
    await desk.clock.advance(20_000);
    expect(desk.phases()).toContain(expected);
    await desk.reader.stop();
  });

  it('opened too late it is closed again, so that nobody keeps it taken', async () => {
    let finish: () => void = () => undefined;
    let opens = 0;
    const desk = await createDesk({
      devices: (real) => ({
        list: (buses) => real.list(buses),
        async open(path, access) {
          opens += 1;
          if (opens === 1) await new Promise<void>((resolve) => (finish = resolve));
          return real.open(path, access);
        },
      }),
    });
    await desk.clock.advance(5500);
    expect(desk.reader.status()).toMatchObject({ phase: 'connecting', error: 'ID_CARD_READER_FAILED' });
    finish();
    await desk.clock.until(() => desk.reader.status().phase === 'waiting', 3000);
  });

  it('that is not found because the setting names no profile leaves a line in the log', async () => {
    const desk = await createDesk({ reader: { profile: 'deleted' } });
    await desk.clock.advance(10_000);
    expect(desk.reader.status()).toMatchObject({ phase: 'absent', error: 'ID_CARD_READER_MISSING' });
    expect(desk.log).toEqual([
      {
        level: 'warning',
        text: 'the setting reader.profile names no profile',
        data: { choice: 'deleted' },
      },
    ]);
  });

  it('known but unusable it is named in the log, once, and never written to', async () => {
    const ids = { vendorId: 0x10c4, productId: 0x8a1b };
    const senter = { bus: 'hid' as const, path: 'x', ...ids, product: '', manufacturer: '' };
    const desk = await createDesk({
      devices: () => ({
        list: () => Promise.resolve([senter]),
        open: () => Promise.reject(new Error('must not be opened')),
      }),
    });
    await desk.clock.advance(30_000);
    expect(desk.reader.status()).toMatchObject({ phase: 'absent', error: 'ID_CARD_READER_MISSING' });
    expect(desk.log).toHaveLength(1);
    expect(JSON.stringify(desk.log)).toContain('not published');
  });

  it('one damaged report that looks like a refusal is not taken for one', async () => {
    let refusals = 1;
    const once = (port: ReaderDevicePort): ReaderDevicePort => ({
      list: (buses) => port.list(buses),
      async open(path, access) {
        const connection = await port.open(path, access);
        let listener: (packet: Packet) => void = () => undefined;
        connection.onPacket((packet) => listener(packet));
        return {
          ...connection,
          onPacket: (next) => (listener = next),
          write(packet, timeoutMs) {
            if (refusals-- <= 0) return connection.write(packet, timeoutMs);
            const report = new Uint8Array(64);
            report.set([4, 0, 0x34, 0x6e, 0]);
            queueMicrotask(() => listener({ bytes: report, pipe: 0 }));
            return Promise.resolve();
          },
        };
      },
    });
    const desk = await createDesk({ reader: { profile: 'dk' }, real: { carrier: 'dk' }, devices: once });
    await desk.clock.until(() => desk.reader.status().phase === 'waiting', 3000);
    expect(desk.phases().join()).not.toContain('ID_CARD_CLOUD_ONLY');
  });

  it('cloud-only it is named in the log', async () => {
    const desk = await createDesk({
      reader: { profile: 'dk' },
      real: { carrier: 'dk' },
      devices: refusingDk,
    });
    await desk.clock.advance(1000);
    expect(desk.reader.status()).toMatchObject({ phase: 'error', error: 'ID_CARD_CLOUD_ONLY' });
    expect(JSON.stringify(desk.log)).toContain('cloud');
  });

  it('never sends what could harm an unknown reader, and nothing at all to a device no profile names', async () => {
    const desk = await createDesk({ real: { carrier: 'raw' } });
    await desk.clock.advance(60_000);
    expect(desk.real.requests).toEqual([]);
    expect(desk.reader.status()).toMatchObject({ phase: 'absent', error: 'ID_CARD_READER_MISSING' });
  });

  it('an unknown one named in the settings is probed until a framing answers', async () => {
    const desk = await createDesk({ real: { carrier: 'len8' }, reader: { profile: 'probe@0000:0008' } });
    await desk.clock.until(() => desk.reader.status().phase === 'waiting', 30_000);
    expect(desk.reader.status().reader).toMatchObject({ profile: 'generic-len8', demo: false });
    expect(new Set(desk.real.requests.slice(0, 1))).toEqual(new Set(['11 ff']));
  });
});

describe('the simulated reader and the real one', () => {
  it('without a real reader the simulated one stands in, marked as such', async () => {
    const desk = await createDesk({ real: { attached: false }, reader: { mode: 'auto' } });
    await desk.clock.until(() => desk.reader.status().phase === 'waiting', 3000);
    expect(desk.reader.status().reader).toEqual({ name: '演示读卡器', profile: 'miaxis', demo: true });
    desk.demo.cards.place('old');
    await desk.clock.until(() => desk.reads.length === 1, 1000);
  });

  it('a real reader plugged in later takes over, and back after a while without it', async () => {
    const desk = await createDesk({ real: { attached: false }, reader: { mode: 'auto' } });
    await desk.clock.until(() => desk.reader.status().phase === 'waiting', 3000);
    desk.real.faults.plug();
    await desk.clock.until(() => desk.reader.status().reader?.demo === false, 3000);
    await desk.clock.until(() => desk.reader.status().phase === 'waiting', 3000);
    desk.demo.cards.place('jia');
    await desk.clock.advance(2000);
    expect(desk.reads).toHaveLength(0);
    desk.real.faults.unplug();
    await desk.clock.advance(2000);
    expect(desk.reader.status()).toMatchObject({ phase: 'absent', error: 'ID_CARD_READER_MISSING' });
    await desk.clock.until(() => desk.reader.status().reader?.demo === true, 10_000);
  });

  it('a read under way is finished before the real reader takes over', async () => {
    const desk = await createDesk({
      real: { attached: false },
      demo: { latency: { ...READ_TAKES, read: 2500 } },
      reader: { mode: 'auto' },
    });
    await desk.clock.until(() => desk.reader.status().phase === 'waiting', 3000);
    desk.demo.cards.place('jia');
    await desk.clock.until(() => desk.reader.status().phase === 'reading', 1000);
    desk.real.faults.plug();
    await desk.clock.until(() => desk.reader.status().reader?.demo === false, 6000);
    expect(desk.reads).toHaveLength(1);
  });

  it('the mode can be changed while it runs', async () => {
    const desk = await waiting();
    await desk.reader.setMode('demo');
    await desk.clock.until(() => desk.reader.status().reader?.demo === true, 3000);
    desk.real.cards.place('jia');
    await desk.clock.advance(3000);
    expect(desk.reads).toHaveLength(0);
    await desk.reader.setMode('real');
    await desk.clock.until(() => desk.reads.length === 1, 3000);
    expect(desk.reader.status().reader).toMatchObject({ demo: false });
  });

  it('many changes at once leave one reader open', async () => {
    const desk = await waiting();
    await Promise.all([
      desk.reader.setMode('demo'),
      desk.reader.setMode('auto'),
      desk.reader.setMode('real'),
    ]);
    await desk.clock.until(() => desk.reader.status().phase === 'waiting', 5000);
    expect(desk.reader.status().reader).toMatchObject({ demo: false });
    expect(desk.log.filter((line) => line.level === 'error')).toEqual([]);
  });
});
