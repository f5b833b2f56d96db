import type {
  UsbConfigurationLike,
  UsbDeviceLike,
  UsbEndpointLike,
  UsbLibrary,
} from '../../../../electron/adapters/device-host/backends/usb-library.ts';

/** `0x81` as the library describes it. */
export const endpoint = (address: number, type = 'bulk'): UsbEndpointLike => ({
  endpointNumber: address & 0x0f,
  direction: address & 0x80 ? 'in' : 'out',
  type,
  packetSize: 64,
});

export interface FakeUsb {
  library: UsbLibrary;
  device: UsbDeviceLike;
  /** What was done to the device, in order: `open`, `claim 0`, `out 2 aaaa`, … */
  done: string[];
  /** One packet on an IN endpoint, or a failure of the transfer that is waiting there. */
  give(endpointNumber: number, what: Uint8Array | Error): void;
  /** Transfers that wait for the device. */
  pending(): number;
}

/**
 * The usb library with one device on it, as far as its border is concerned: a transfer waits until the device has
 * something or its time is over, and then fails with the library's own words.
 */
export function fakeUsb(
  options: {
    endpoints?: UsbEndpointLike[];
    device?: Partial<UsbDeviceLike>;
    fails?: Partial<Record<'open' | 'claim' | 'out', string>>;
  } = {},
): FakeUsb {
  const done: string[] = [];
  const queues = new Map<number, (Uint8Array | Error)[]>();
  const waiting = new Map<number, () => void>();
  const { fails = {} } = options;
  const step = (what: string, failure?: string): Promise<void> => {
    done.push(what);
    return failure === undefined ? Promise.resolve() : Promise.reject(new Error(failure));
  };
  const configuration: UsbConfigurationLike = {
    configurationValue: 1,
    interfaces: [
      {
        interfaceNumber: 0,
        alternate: {
          interfaceClass: 0xff,
          endpoints: options.endpoints ?? [0x02, 0x06, 0x81, 0x85].map((address) => endpoint(address)),
        },
      },
    ],
  };
  const device: UsbDeviceLike = {
    vendorId: 0x0400,
    productId: 0xc35a,
    deviceClass: 0,
    bus: '001',
    address: 7,
    ports: [2, 1],
    handle: 'first',
    productName: 'SAM',
    configuration,
    configurations: [configuration],
    open: () => step('open', fails.open),
    close: () => step('close'),
    selectConfiguration: (value) => step(`configuration ${String(value)}`),
    claimInterface: (number) => step(`claim ${String(number)}`, fails.claim),
    releaseInterface(number) {
      if (waiting.size > 0) return Promise.reject(new Error('a transfer is still waiting'));
      return step(`release ${String(number)}`);
    },
    clearHalt: (direction, number) => step(`clear ${direction} ${String(number)}`),
    nativeTransferIn(number, timeout) {
      return new Promise((resolve, reject) => {
        const look = (): boolean => {
          const next = queues.get(number)?.shift();
          if (next === undefined) return false;
          clearTimeout(timer);
          waiting.delete(number);
          if (next instanceof Error) reject(next);
          else resolve(next);
          return true;
        };
        const timer = setTimeout(() => {
          waiting.delete(number);
          reject(new Error('transferIn error: Cancelled'));
        }, timeout);
        if (!look()) waiting.set(number, look);
      });
    },
    async nativeTransferOut(number, _timeout, data) {
      await step(`out ${String(number)} ${Buffer.from(data).toString('hex')}`, fails.out);
      return data.length;
    },
    ...options.device,
  };
  return {
    library: { getDevices: () => Promise.resolve([device]) },
    device,
    done,
    give(number, what) {
      queues.set(number, [...(queues.get(number) ?? []), what]);
      waiting.get(number)?.();
    },
    pending: () => waiting.size,
  };
}
