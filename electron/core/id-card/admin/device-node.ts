import { access, constants, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeviceInfo } from '../../ports/reader-device.ts';

/**
 * Whether this user may open a device, asked of its device node and not by opening it, which another program
 * could notice. Linux only; elsewhere nothing can be told beforehand.
 * @param roots where the system shows its devices; other folders in tests
 * @returns null when it cannot be told
 */
export async function mayOpenNode(
  device: Pick<DeviceInfo, 'bus' | 'path'>,
  platform: NodeJS.Platform = process.platform,
  roots = { dev: '/dev', usb: '/sys/bus/usb/devices' },
): Promise<boolean | null> {
  if (platform !== 'linux') return null;
  const node = device.bus === 'usb' ? await usbNode(device.path, roots) : device.path;
  if (!node?.startsWith(`${roots.dev}/`)) return null;
  try {
    await access(node, constants.R_OK | constants.W_OK);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM' ? false : null;
  }
}

/** The device host names a USB device by its place, `usb:1-4.2:0400:c35a`; the kernel knows the node of that place. */
async function usbNode(path: string, roots: { dev: string; usb: string }): Promise<string | null> {
  const [, bus = '', ports = ''] = /^usb:(\w+)-([\d.]+):/.exec(path) ?? [];
  if (ports === '') return null;
  const place = `${String(Number.parseInt(bus, 10))}-${ports}`;
  const uevent = await readFile(join(roots.usb, place, 'uevent'), 'utf8').catch(() => '');
  const name = /^DEVNAME=(.+)$/m.exec(uevent)?.[1];
  return name === undefined ? null : join(roots.dev, name);
}
