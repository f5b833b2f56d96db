import type { ReaderBus } from '../../../shared/contract/reader.ts';

/** A device that may be a card reader, as its bus lists it. */
export interface DeviceInfo {
  bus: ReaderBus;
  /** What `open` takes; unique within its bus. */
  path: string;
  /** USB ids; 0 where the bus knows none. */
  vendorId: number;
  productId: number;
  /** Bus 'hid': HID usage page; 1 with usage 2 or 6 is a mouse or keyboard and is never opened. */
  usagePage?: number;
  usage?: number;
  /** Bus 'usb': the class of the first interface; 0xff is the maker's own. */
  interfaceClass?: number;
  product: string;
  manufacturer: string;
}

/** How a device is opened; comes from the reader profile. */
export type DeviceAccess =
  | { bus: 'hid' }
  /** Endpoint addresses of a bulk device, in the order the carrier numbers its pipes. */
  | { bus: 'usb'; interface: number; out: readonly number[]; in: readonly number[] }
  /** 8-N-1 without flow control. */
  | { bus: 'serial'; baudRate: number }
  /** A maker's library; `port` is its own port number (1–16 serial, 1001–1016 USB). The path is the library's file. */
  | { bus: 'library'; family: LibraryFamily; port: number };

/** Makers' programming interfaces for reader libraries: the SDT functions of most, and 华视's CVR functions. */
export type LibraryFamily = 'sdtapi' | 'termb';

/**
 * One unit of a bus: a HID report (payload only: the adapter adds and removes the report id byte 0x00), one bulk
 * transfer, some bytes of a serial line, or one whole SAM frame to or from a maker's library.
 */
export interface Packet {
  bytes: Uint8Array;
  /** The endpoint address on bus 'usb', else 0. */
  pipe: number;
}

export interface DeviceConnection {
  /** Sends one packet; rejects when the device is gone or does not take it within the time limit, milliseconds. */
  write(packet: Packet, timeoutMs: number): Promise<void>;
  /** One listener; packets of one pipe arrive in order. Their bytes are the listener's, which wipes them. */
  onPacket(listener: (packet: Packet) => void): void;
  /** Called once, when the device is gone or `close` was called. */
  onClosed(listener: (reason: string) => void): void;
  close(): Promise<void>;
}

/** Attached devices, real (device host) or simulated. */
export interface ReaderDevicePort {
  /**
   * Devices on these buses. Libraries are not listed: their path is given by the settings.
   * A bus that cannot be used here is empty, and its reason is in the log. Keyboards and mice are left out
   * unless asked for, and never opened.
   */
  list(buses: readonly ReaderBus[], options?: { withTyping?: boolean }): Promise<DeviceInfo[]>;
  /**
   * @throws CodedError ID_CARD_READER_BUSY, ID_CARD_NO_PERMISSION, ID_CARD_DRIVER_MISSING, ID_CARD_DRIVER_32BIT or
   *   ID_CARD_DRIVER_CRASHED when that is the reason, else ID_CARD_READER_FAILED
   */
  open(path: string, access: DeviceAccess): Promise<DeviceConnection>;
}
