import { readFileSync } from 'node:fs';
import type { Packet } from '../../../../electron/core/ports/reader-device.ts';
import { createGadget, openWhenThere } from './gadget.ts';
import type { UhidDevice } from './uhid.ts';
import type { Wire } from './wire.ts';
import { readForEver, writeUnit } from './wire.ts';

const REPORT = 64;

/** A HID device at the end of a USB cable: usbcore and usbhid enumerate it and carry its reports. */
export function hidGadgetWire(device: UhidDevice): Wire {
  const gadget = createGadget(device, {
    'hid.reader': {
      protocol: '0',
      subclass: '0',
      report_length: String(REPORT),
      report_desc: device.descriptor,
    },
  });
  let listener: ((packet: Packet) => void) | null = null;
  let file: number | null = null;
  let plugged = false;
  return {
    async plug() {
      gadget.bind();
      plugged = true;
      if (file !== null) return;
      const [, minor = ''] = readFileSync(`${gadget.function('hid.reader')}/dev`, 'utf8')
        .trim()
        .split(':');
      file = await openWhenThere(`/dev/hidg${minor}`);
      readForEver(file, REPORT, (bytes) => listener?.({ bytes, pipe: 0 }));
    },
    unplug() {
      if (plugged) gadget.unbind();
      plugged = false;
      return Promise.resolve();
    },
    async send({ bytes }) {
      // A report written while unplugged would wait in the kernel and come out after plugging in again.
      if (plugged && file !== null) await writeUnit(file, bytes);
    },
    onPacket(next) {
      listener = next;
    },
  };
}
