import { describe, expect, it } from 'vitest';
import {
  createSimulatedReader,
  NO_LATENCY,
} from '../../../../electron/adapters/simulated/card-reader/simulated-reader.ts';
import type { SimulatedReaderOptions } from '../../../../electron/adapters/simulated/card-reader/simulated-reader.ts';
import { createFrameLog } from '../../../../electron/core/id-card/admin/frame-log.ts';
import { probeDevice } from '../../../../electron/core/id-card/admin/probe-device.ts';
import { loadReaderProfiles } from '../../../../electron/core/id-card/load-reader-profiles.ts';
import type { DeviceInfo, ReaderDevicePort } from '../../../../electron/core/ports/reader-device.ts';
import { CodedError } from '../../../../shared/contract/errors.ts';
import { createFakeClock } from '../fake-clock.ts';

const log = { write: () => undefined };
const shipped = await loadReaderProfiles(
  [new URL('../../../../resources/readers', import.meta.url).pathname],
  log,
);
const hid = (...ids: string[]) => ids.flatMap((id) => shipped.find((profile) => profile.id === id) ?? []);

async function desk(options: Partial<SimulatedReaderOptions> = {}) {
  const clock = createFakeClock();
  const real = createSimulatedReader({ clock, latency: NO_LATENCY, ...options });
  const open = { now: 0, most: 0 };
  const devices: ReaderDevicePort = {
    ...real.port,
    async open(path, access) {
      const connection = await real.port.open(path, access);
      open.now += 1;
      open.most = Math.max(open.most, open.now);
      connection.onClosed(() => (open.now -= 1));
      return connection;
    },
  };
  const [device] = await real.port.list(['hid', 'usb', 'serial']);
  const frames = createFrameLog(clock);
  const ports = { devices, clock, log, frames };
  const probe = async (profiles = hid('dk', 'generic-len8', 'generic-raw', 'miaxis'), of = device!) => {
    let done: unknown;
    const asked = probeDevice(ports, of, profiles).finally(() => (done = true));
    asked.catch(() => undefined);
    await clock.until(() => done === true, 60_000);
    return asked;
  };
  return { clock, real, devices, frames, device: device!, open, probe };
}

describe('probing a device on the admin’s word', () => {
  it('goes through the framings until one answers, and tells its number', async () => {
    const { probe, open } = await desk({ carrier: 'raw' });
    const attempts = await probe();
    expect(attempts.map(({ profile, outcome }) => [profile, outcome])).toEqual([
      // It speaks, but not like this.
      ['dk', 'ID_CARD_BAD_FRAME'],
      ['generic-len8', 'ID_CARD_BAD_FRAME'],
      ['generic-raw', 'answered'],
    ]);
    expect(attempts.at(-1)?.sam).toBe('05.01-20200101-0001234567-0007654321');
    expect(open).toEqual({ now: 0, most: 1 });
  });

  it('sends nothing but the status and, to what has answered, the number', async () => {
    const { real, probe, frames } = await desk({ carrier: 'len8' });
    await probe();
    expect(new Set(real.requests)).toEqual(new Set(['11 ff', '12 ff']));
    expect(real.requests.indexOf('12 ff')).toBe(real.requests.length - 1);
    const sent = frames.since(0).filter(({ direction }) => direction === 'out');
    expect(new Set(sent.map(({ command }) => command))).toEqual(new Set(['samStatus', 'samId']));
  });

  it('a module that is not authorised has answered: no other framing is tried', async () => {
    const { real, probe } = await desk();
    real.faults.add({ on: 'status', status: 0x66 });
    const attempts = await probe(hid('miaxis', 'generic-raw'));
    expect(attempts).toMatchObject([
      { profile: 'miaxis', outcome: 'ID_CARD_READER_NOT_AUTHORISED', sam: '' },
    ]);
  });

  it('a module that only decodes in a cloud says so, and no other framing is tried', async () => {
    const { clock, device } = await desk();
    const refused = Uint8Array.of(4, 0, 0x34, 0x6e, 0x00, ...new Uint8Array(59));
    let tell: (packet: { bytes: Uint8Array; pipe: number }) => void = () => undefined;
    const devices: ReaderDevicePort = {
      list: () => Promise.resolve([device]),
      open: () =>
        Promise.resolve({
          write: () => {
            tell({ bytes: refused.slice(), pipe: 0 });
            return Promise.resolve();
          },
          onPacket: (listener) => void (tell = listener),
          onClosed: () => undefined,
          close: () => Promise.resolve(),
        }),
    };
    const probing = probeDevice({ devices, clock, log }, device, hid('dk', 'generic-raw'));
    // Asked once more, since a refusal has no check byte.
    await clock.advance(500);
    expect((await probing).map(({ outcome }) => outcome)).toEqual(['ID_CARD_CLOUD_ONLY']);
  });

  it('one that never answers is closed after every attempt, within its time', async () => {
    const { clock, real, probe, open } = await desk();
    real.faults.add({ on: 'any', silent: true, times: Infinity });
    const began = clock.monotonic();
    const attempts = await probe();
    expect(attempts.every(({ outcome }) => outcome !== 'answered')).toBe(true);
    expect(clock.monotonic() - began).toBeLessThan(10_000);
    expect(open.now).toBe(0);
  });

  it('one that cannot be opened is not tried in other framings', async () => {
    const { clock, device } = await desk();
    const devices: ReaderDevicePort = {
      list: () => Promise.resolve([device]),
      open: () => Promise.reject(new CodedError('ID_CARD_NO_PERMISSION')),
    };
    const attempts = await probeDevice({ devices, clock, log }, device, hid('miaxis', 'generic-raw'));
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['ID_CARD_NO_PERMISSION']);
  });

  it('an open that hangs is given up and closed when it comes late', async () => {
    const { clock, device, devices } = await desk();
    let late: (() => void) | null = null;
    const closed: boolean[] = [];
    const slow: ReaderDevicePort = {
      list: (buses) => devices.list(buses),
      open: async (path, access) => {
        await new Promise<void>((go) => (late = go));
        const connection = await devices.open(path, access);
        connection.onClosed(() => closed.push(true));
        return connection;
      },
    };
    const asked = probeDevice({ devices: slow, clock, log }, device, hid('miaxis'));
    await clock.advance(3100);
    expect(await asked).toMatchObject([{ outcome: 'ID_CARD_TIMEOUT' }]);
    late!();
    await clock.advance(10);
    expect(closed).toEqual([true]);
  });

  it.each([
    ['a keyboard', { usagePage: 1, usage: 6 }],
    ['a mouse', { usagePage: 1, usage: 2 }],
    ['a boot loader', { vendorId: 0x0483, productId: 0xdf11 }],
  ])('%s is refused before anything is opened', async (_, more: Partial<DeviceInfo>) => {
    const { probe, device, open } = await desk();
    await expect(probe(undefined, { ...device, ...more })).rejects.toMatchObject({ code: 'WIRE_BAD_INPUT' });
    expect(open.most).toBe(0);
  });
});
