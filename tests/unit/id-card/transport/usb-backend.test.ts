import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { usbBackend } from '../../../../electron/adapters/device-host/backends/usb.ts';
import {
  transferTrouble,
  usbFailure,
} from '../../../../electron/adapters/device-host/backends/usb-failure.ts';
import { choosePipes } from '../../../../electron/adapters/device-host/backends/usb-pipes.ts';
import { usbPath } from '../../../../electron/adapters/device-host/backends/usb-list.ts';
import type { DeviceAccess } from '../../../../electron/core/ports/reader-device.ts';
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts';
import { bytesOf, hexOf } from '../hex.ts';
import type { FakeUsb } from './fake-usb.ts';
import { endpoint, fakeUsb } from './fake-usb.ts';

const ACCESS: Extract<DeviceAccess, { bus: 'usb' }> = {
  bus: 'usb',
  interface: 0,
  out: [0x02, 0x06],
  in: [0x81, 0x85],
};

async function opened(fake: FakeUsb, access: DeviceAccess = ACCESS) {
  const packets: string[] = [];
  const reasons: string[] = [];
  const said: string[] = [];
  const backend = usbBackend(fake.library, (text, reason) => void said.push(`${text}: ${reason}`), null);
  const device = await backend.open(usbPath(fake.device), access, {
    onPacket: ({ bytes, pipe }) => void packets.push(`${pipe.toString(16)} ${hexOf(bytes)}`),
    onGone: (reason) => void reasons.push(reason),
  });
  return { device, packets, reasons, said };
}

