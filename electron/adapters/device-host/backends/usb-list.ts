import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeviceInfo } from '../../../core/ports/reader-device.ts';
import type { UsbDeviceLike } from './usb-library.ts';

/** The maker's own class: the only one in which a card reader is looked for on this bus. */
const VENDOR_CLASS = 0xff;
/** The classes are in the interfaces; with 0xef there are groups of them. */
const PER_INTERFACE: ReadonlySet<number> = new Set([0x00, 0xef]);

interface Described {
  interfaceClass?: number;
  product: string;
  manufacturer: string;
}

/** A device's place and kind: the same after it was pulled and plugged again, another when something else is plugged in. */
export function usbPath({ bus, ports, address, vendorId, productId }: UsbDeviceLike): string {
  const place = ports.length > 0 ? ports.join('.') : `address${String(address)}`;
  // Linux's own name of a place is `1-2.1`; the library writes its buses `001`.
  return `usb:${bus.replace(/^0+(?=\d)/, '')}-${place}:${hex4(vendorId)}:${hex4(productId)}`;
}

/**
 * Tells what the devices on the bus are, without opening one where the system shows it (Linux). Elsewhere the library
 * asks the hub for a device's descriptors, once per plugging in.
 * @param sysfs where the kernel shows its USB devices, or null where there is no such folder
 */
export function createUsbLister(
  sysfs: string | null,
): (devices: readonly UsbDeviceLike[]) => Promise<DeviceInfo[]> {
  /** What was asked of a hub, by the library's own name of the plugged-in device. */
  let asked = new Map<string, Described>();

  return async (devices) => {
    const described = new Map<string, Described>();
    const infos = await Promise.all(
      devices.map(async (device): Promise<DeviceInfo[]> => {
        if (device.deviceClass !== VENDOR_CLASS && !PER_INTERFACE.has(device.deviceClass)) return [];
        const known =
          sysfs === null ? (asked.get(device.handle) ?? describe(device)) : await shown(sysfs, device);
        if (sysfs === null) described.set(device.handle, known);
        if (known.interfaceClass !== VENDOR_CLASS && device.deviceClass !== VENDOR_CLASS) return [];
        return [
          {
            bus: 'usb',
            path: usbPath(device),
            vendorId: device.vendorId,
            productId: device.productId,
            interfaceClass: known.interfaceClass ?? device.deviceClass,
            product: known.product,
            manufacturer: known.manufacturer,
          },
        ];
      }),
    );
    asked = described;
    return infos.flat();
  };
}

async function shown(sysfs: string, { bus, ports }: UsbDeviceLike): Promise<Described> {
  const name = `${String(Number.parseInt(bus, 10))}-${ports.join('.')}`;
  const folder = join(sysfs, name);
  const text = (file: string): Promise<string> =>
    readFile(join(folder, file), 'utf8').then(
      (content) => content.trim(),
      () => '',
    );
  // `1-2:1.0`: the interfaces of the active configuration, the first one first.
  const interfaces = (await readdir(folder).catch(() => [])).filter((entry) => entry.startsWith(`${name}:`));
  const [first] = interfaces.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const interfaceClass =
    first === undefined ? Number.NaN : Number.parseInt(await text(`${first}/bInterfaceClass`), 16);
  return {
    ...(Number.isNaN(interfaceClass) ? {} : { interfaceClass }),
    product: await text('product'),
    manufacturer: await text('manufacturer'),
  };
}

function describe(device: UsbDeviceLike): Described {
  try {
    const first = device.configuration?.interfaces[0]?.alternate.interfaceClass;
    return {
      ...(first === undefined ? {} : { interfaceClass: first }),
      product: nameOf(device),
      manufacturer: '',
    };
  } catch {
    // Its descriptors cannot be had (a device without a driver): its own class has to do.
    return { product: nameOf(device), manufacturer: '' };
  }
}

function nameOf(device: UsbDeviceLike): string {
  try {
    return device.productName ?? '';
  } catch {
    return '';
  }
}

function hex4(id: number): string {
  return id.toString(16).padStart(4, '0');
}
