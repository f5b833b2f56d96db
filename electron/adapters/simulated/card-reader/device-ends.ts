import type { DeviceAccess, DeviceInfo, Packet } from '../../../core/ports/reader-device.ts';
import type { CarrierKind } from './device-carriers.ts';
import { DEVICE_CARRIERS } from './device-carriers.ts';

/** Every way the simulated reader can hang on a computer: the HID framings, bulk USB, a serial line, a maker's library. */
export type ReaderKind = CarrierKind | 'bulk' | 'bulk-whole' | 'uart' | 'library';

/** The device's end of a cable: what the computer sees of it, and how bytes go in and out. */
export interface DeviceEnd {
  device: Omit<DeviceInfo, 'product' | 'manufacturer'>;
  /** The setting `reader.profile` that takes it into use; '' when its ids are known. */
  choice: string;
  /** A fresh input, at every opening: the SAM bytes of one packet, or null when its envelope is wrong. */
  createInput(): (packet: Packet) => Uint8Array | null;
  /**
   * The packets that carry a reply.
   * @param slice at most so many SAM bytes per packet, for readers that send small pieces
   */
  wrap(reply: Uint8Array, slice?: number): Packet[];
  /** What a module without a SAM of its own answers in place of a reply, where the envelope has a word for it. */
  cloudOnly?(): Packet[];
}

/** Where every simulated reader is found, whatever its bus. */
const PATH = 'simulated';

const HEAD_OUT = 0x02;
const BODY_OUT = 0x06;
const HEAD_IN = 0x81;
const BODY_IN = 0x85;
const USB_PACKET = 64;
/** What a serial adapter hands over at a time. */
const SERIAL_CHUNK = 32;

export const DEVICE_ENDS: Readonly<Record<ReaderKind, DeviceEnd>> = {
  miaxis: hidEnd('miaxis', ''),
  dk: {
    ...hidEnd('dk', ''),
    // Byte count, no more fragments, the command turned down, status 6E 00.
    cloudOnly: () => [{ pipe: 0, bytes: Uint8Array.from([4, 0, 0x34, 0x6e, 0x00, ...new Uint8Array(59)]) }],
  },
  raw: hidEnd('raw', 'generic-raw@0000:0001'),
  len8: hidEnd('len8', 'generic-len8@0000:0008'),
  bulk: {
    device: bulkDevice(),
    choice: '',
    createInput: splitInput,
    wrap: (reply, slice = USB_PACKET) => [
      { pipe: HEAD_IN, bytes: reply.slice(0, 7) },
      ...cut(reply.slice(7), Math.min(slice, USB_PACKET)).map((bytes) => ({ pipe: BODY_IN, bytes })),
    ],
  },
  'bulk-whole': {
    device: bulkDevice(),
    choice: 'bulk-c35a-whole@0400:c35a',
    createInput:
      () =>
      ({ pipe, bytes }) =>
        pipe === HEAD_OUT ? bytes : null,
    wrap: (reply, slice = USB_PACKET) =>
      cut(reply, Math.min(slice, USB_PACKET)).map((bytes) => ({ pipe: HEAD_IN, bytes })),
  },
  uart: {
    device: { bus: 'serial', path: PATH, vendorId: 0, productId: 0 },
    choice: `uart@${PATH}`,
    createInput:
      () =>
      ({ bytes }) =>
        bytes,
    wrap: (reply, slice = SERIAL_CHUNK) => cut(reply, slice).map((bytes) => ({ pipe: 0, bytes })),
  },
  library: {
    device: { bus: 'library', path: PATH, vendorId: 0, productId: 0 },
    choice: `sdtapi@${PATH}`,
    createInput:
      () =>
      ({ bytes }) =>
        bytes,
    wrap: (reply) => [{ pipe: 0, bytes: reply }],
  },
};

/** Why a computer that opens the device in this way gets nothing of it; null when it does. */
export function whyNotOpened(end: DeviceEnd, access: DeviceAccess): string | null {
  const { bus } = end.device;
  if (access.bus !== bus) return `the reader hangs on bus ${bus}, not ${access.bus}`;
  if (access.bus !== 'usb') return null;
  const has = (addresses: readonly number[], own: readonly number[]): boolean =>
    addresses.every((address) => own.includes(address));
  if (has(access.out, [HEAD_OUT, BODY_OUT]) && has(access.in, [HEAD_IN, BODY_IN])) return null;
  return 'the reader has no such pipes';
}

function hidEnd(kind: CarrierKind, choice: string): DeviceEnd {
  const carrier = DEVICE_CARRIERS[kind];
  const { vendorId, productId } = carrier;
  return {
    device: { bus: 'hid', path: PATH, vendorId, productId, usagePage: 0xff00, usage: 1 },
    choice,
    createInput:
      () =>
      ({ bytes }) =>
        carrier.open(bytes),
    wrap: (reply, slice) => carrier.wrap(reply, slice).map((bytes) => ({ pipe: 0, bytes })),
  };
}

function bulkDevice(): DeviceEnd['device'] {
  return { bus: 'usb', path: PATH, vendorId: 0x0400, productId: 0xc35a, interfaceClass: 0xff };
}

/** Firmware of this class takes the header from one pipe and so many bytes as it counts from the other, never mixed. */
function splitInput(): (packet: Packet) => Uint8Array | null {
  let owed = 0;
  return ({ pipe, bytes }) => {
    if (pipe === HEAD_OUT) {
      if (bytes.length !== 7) return null;
      owed = (bytes[5] ?? 0) * 256 + (bytes[6] ?? 0);
      return bytes;
    }
    if (pipe !== BODY_OUT || bytes.length > owed) return null;
    owed -= bytes.length;
    return bytes;
  };
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.slice(i * size, (i + 1) * size),
  );
}
