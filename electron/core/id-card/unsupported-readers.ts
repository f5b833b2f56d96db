import type { DeviceInfo } from '../ports/reader-device.ts';

/**
 * Readers that are known and cannot be used, with the reason for the log and the support report: better than
 * "no reader" for somebody who sees one on the desk.
 */
const UNSUPPORTED: readonly { vendorId: number; productId: number; maker: string; reason: string }[] = [
  {
    vendorId: 0x0400,
    productId: 0xc35a,
    maker: '部标 USB (华视 CVR-100U, 新中新 DKQ-A16D, 神思, 普天, 精伦 …)',
    reason: 'a vendor-class bulk device, not HID: it needs its maker’s driver or a HID (免驱) model',
  },
  {
    vendorId: 0x0425,
    productId: 0x8159,
    maker: '精伦 Routon HID',
    reason: 'its framing is not published; the setting probe@0425:8159 tries the known ones',
  },
  { vendorId: 0x10c4, productId: 0x8a1b, maker: '信通 Senter', reason: 'its framing is not published' },
  { vendorId: 0x2015, productId: 0x0008, maker: '森锐 Senrui', reason: 'its framing is not published' },
  { vendorId: 0x9573, productId: 0x4836, maker: '亿数 Yishu', reason: 'its framing is not published' },
  { vendorId: 0x2b19, productId: 0x0200, maker: '捷宇 Joyusing', reason: 'its framing is not published' },
  { vendorId: 0x0103, productId: 0x6066, maker: '捷宇 Joyusing', reason: 'its framing is not published' },
  { vendorId: 0x0483, productId: 0xdf11, maker: 'STM32', reason: 'in its boot loader: plug it in again' },
];

/** @returns why this device, which looks like a card reader, cannot be used; null when nothing is known about it */
export function unsupportedReason(device: Pick<DeviceInfo, 'vendorId' | 'productId'>): string | null {
  const known = UNSUPPORTED.find((u) => u.vendorId === device.vendorId && u.productId === device.productId);
  return known ? `${known.maker}: ${known.reason}` : null;
}
