import { closeSync, constants, openSync, readSync, write as writeFile } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeReports } from '../../../core/id-card/admin/report-descriptor.ts';
import type { DeviceInfo } from '../../../core/ports/reader-device.ts';
import type { BackendDevice, DeviceBackend, DeviceEvents } from '../device-backend.ts';

const writeTo = promisify(writeFile);

/** A reader speaks only when spoken to: it is listened to closely for a while after every sign of life. */
const CLOSE_LISTENING_MS = 2;
const IDLE_LISTENING_MS = 50;
const LIVELY_MS = 5000;
const LONGEST_REPORT = 4096;

/**
 * Linux's own hidraw devices without a library, for machines where node-hid has no build (LoongArch) or
 * lacks what it needs. Devices are read without blocking, since a blocked read would hold the file open
 * after closing.
 * @param roots where the kernel shows its devices; other folders in tests
 */
export function hidrawBackend(roots = { sys: '/sys/class/hidraw', dev: '/dev' }): DeviceBackend {
  return {
    async list() {
      const names = await readdir(roots.sys).catch(() => []);
      const found = await Promise.all(names.sort().map((name) => describe(roots, name).catch(() => [])));
      return found.flat();
    },
    async open(path, _access, events) {
      await Promise.resolve();
      return openDevice(openSync(path, constants.O_RDWR | constants.O_NONBLOCK), events);
    },
  };
}

/** One entry per top-level collection, as HID libraries list them. `HID_ID=0003:000010C4:00000007`: bus, vendor, product. */
async function describe(roots: { sys: string; dev: string }, name: string): Promise<DeviceInfo[]> {
  const folder = join(roots.sys, name, 'device');
  const uevent = await readFile(join(folder, 'uevent'), 'utf8');
  const id = /^HID_ID=[0-9A-F]+:([0-9A-F]+):([0-9A-F]+)$/im.exec(uevent);
  if (!id) return [];
  const device = {
    bus: 'hid' as const,
    path: join(roots.dev, name),
    vendorId: Number.parseInt(id[1] ?? '', 16),
    productId: Number.parseInt(id[2] ?? '', 16),
    product: /^HID_NAME=(.*)$/m.exec(uevent)?.[1] ?? '',
    manufacturer: '',
  };
  const { usages } = describeReports(await readFile(join(folder, 'report_descriptor')));
  return usages.length === 0 ? [device] : usages.map((usage) => ({ ...device, ...usage }));
}

function openDevice(file: number, events: DeviceEvents): BackendDevice {
  const buffer = Buffer.alloc(LONGEST_REPORT);
  let closed = false;
  let livelyUntil = 0;
  let timer: NodeJS.Timeout | undefined;

  const listen = (): void => {
    clearTimeout(timer);
    if (closed) return;
    try {
      for (let size = readSync(file, buffer); size > 0; size = readSync(file, buffer)) {
        livelyUntil = Date.now() + LIVELY_MS;
        events.onPacket({ bytes: Uint8Array.from(buffer.subarray(0, size)), pipe: 0 });
      }
    } catch (error) {
      if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code !== 'EAGAIN') {
        end();
        events.onGone(String(error));
        return;
      }
    }
    timer = setTimeout(listen, Date.now() < livelyUntil ? CLOSE_LISTENING_MS : IDLE_LISTENING_MS);
  };

  const end = (): void => {
    if (closed) return;
    closed = true;
    clearTimeout(timer);
    closeSync(file);
  };

  timer = setTimeout(listen, CLOSE_LISTENING_MS);
  return {
    async write({ bytes }) {
      if (closed) throw new Error('the device is closed');
      livelyUntil = Date.now() + LIVELY_MS;
      // In a thread: the kernel answers only when the device has taken the report.
      await writeTo(file, Buffer.from([0, ...bytes]));
      listen();
    },
    close() {
      end();
      return Promise.resolve();
    },
  };
}
