import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mayOpenNode } from '../../../../electron/core/id-card/admin/device-node.ts';
import { inspectDevices } from '../../../../electron/core/id-card/admin/inspect-devices.ts';
import type { InspectPorts } from '../../../../electron/core/id-card/admin/inspect-devices.ts';
import { chooseReader } from '../../../../electron/core/id-card/choose-reader.ts';
import { readerProfileSchema } from '../../../../electron/core/id-card/reader-profile.ts';
import type { ReaderProfile } from '../../../../electron/core/id-card/reader-profile.ts';
import type { DeviceInfo } from '../../../../electron/core/ports/reader-device.ts';
import { attachedDeviceSchema } from '../../../../shared/contract/reader.ts';

const profile = (id: string, framing: object, match: object[] = []): ReaderProfile =>
  readerProfileSchema.parse({ id, name: `${id} 读卡器`, framing, match });

const PROFILES = [
  profile('dk', { kind: 'dk' }, [{ vendorId: '0483', productId: '572B' }]),
  profile('generic-raw', { kind: 'raw' }),
  profile('generic-len8', { kind: 'len8' }),
  profile('miaxis', { kind: 'miaxis' }, [{ vendorId: '10C4', productId: '0007' }]),
  profile('bulk-c35a', { kind: 'bulk' }, [{ vendorId: '0400', productId: 'C35A' }]),
  profile('uart', { kind: 'uart' }),
];

const device = (
  bus: DeviceInfo['bus'],
  path: string,
  ids: string,
  more: Partial<DeviceInfo> = {},
): DeviceInfo => {
  const [vendorId = 0, productId = 0] = ids.split(':').map((id) => Number.parseInt(id, 16));
  return { bus, path, vendorId, productId, product: '', manufacturer: '', ...more };
};

function inspect(devices: DeviceInfo[], more: Partial<InspectPorts> = {}) {
  const asked: unknown[] = [];
  const ports: InspectPorts = {
    devices: {
      list: (buses, options) => {
        asked.push([buses, options]);
        return Promise.resolve(devices);
      },
      open: () => Promise.reject(new Error('nothing may be opened')),
    },
    profiles: PROFILES,
    inUse: null,
    mayOpen: () => Promise.resolve(true),
    ...more,
  };
  return { rows: inspectDevices(ports), asked };
}

async function one(of: DeviceInfo, more?: Partial<InspectPorts>) {
  const [row] = await inspect([of], more).rows;
  return attachedDeviceSchema.parse(row);
}