describe('a bulk reader on the bus', () => {
  it('is opened, claimed, written to by pipe, heard on both pipes, and given back', async () => {
    const fake = fakeUsb();
    const { device, packets, reasons } = await opened(fake);
    await device.write({ bytes: bytesOf('AA AA AA 96 69 00 03'), pipe: 0x02 });
    await device.write({ bytes: bytesOf('20 01 22'), pipe: 0x06 });
    fake.give(5, bytesOf('00 00 80 84'));
    fake.give(1, bytesOf('AA AA AA 96 69 00 04'));
    await expect.poll(() => packets).toEqual(['85 00 00 80 84', '81 AA AA AA 96 69 00 04']);
    await device.close();
    expect(fake.done).toEqual([
      'open',
      'claim 0',
      'out 2 aaaaaa96690003',
      'out 6 200122',
      'release 0',
      'close',
    ]);
    expect(reasons).toEqual([]);
    await expect(device.write({ bytes: bytesOf('00'), pipe: 0x07 })).rejects.toThrow('no pipe 7');
  });

  it('that has the same pipes under other numbers is taken in their order, and the log says so', async () => {
    const fake = fakeUsb({
      endpoints: [0x01, 0x82, 0x03, 0x84, 0x85].map((a) => endpoint(a, a === 0x85 ? 'interrupt' : 'bulk')),
    });
    const { device, packets, said } = await opened(fake);
    await device.write({ bytes: bytesOf('01'), pipe: 0x02 });
    await device.write({ bytes: bytesOf('02'), pipe: 0x06 });
    fake.give(2, bytesOf('11'));
    fake.give(4, bytesOf('22'));
    await expect.poll(() => packets).toEqual(['81 11', '85 22']);
    expect(fake.done.slice(2)).toEqual(['out 1 01', 'out 3 02']);
    expect(said).toEqual([expect.stringContaining('other endpoints')]);
    await device.close();
  });

  it('with too few or too many pipes is refused in words, and closed again', async () => {
    for (const addresses of [[0x02, 0x81], [0x01, 0x03, 0x04, 0x82, 0x84], []]) {
      const fake = fakeUsb({ endpoints: addresses.map((address) => endpoint(address)) });
      await expect(opened(fake)).rejects.toMatchObject({
        code: 'ID_CARD_READER_FAILED',
        message: expect.stringContaining('it has the endpoints') as string,
      });
      expect(fake.done.at(-1)).toBe('close');
    }
    const named = choosePipes(
      [0x02, 0x81, 0x06, 0x85].map((a) => endpoint(a)),
      { ...ACCESS, out: [2], in: [0x81] },
    );
    expect([named.out.length, named.in.length, named.asNamed]).toEqual([1, 1, true]);
  });

  it('pulled out is told once, with both pipes failing', async () => {
    const fake = fakeUsb();
    const { device, reasons } = await opened(fake);
    fake.give(1, new Error('transferIn error: Disconnected'));
    fake.give(5, new Error('transferIn error: Disconnected'));
    await expect.poll(() => reasons).toEqual(['Error: transferIn error: Disconnected']);
    await device.close();
    expect(reasons).toHaveLength(1);
    expect(fake.pending()).toBe(0);
  });

  it('pulled out while it is written to is told once', async () => {
    const fake = fakeUsb({ fails: { out: 'transferOut error: Disconnected' } });
    const { device, reasons } = await opened(fake);
    await expect(device.write({ bytes: bytesOf('00'), pipe: 2 })).rejects.toThrow('Disconnected');
    expect(reasons).toHaveLength(1);
    await device.close();
  });

  it('a stalled pipe is cleared and read on; a pipe that only fails is given up', async () => {
    const fake = fakeUsb();
    const { device, packets, reasons } = await opened(fake);
    fake.give(1, new Error('transferIn error: Stall'));
    fake.give(1, bytesOf('AA'));
    await expect.poll(() => packets).toEqual(['81 AA']);
    expect(fake.done).toContain('clear in 1');
    for (let i = 0; i < 5; i++) fake.give(5, new Error('transferIn error: Fault'));
    await expect.poll(() => reasons).toEqual(['Error: transferIn error: Fault']);
    await device.close();
  });

  it('at rest asks a few times a second and says nothing', async () => {
    const fake = fakeUsb();
    let transfers = 0;
    const nativeTransferIn = fake.device.nativeTransferIn.bind(fake.device);
    fake.device.nativeTransferIn = (number, timeout, length) => {
      transfers += 1;
      return nativeTransferIn(number, timeout, length);
    };
    const { device, packets, reasons } = await opened(fake);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(transfers).toBeGreaterThan(2);
    expect(transfers).toBeLessThan(12);
    expect([packets, reasons]).toEqual([[], []]);
    const before = performance.now();
    await device.close();
    expect(performance.now() - before).toBeLessThan(900);
  });

  it('that nobody has configured is given its first configuration', async () => {
    const fake = fakeUsb();
    Object.defineProperty(fake.device, 'configuration', {
      get: () => {
        throw new Error('configuration error: device is not configured');
      },
    });
    const { device } = await opened(fake);
    expect(fake.done).toEqual(['open', 'configuration 1', 'claim 0']);
    await device.close();
  });
});

describe('why a reader cannot be opened', () => {
  it.each([
    ['open error: failed to open device (errno 13)', 'linux', 'ID_CARD_NO_PERMISSION'],
    ['open error: permission denied (errno 13)', 'linux', 'ID_CARD_NO_PERMISSION'],
    ['claimInterface error: interface is busy (errno 16)', 'linux', 'ID_CARD_READER_BUSY'],
    ['open error: device not found (errno 2)', 'linux', 'ID_CARD_READER_MISSING'],
    ['open error: failed to open device (errno 19)', 'linux', 'ID_CARD_READER_MISSING'],
    ['claimInterface error: failed to open device (error 5)', 'win32', 'ID_CARD_READER_BUSY'],
    ['claimInterface error: interface is already claimed', 'win32', 'ID_CARD_READER_BUSY'],
    [
      'claimInterface error: incompatible driver is installed for this device',
      'win32',
      'ID_CARD_DRIVER_MISSING',
    ],
    ['claimInterface error: failed to initialize WinUSB (error 5)', 'win32', 'ID_CARD_DRIVER_MISSING'],
    ['claimInterface error: something new', 'linux', 'ID_CARD_READER_FAILED'],
  ] as const)('%s (%s) is %s', (text, platform, code) => {
    const failure = usbFailure(new Error(text), platform);
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(text);
    if (code === 'ID_CARD_DRIVER_MISSING') expect(failure.message).toContain('driver');
  });

  it('reaches the caller with its code, and the device is closed', async () => {
    const fake = fakeUsb({ fails: { claim: 'claimInterface error: interface is busy (errno 16)' } });
    await expect(opened(fake)).rejects.toMatchObject({ code: 'ID_CARD_READER_BUSY' });
    expect(fake.done).toEqual(['open', 'claim 0', 'close']);
    const refused = fakeUsb({ fails: { open: 'open error: failed to open device (errno 13)' } });
    await expect(opened(refused)).rejects.toMatchObject({ code: 'ID_CARD_NO_PERMISSION' });
    const other = fakeUsb();
    const backend = usbBackend(other.library, () => undefined, null);
    const nothing = { onPacket: () => undefined, onGone: () => undefined };
    await expect(backend.open('usb:1-9:0400:c35a', ACCESS, nothing)).rejects.toMatchObject({
      code: 'ID_CARD_READER_MISSING',
    });
    expect(other.done).toEqual([]);
  });

  it('transfers fail in four ways', () => {
    const kinds = [
      'Cancelled',
      'transfer was cancelled',
      'Stall',
      'endpoint stalled',
      'Disconnected',
      'Fault',
      'Unknown(71)',
    ];
    expect(kinds.map((word) => transferTrouble(new Error(`transferIn error: ${word}`)))).toEqual([
      'quiet',
      'quiet',
      'stalled',
      'stalled',
      'gone',
      'fault',
      'fault',
    ]);
  });
});

