import type { DeviceAccess } from '../../../core/ports/reader-device.ts';
import type { BackendDevice, DeviceBackend, DeviceEvents } from '../device-backend.ts';
import { DeviceError } from '../device-error.ts';
import type { Say } from '../say.ts';
import { transferTrouble, usbFailure } from './usb-failure.ts';
import { createUsbLister, usbPath } from './usb-list.ts';
import type { UsbConfigurationLike, UsbDeviceLike, UsbLibrary } from './usb-library.ts';
import type { Pipe } from './usb-pipes.ts';
import { choosePipes } from './usb-pipes.ts';

/**
 * A pending transfer cannot be called off, it only ends: so long may closing take. The device is asked by hardware and
 * the thread sleeps meanwhile, so at rest this costs a few wake-ups a second.
 */
const LISTEN_MS = 400;
const WRITE_LIMIT_MS = 1000;
/** So many faults on one pipe in a row and the device is given up. */
const FAULTS = 5;
const AFTER_FAULT_MS = 30;

/**
 * The usb library (Linux usbfs, Windows WinUSB), loaded only when a bulk reader is looked for.
 * @throws whatever loading it throws, and when this machine shows no USB at all
 */
export async function loadUsb(say: Say): Promise<DeviceBackend> {
  const { usb } = await import('usb');
  // A container or a machine without a USB controller fails here, once, and not at every list.
  await usb.getDevices();
  return usbBackend(usb, say, process.platform === 'linux' ? '/sys/bus/usb/devices' : null);
}

/** @param sysfs see {@link createUsbLister} */
export function usbBackend(library: UsbLibrary, say: Say, sysfs: string | null): DeviceBackend {
  const describe = createUsbLister(sysfs);
  return {
    async list() {
      return describe(await library.getDevices());
    },
    async open(path, access, events) {
      if (access.bus !== 'usb') throw new Error('not a USB profile');
      const device = (await library.getDevices()).find((d) => usbPath(d) === path);
      if (!device) throw new DeviceError('ID_CARD_READER_MISSING', 'no such device');
      try {
        await device.open();
        return await claim(device, access, events, say);
      } catch (error) {
        await device.close().catch(() => undefined);
        throw usbFailure(error);
      }
    },
  };
}

async function claim(
  device: UsbDeviceLike,
  access: Extract<DeviceAccess, { bus: 'usb' }>,
  events: DeviceEvents,
  say: Say,
): Promise<BackendDevice> {
  const configuration = await configured(device);
  const wanted = configuration?.interfaces.find((i) => i.interfaceNumber === access.interface);
  if (!wanted)
    throw new DeviceError('ID_CARD_READER_FAILED', `it has no interface ${String(access.interface)}`);
  const pipes = choosePipes(wanted.alternate.endpoints, access);
  await device.claimInterface(access.interface);
  if (!pipes.asNamed) {
    const numbers = [...pipes.out, ...pipes.in].map((p) => p.endpointNumber).join(', ');
    say('the reader has other endpoints than its profile names; taken in their order', `numbers ${numbers}`);
  }
  return talk(device, access.interface, pipes, events);
}

/** A device that nobody has configured yet gets its first configuration. */
async function configured(device: UsbDeviceLike): Promise<UsbConfigurationLike | null | undefined> {
  try {
    return device.configuration;
  } catch (error) {
    const [first] = device.configurations;
    if (!first) throw error;
    await device.selectConfiguration(first.configurationValue);
    return first;
  }
}

function talk(
  device: UsbDeviceLike,
  interfaceNumber: number,
  pipes: { out: Pipe[]; in: Pipe[] },
  events: DeviceEvents,
): BackendDevice {
  let ending = false;
  const listens = (): boolean => !ending;

  const gone = (reason: string): void => {
    if (ending) return;
    ending = true;
    events.onGone(reason);
  };

  /** One packet per transfer: a longer one would wait for more when an answer ends with a full packet. */
  const listen = async ({ pipe, endpointNumber, packetSize }: Pipe): Promise<void> => {
    let faults = 0;
    while (listens()) {
      try {
        const bytes = await device.nativeTransferIn(endpointNumber, LISTEN_MS, packetSize);
        faults = 0;
        if (bytes && bytes.length > 0 && listens()) events.onPacket({ bytes, pipe });
      } catch (error) {
        const trouble = transferTrouble(error);
        if (trouble === 'quiet') continue;
        faults += 1;
        if (trouble === 'gone' || faults >= FAULTS) {
          gone(String(error));
          return;
        }
        if (trouble === 'stalled') await device.clearHalt('in', endpointNumber).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, AFTER_FAULT_MS));
      }
    }
  };

  const listening = pipes.in.map(listen);
  return {
    async write({ bytes, pipe }) {
      const out = pipes.out.find((p) => p.pipe === pipe);
      if (!out) throw new Error(`the reader has no pipe ${String(pipe)} to write to`);
      try {
        const sent = await device.nativeTransferOut(out.endpointNumber, WRITE_LIMIT_MS, bytes);
        if (sent !== bytes.length)
          throw new Error(`${String(sent)} of ${String(bytes.length)} bytes were taken`);
      } catch (error) {
        const trouble = transferTrouble(error);
        if (trouble === 'gone') gone(String(error));
        if (trouble === 'stalled') await device.clearHalt('out', out.endpointNumber).catch(() => undefined);
        throw error;
      }
    },
    async close() {
      ending = true;
      // The library refuses to release what is still being read.
      await Promise.all(listening);
      await device.releaseInterface(interfaceNumber).catch(() => undefined);
      await device.close().catch(() => undefined);
    },
  };
}