describe('what is said of an attached device', () => {
  it('a reader that a profile names is ready, and its profile is the first choice', async () => {
    const row = await one(
      device('hid', '/dev/hidraw0', '10C4:0007', { product: 'MR-300', manufacturer: 'MIAXIS' }),
    );
    expect(row).toMatchObject({
      kind: 'hid',
      verdict: 'ready',
      ids: '10C4:0007',
      known: 'miaxis 读卡器',
      inUse: false,
      product: 'MR-300',
    });
    expect(row.choices[0]).toEqual({ profile: 'miaxis', choice: 'miaxis' });
  });

  it.each([
    ['部标 USB is not HID and works through its bulk profile', device('usb', 'u', '0400:C35A'), 'ready'],
    ['a reader of unpublished framing', device('hid', 'h', '0425:8159'), 'unknown-framing'],
    ['a HID device nobody knows', device('hid', 'h', '1a2b:3c4d'), 'may-probe'],
    ['a vendor-class device nobody knows', device('usb', 'u', '1a2b:3c4d'), 'may-probe'],
    ['a serial port', device('serial', '/dev/ttyUSB0', '1a86:7523'), 'by-hand'],
    ['明华 types its cards', device('hid', 'h', '1483:0001', { usagePage: 1, usage: 6 }), 'keyboard-wedge'],
    ['the boot loader of a chip', device('usb', 'u', '0483:DF11'), 'boot-loader'],
    ['a keyboard', device('hid', 'h', '046d:c31c', { usagePage: 1, usage: 6 }), 'never'],
    ['a mouse', device('hid', 'h', '046d:c077', { usagePage: 1, usage: 2 }), 'never'],
    ["a known reader's keyboard side", device('hid', 'h', '0425:8159', { usagePage: 1, usage: 6 }), 'never'],
  ] as const)('%s', async (_, of, verdict) => {
    expect((await one(of)).verdict).toBe(verdict);
  });

  it('part of a device that types makes all of it untouchable, whatever a profile says', async () => {
    const keyboard = device('hid', '/dev/hidraw3', '10C4:0007', { usagePage: 1, usage: 6 });
    const { rows } = inspect([device('hid', '/dev/hidraw3', '10C4:0007', { usagePage: 0xff00 }), keyboard]);
    expect(await rows).toMatchObject([{ verdict: 'never', choices: [] }]);
  });

  it('a serial port is offered with choices that all take that very port into use', async () => {
    const own = profile('our-uart', { kind: 'uart' }, [{ vendorId: '1A86', productId: '7523' }]);
    const profiles = [...PROFILES, own];
    const port = device('serial', '/dev/ttyUSB0', '1a86:7523');
    const row = await one(port, { profiles });
    expect(row.verdict).toBe('by-hand');
    expect(row.choices.map(({ choice }) => choice)).toEqual(['our-uart@/dev/ttyUSB0', 'uart@/dev/ttyUSB0']);
    // The reader logic lists no serial ports.
    for (const { choice } of row.choices)
      expect(chooseReader([], profiles, choice)?.device.path, choice).toBe('/dev/ttyUSB0');
    const plain = await one(device('serial', 'COM3', '0:0'), { profiles });
    for (const { choice } of plain.choices)
      expect(chooseReader([], profiles, choice)?.device.path, choice).toBe('COM3');
  });

  it('a system that does not let it be opened, and one that tells nothing', async () => {
    const reader = device('hid', '/dev/hidraw0', '10C4:0007');
    expect((await one(reader, { mayOpen: () => Promise.resolve(false) })).verdict).toBe('no-permission');
    expect((await one(reader, { mayOpen: () => Promise.resolve(null) })).verdict).toBe('ready');
    const port = device('serial', '/dev/ttyS0', '0:0');
    expect((await one(port, { mayOpen: () => Promise.resolve(false) })).verdict).toBe('no-permission');
  });

  it('what the device has told of itself goes before what is known of its kind', async () => {
    const row = await one(device('hid', 'h', '0483:572B'), { learnt: () => 'cloud-only' });
    expect(row.verdict).toBe('cloud-only');
  });

  it('the reader in use is marked by its bus and path', async () => {
    const rows = await inspect([device('hid', 'a', '10C4:0007'), device('usb', 'a', '0400:C35A')], {
      inUse: { bus: 'usb', path: 'a' },
    }).rows;
    expect(rows.map(({ bus, inUse }) => [bus, inUse])).toEqual([
      ['hid', false],
      ['usb', true],
    ]);
  });

  it('readers come first, keyboards last, and keyboards are asked for', async () => {
    const { rows, asked } = inspect([
      device('hid', 'k', '046d:c31c', { usagePage: 1, usage: 6 }),
      device('serial', 's', '0:0'),
      device('hid', 'r', '10C4:0007'),
    ]);
    expect((await rows).map(({ verdict }) => verdict)).toEqual(['ready', 'by-hand', 'never']);
    expect(asked).toEqual([[['hid', 'usb', 'serial'], { withTyping: true }]]);
  });

  it.each([
    device('hid', '/dev/hidraw0', '10C4:0007'),
    device('hid', '/dev/hidraw0', '1a2b:3c4d'),
    device('usb', 'usb:1-2:0400:c35a', '0400:C35A'),
    device('serial', '/dev/ttyUSB0', '1a86:7523'),
    device('serial', 'COM3', '0:0'),
  ])('every choice it offers takes this device into use ($path, $vendorId)', async (of) => {
    const { choices } = await one(of);
    expect(choices.length).toBeGreaterThan(0);
    for (const { profile: id, choice } of choices) {
      const chosen = chooseReader([of], PROFILES, choice);
      expect(chosen?.device, choice).toBe(of);
      if (id !== 'probe') expect(chosen?.profiles.map((p) => p.id)).toEqual([id]);
    }
  });
});

describe.skipIf(process.platform !== 'linux')('permission, looked up without opening', () => {
  let roots: { dev: string; usb: string };
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zc-nodes-'));
    roots = { dev: join(folder, 'dev'), usb: join(folder, 'usb') };
    mkdirSync(join(roots.dev, 'bus/usb/001'), { recursive: true });
    mkdirSync(join(roots.usb, '1-4.2'), { recursive: true });
    writeFileSync(join(roots.usb, '1-4.2/uevent'), 'DEVTYPE=usb_device\nDEVNAME=bus/usb/001/007\n');
    for (const node of ['hidraw0', 'bus/usb/001/007']) writeFileSync(join(roots.dev, node), '');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const look = (bus: DeviceInfo['bus'], path: string) => mayOpenNode({ bus, path }, 'linux', roots);

  it('of a HID node and of a USB device by its place', async () => {
    expect(await look('hid', join(roots.dev, 'hidraw0'))).toBe(true);
    expect(await look('usb', 'usb:001-4.2:0400:c35a')).toBe(true);
  });

  it('nothing can be told of what is gone, of a foreign path, and on Windows', async () => {
    expect(await look('hid', join(roots.dev, 'hidraw9'))).toBeNull();
    expect(await look('usb', 'usb:001-1:0400:c35a')).toBeNull();
    expect(await look('hid', '/etc/passwd')).toBeNull();
    expect(await mayOpenNode({ bus: 'hid', path: '\\\\?\\hid#vid' }, 'win32', roots)).toBeNull();
  });

  // Root may read everything.
  it.skipIf(process.getuid?.() === 0)('a node of somebody else is closed', async () => {
    chmodSync(join(roots.dev, 'hidraw0'), 0);
    expect(await look('hid', join(roots.dev, 'hidraw0'))).toBe(false);
  });
});
