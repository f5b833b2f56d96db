import { execFileSync } from 'node:child_process';
import { mkdirSync, openSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pause } from './wire.ts';

const CONFIG = '/sys/kernel/config/usb_gadget';
const FILE_LIMIT_MS = 5000;

export interface Gadget {
  /** The folder of one of its functions. */
  function(name: string): string;
  /** Plugs it into a free port of the virtual host controller. */
  bind(): void;
  unbind(): void;
}

let count = 0;

/**
 * A USB device described in configfs (docs.kernel.org/usb/gadget_configfs.html) on the virtual controller
 * `dummy_hcd`: the computer's side is the kernel's own usbcore with its drivers.
 * @param functions names and attributes, e.g. `{ 'hid.reader': { protocol: '0' } }`
 */
export function createGadget(
  device: { vendorId: number; productId: number; name: string; deviceClass?: number },
  functions: Record<string, Record<string, string | Uint8Array>>,
): Gadget {
  count += 1;
  const folder = join(CONFIG, `lab${count}`);
  const put = (path: string, value: string | Uint8Array): void => writeFileSync(join(folder, path), value);
  const folderOf = (name: string): string => join(folder, 'functions', name);
  mkdirSync(folder);
  put('idVendor', hex(device.vendorId));
  put('idProduct', hex(device.productId));
  put('bcdDevice', '0x0100');
  put('bcdUSB', '0x0200');
  put('bDeviceClass', hex(device.deviceClass ?? 0));
  mkdirSync(join(folder, 'strings/0x409'));
  put('strings/0x409/manufacturer', 'Zongchuang lab');
  put('strings/0x409/product', device.name);
  put('strings/0x409/serialnumber', `LAB${count}`);
  mkdirSync(join(folder, 'configs/c.1'));
  for (const [name, attributes] of Object.entries(functions)) {
    mkdirSync(folderOf(name));
    for (const [attribute, value] of Object.entries(attributes))
      put(join('functions', name, attribute), value);
    symlinkSync(folderOf(name), join(folder, 'configs/c.1', name));
  }
  return {
    function: folderOf,
    bind() {
      const taken = readdirSync(CONFIG).map((name) => readText(join(CONFIG, name, 'UDC')));
      const free = readdirSync('/sys/class/udc').find((udc) => !taken.includes(udc));
      if (!free) throw new Error('no free port on the virtual controller');
      put('UDC', free);
    },
    unbind() {
      put('UDC', '\n');
    },
  };
}

/** Opens a device file that the kernel makes a moment later. */
export async function openWhenThere(path: string, flags = 'r+'): Promise<number> {
  for (const began = Date.now(); ;) {
    try {
      return openSync(path, flags);
    } catch (error) {
      if (Date.now() - began > FILE_LIMIT_MS) throw error;
    }
    await pause(20);
  }
}

export function busybox(...args: string[]): string {
  return execFileSync('/bin/busybox', args, { encoding: 'utf8' });
}

function readText(path: string): string {
  return busybox('cat', path).trim();
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(4, '0')}`;
}
