import type { ReaderVerdict } from '../../../shared/contract/reader.ts';
import type { DeviceInfo } from '../ports/reader-device.ts';

/**
 * Devices that are known and are not read as they are, with the reason for the log and the support report: better
 * than "no reader" for somebody who sees one on the desk. Sources: shared/reference/id-card-readers.md §4.2–4.5.
 */
interface KnownDevice {
  vendorId: number;
  /** Absent: every device of this maker. */
  productId?: number;
  maker: string;
  verdict: ReaderVerdict;
  reason: string;
}

const UNPUBLISHED = { verdict: 'unknown-framing', reason: 'its framing is not published' } as const;

const KNOWN: readonly KnownDevice[] = [
  {
    vendorId: 0x0400,
    productId: 0xc35a,
    maker: '部标 USB(华视 CVR-100U、新中新 DKQ-A16D、神思、普天、精伦等)',
    verdict: 'may-probe',
    reason:
      'a vendor-class bulk device, not HID: it needs the profile bulk-c35a and, on Windows, the WinUSB driver',
  },
  {
    vendorId: 0x0425,
    productId: 0x8159,
    maker: '精伦 Routon HID',
    verdict: 'unknown-framing',
    reason: 'its framing is not published; the setting probe@0425:8159 tries the known ones',
  },
  { vendorId: 0x10c4, productId: 0x8a1b, maker: '信通 Senter', ...UNPUBLISHED },
  { vendorId: 0x2015, productId: 0x0008, maker: '森锐 Senrui', ...UNPUBLISHED },
  { vendorId: 0x9573, productId: 0x4836, maker: '亿数 Yishu', ...UNPUBLISHED },
  { vendorId: 0x2b19, productId: 0x0200, maker: '捷宇 Joyusing', ...UNPUBLISHED },
  { vendorId: 0x0103, productId: 0x6066, maker: '捷宇 Joyusing', ...UNPUBLISHED },
  {
    vendorId: 0x1483,
    maker: '明华 URF',
    verdict: 'keyboard-wedge',
    reason: 'it types like a keyboard and has no security module',
  },
  {
    vendorId: 0x0483,
    productId: 0xdf11,
    maker: 'STM32',
    verdict: 'boot-loader',
    reason: 'in its boot loader: plug it in again',
  },
];

/** What is known about a device that is not read as it is; null when nothing is. */
export function knownDevice(device: Pick<DeviceInfo, 'vendorId' | 'productId'>): KnownDevice | null {
  const { vendorId, productId } = device;
  return KNOWN.find((k) => k.vendorId === vendorId && (k.productId ?? productId) === productId) ?? null;
}

/** @returns why this device, which looks like a card reader, cannot be used; null when nothing is known about it */
export function unsupportedReason(device: Pick<DeviceInfo, 'vendorId' | 'productId'>): string | null {
  const known = knownDevice(device);
  return known ? `${known.maker}: ${known.reason}` : null;
}
