import type { DeviceAccess, DeviceInfo, Packet } from '../../core/ports/reader-device.ts';

/** The library that reaches the devices of one bus, as far as the host needs it. */
export interface DeviceBackend {
  list(): Promise<DeviceInfo[]>;
  /**
   * `onPacket` and `onGone` may be called from the moment the device is open; `onGone` at most once.
   * @throws DeviceError when the reason is known, else anything
   */
  open(path: string, access: DeviceAccess, events: DeviceEvents): Promise<BackendDevice>;
}

export interface DeviceEvents {
  onPacket(packet: Packet): void;
  onGone(reason: string): void;
}

export interface BackendDevice {
  /** For HID the payload only; the backend puts the report id 0x00 in front. */
  write(packet: Packet): Promise<void>;
  close(): Promise<void>;
}
