import type { HidDeviceInfo } from '../ports/hid.ts';
import type { ReaderProfile } from './reader-profile.ts';
import { matchesProfile } from './reader-profile.ts';

/** A device to open and the profiles to try on it, in order; normally one. */
export interface ReaderCandidate {
  device: HidDeviceInfo;
  profiles: ReaderProfile[];
}

/**
 * Picks the reader among the attached devices. Nothing is ever written to a device that no profile names,
 * unless the setting names it: bytes sent to an unknown device can do anything.
 *
 * @param choice the setting: '' or undefined any known reader; `dk` readers of that profile; `generic-raw@1a2b:3c4d`
 *   that profile on that device; `probe@1a2b:3c4d` every framing on that device until one answers
 * @returns null when no such device is attached
 */
export function chooseReader(
  devices: readonly HidDeviceInfo[],
  profiles: readonly ReaderProfile[],
  choice?: string,
): ReaderCandidate | null {
  const usable = devices.filter((device) => !isNeverAReader(device));
  const named = /^([a-z0-9-]+)@([0-9a-f]{4}):([0-9a-f]{4})$/i.exec(choice ?? '');
  if (named) {
    const [, id = '', vendorId = '', productId = ''] = named;
    const device = usable.find(
      (d) => d.vendorId === Number.parseInt(vendorId, 16) && d.productId === Number.parseInt(productId, 16),
    );
    const wanted = id === 'probe' ? [...profiles] : profiles.filter((profile) => profile.id === id);
    return device && wanted.length > 0 ? { device, profiles: wanted } : null;
  }
  for (const profile of profiles.filter((p) => !choice || p.id === choice)) {
    const device = usable.find((d) => matchesProfile(profile, d));
    if (device) return { device, profiles: [profile] };
  }
  return null;
}

/** Keyboards and mice (usage page 1, usages 6 and 2), and the boot loader of STM32 chips, which some readers fall into. */
export function isNeverAReader(device: HidDeviceInfo): boolean {
  const typing = device.usagePage === 1 && (device.usage === 2 || device.usage === 6);
  return typing || (device.vendorId === 0x0483 && device.productId === 0xdf11);
}
