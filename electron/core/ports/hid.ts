export interface HidDeviceInfo {
  /** What `open` takes. */
  path: string;
  vendorId: number;
  productId: number;
  /** HID usage page; 1 with usage 2 or 6 is a mouse or keyboard and is never opened. */
  usagePage?: number;
  usage?: number;
  product: string;
  manufacturer: string;
}

/** An open HID device. Reports are payload only: the adapter adds and removes the report id byte 0x00. */
export interface HidConnection {
  /** Sends one output report; rejects when the device is gone or does not take it within the time limit. */
  write(report: Uint8Array, timeoutMs: number): Promise<void>;
  /** One listener; reports arrive in order. */
  onReport(listener: (report: Uint8Array) => void): void;
  /** Called once, when the device is gone or `close` was called. */
  onClosed(listener: (reason: string) => void): void;
  close(): Promise<void>;
}

/** Attached HID devices, real (device host) or simulated. */
export interface HidPort {
  list(): Promise<HidDeviceInfo[]>;
  open(path: string): Promise<HidConnection>;
}