describe('what is on the bus', () => {
  it('is told from the kernel’s own files; keyboards, hubs and storage are left out and nothing is opened', async () => {
    const root = temporaryFolder();
    const put = async (name: string, files: Record<string, string>): Promise<void> => {
      for (const [file, text] of Object.entries(files)) {
        await mkdir(join(root, name, file, '..'), { recursive: true });
        await writeFile(join(root, name, file), `${text}\n`);
      }
    };
    await put('1-2.1', { product: 'SAM-A', manufacturer: '综窗', '1-2.1:1.0/bInterfaceClass': 'ff' });
    await put('1-3', {
      product: 'Keyboard',
      '1-3:1.0/bInterfaceClass': '03',
      '1-3:1.1/bInterfaceClass': 'ff',
    });
    await put('1-4', { product: 'Stick', '1-4:1.0/bInterfaceClass': '08' });
    const fake = fakeUsb();
    const never = (): never => {
      throw new Error('it was opened');
    };
    const at = (ports: number[], more: object = {}) => {
      const device = { ...fake.device, ports, ...more };
      Object.defineProperty(device, 'configuration', { get: never });
      Object.defineProperty(device, 'productName', { get: never });
      return device;
    };
    const devices = [
      at([2, 1]),
      at([3]),
      at([4]),
      at([5], { deviceClass: 9 }),
      at([6], { deviceClass: 0xff }),
    ];
    const backend = usbBackend({ getDevices: () => Promise.resolve(devices) }, () => undefined, root);
    expect(await backend.list()).toEqual([
      {
        bus: 'usb',
        path: 'usb:1-2.1:0400:c35a',
        vendorId: 0x0400,
        productId: 0xc35a,
        interfaceClass: 0xff,
        product: 'SAM-A',
        manufacturer: '综窗',
      },
      expect.objectContaining({ path: 'usb:1-6:0400:c35a', interfaceClass: 0xff, product: '' }),
    ]);
    expect(fake.done).toEqual([]);
  });

  it('elsewhere is asked of the hub, once per plugging in', async () => {
    let asked = 0;
    const fake = fakeUsb();
    const { configuration } = fake.device;
    Object.defineProperty(fake.device, 'configuration', {
      get: () => {
        asked += 1;
        return configuration;
      },
    });
    const backend = usbBackend(fake.library, () => undefined, null);
    const [first] = await backend.list();
    expect(first).toMatchObject({ product: 'SAM', interfaceClass: 0xff });
    expect(await backend.list()).toEqual([first]);
    expect(asked).toBe(1);
    Object.assign(fake.device, { handle: 'plugged in again' });
    await backend.list();
    expect(asked).toBe(2);
  });
});
