import type { ErrorCode } from '../../../../shared/contract/errors.ts';
import type { DeviceBackend } from '../device-backend.ts';
import { DeviceError } from '../device-error.ts';

/**
 * The node-hid library, loaded only when it is needed and only here: it is native code, and on some machines
 * it is not there (no build for LoongArch) or cannot be loaded (its Linux build needs libusb-1.0 and libudev).
 * @throws whatever loading it throws
 */
export async function loadNodeHid(): Promise<DeviceBackend> {
  const { default: hid } = await import('node-hid');
  // The library loads its native part on first use; this is the first use.
  await hid.devicesAsync();
  return {
    async list() {
      const devices = await hid.devicesAsync();
      return devices.flatMap((device) =>
        device.path === undefined
          ? []
          : {
              bus: 'hid' as const,
              path: device.path,
              vendorId: device.vendorId,
              productId: device.productId,
              ...(device.usagePage === undefined ? {} : { usagePage: device.usagePage }),
              ...(device.usage === undefined ? {} : { usage: device.usage }),
              product: device.product ?? '',
              manufacturer: device.manufacturer ?? '',
            },
      );
    },
    async open(path, _access, events) {
      const device = await hid.HIDAsync.open(path).catch((error: unknown) => {
        throw hidFailure(error);
      });
      device.on('error', (error: Error) => events.onGone(error.message));
      device.on('data', (bytes: Uint8Array) => events.onPacket({ bytes, pipe: 0 }));
      return {
        async write({ bytes }) {
          // The report id comes first; these readers have none, which is 0x00.
          await device.write(Buffer.from([0, ...bytes]));
        },
        close: () => device.close(),
      };
    },
  };
}

/** The library gives the system's words and no number. */
const BY_WORDS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/permission denied/i, 'ID_CARD_NO_PERMISSION'],
  // Windows refuses a device that another program holds with these words.
  [/access is denied|sharing violation|being used by another/i, 'ID_CARD_READER_BUSY'],
  [/no such (file|device)/i, 'ID_CARD_READER_MISSING'],
];

/** The failure to open a device, with its code where the words tell. */
export function hidFailure(error: unknown): unknown {
  const text = error instanceof Error ? error.message : String(error);
  const code = BY_WORDS.find(([words]) => words.test(text))?.[1];
  return code === undefined ? error : new DeviceError(code, text, { cause: error });
}
