import type { HidDeviceInfo } from '../../core/ports/hid.ts';

/** The library that reaches the devices, as far as the host needs it. */
export interface HidBackend {
  list(): Promise<HidDeviceInfo[]>;
  /** `onReport` and `onGone` may be called from the moment the device is open; `onGone` at most once. */
  open(
    path: string,
    events: { onReport(report: Uint8Array): void; onGone(reason: string): void },
  ): Promise<BackendDevice>;
}

export interface BackendDevice {
  /** Payload only; the backend puts the report id 0x00 in front. */
  write(report: Uint8Array): Promise<void>;
  close(): Promise<void>;
}
