import { DEVICE_ENDS } from '../../../electron/adapters/simulated/card-reader/device-ends.ts';
import type { ReaderKind } from '../../../electron/adapters/simulated/card-reader/device-ends.ts';
import type { Driver, DriverOptions } from './driver-client.ts';
import { startDriver } from './driver-client.ts';
import type { Break, LabReader } from './reader-on-wire.ts';
import { readerOnWire } from './reader-on-wire.ts';
import { hidGadgetWire } from './wires/hid-gadget.ts';
import { READER_DESCRIPTOR } from './wires/report-descriptors.ts';
import type { UhidDevice } from './wires/uhid.ts';
import { uhidWire } from './wires/uhid.ts';
import type { Wire } from './wires/wire.ts';

/** One thing the lab shows. `run` returns what was seen, in a line. @throws Error when it was not so */
export interface Scenario {
  name: string;
  limitMs: number;
  run(lab: Lab): Promise<string>;
}

/** What a scenario works with; everything it takes is given back at its end. */
export interface Lab {
  /** A HID reader, not yet plugged in: by `/dev/uhid`, or as a USB device on the virtual controller. */
  hidReader(by: 'uhid' | 'usb', carrier: ReaderKind): LabReader;
  /** A reader behind any other device. */
  reader(wire: Wire, carrier: ReaderKind): LabReader;
  driver(options?: DriverOptions): Driver;
  /** A device that is no reader. */
  plain(wire: Wire): Wire;
}

/** @param usbWires USB devices made so far; the kernel has room for four of a kind, so they are used again */
export function createLab(
  broken: Break,
  usbWires: Map<ReaderKind, Wire>,
): Lab & { drivers: readonly Driver[]; close(): Promise<void> } {
  const drivers: Driver[] = [];
  const closers: (() => Promise<void>)[] = [];

  const usbWire = (carrier: ReaderKind, device: UhidDevice): Wire => {
    const wire = usbWires.get(carrier) ?? hidGadgetWire(device);
    usbWires.set(carrier, wire);
    return wire;
  };

  const reader = (wire: Wire, carrier: ReaderKind): LabReader => {
    closers.push(() => wire.unplug());
    return readerOnWire(wire, { carrier }, broken);
  };

  return {
    drivers,
    reader,
    hidReader(by, carrier) {
      const { vendorId, productId } = DEVICE_ENDS[carrier].device;
      const device = { vendorId, productId, name: `Lab ${carrier}`, descriptor: READER_DESCRIPTOR };
      return reader(by === 'uhid' ? uhidWire(device) : usbWire(carrier, device), carrier);
    },
    driver(options = {}) {
      const driver = startDriver(options);
      drivers.push(driver);
      closers.push(() => driver.close());
      return driver;
    },
    plain(wire) {
      closers.push(() => wire.unplug());
      return wire;
    },
    async close() {
      for (const closer of closers.reverse()) await closer();
    },
  };
}
