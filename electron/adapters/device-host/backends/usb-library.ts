/** As much of the `usb` library (version 3, after WebUSB) as is used here: what tests put in its place. */
export interface UsbLibrary {
  getDevices(): Promise<UsbDeviceLike[]>;
}

export interface UsbDeviceLike {
  vendorId: number;
  productId: number;
  deviceClass: number;
  bus: string;
  address: number;
  ports: readonly number[];
  /** The library's name of this device since it was plugged in. */
  readonly handle: string;
  /** Where the system does not show it, reading it opens the device for a moment. */
  readonly productName: string | null | undefined;
  /** Read by opening the device when it is not open; throws when it is not configured. */
  readonly configuration: UsbConfigurationLike | null | undefined;
  readonly configurations: readonly UsbConfigurationLike[];
  open(): Promise<void>;
  close(): Promise<void>;
  selectConfiguration(value: number): Promise<void>;
  claimInterface(number: number): Promise<void>;
  releaseInterface(number: number): Promise<void>;
  clearHalt(direction: 'in' | 'out', endpointNumber: number): Promise<void>;
  /** Milliseconds and bytes. Rejects with "cancelled" when nothing came in time. */
  nativeTransferIn(endpointNumber: number, timeout: number, length: number): Promise<Uint8Array | null>;
  nativeTransferOut(endpointNumber: number, timeout: number, data: Uint8Array): Promise<number>;
}

export interface UsbConfigurationLike {
  configurationValue: number;
  interfaces: readonly {
    interfaceNumber: number;
    alternate: { interfaceClass: number; endpoints: readonly UsbEndpointLike[] };
  }[];
}

/** An endpoint as the USB library describes it. */
export interface UsbEndpointLike {
  endpointNumber: number;
  direction: 'in' | 'out';
  type: string;
  packetSize: number;
}
