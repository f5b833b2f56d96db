import type { ReaderBus } from '../../../shared/contract/reader.ts';
import type { DeviceInfo } from '../ports/reader-device.ts';
import type { ReaderProfile } from './reader-profile.ts';
import { busOf, matchesProfile, variantsOf } from './reader-profile.ts';

/** A device to open and the profiles to try on it, in order; normally one. */
export interface ReaderCandidate {
  device: DeviceInfo;
  profiles: ReaderProfile[];
}

/**
 * What an admin has chosen, from the setting `reader.profile`: a profile (`dk`), a profile on one device by its USB ids
 * (`generic-raw@1a2b:3c4d`) or by its path (`uart@COM3`, `sdtapi@C:\reader\sdtapi.dll`), or every framing on one
 * device until one answers (`probe@1a2b:3c4d`).
 */
export interface ReaderChoice {
  /** Profile id, or 'probe'; '' any known reader. */
  profile: string;
  ids: { vendorId: number; productId: number } | null;
  path: string | null;
}

/** Never throws: what cannot be understood is a profile name that does not exist. */
export function parseChoice(choice: string | undefined): ReaderChoice {
  const [, profile = '', target] = /^([^@]*)(?:@(.*))?$/s.exec(choice?.trim() ?? '') ?? [];
  const usb = /^([0-9a-f]{4}):([0-9a-f]{4})$/i.exec(target ?? '');
  if (!usb) return { profile, ids: null, path: target ?? null };
  const [, vendorId = '', productId = ''] = usb;
  return {
    profile,
    ids: { vendorId: Number.parseInt(vendorId, 16), productId: Number.parseInt(productId, 16) },
    path: null,
  };
}

/** Whether the setting names something that exists, so that a profile mistyped or deleted is not looked for at a cable. */
export function namesAProfile(choice: string | undefined, profiles: readonly ReaderProfile[]): boolean {
  const { profile } = parseChoice(choice);
  return profile === '' || profile === 'probe' || profiles.some(({ id }) => id === profile);
}

/** The buses that have to be looked at: serial ports and libraries are named, not searched. */
export function busesToList(profiles: readonly ReaderProfile[]): ReaderBus[] {
  const buses = new Set(profiles.filter((profile) => profile.match.length > 0).map(busOf));
  return (['hid', 'usb'] as const).filter((bus) => bus === 'hid' || buses.has(bus));
}

/**
 * Picks the reader among the attached devices. Nothing is ever written to a device that no profile names,
 * unless the setting names it: bytes sent to an unknown device can do anything.
 * @returns null when no such device is attached
 */
export function chooseReader(
  devices: readonly DeviceInfo[],
  profiles: readonly ReaderProfile[],
  choice?: string,
): ReaderCandidate | null {
  const { profile: id, ids, path } = parseChoice(choice);
  const usable = devices.filter((device) => !isNeverAReader(device));
  const onBus = (device: DeviceInfo): ReaderProfile[] =>
    profiles.filter((p) => busOf(p) === device.bus && (id === 'probe' || p.id === id)).flatMap(variantsOf);
  if (ids || path !== null) {
    const listed = usable.find((d) =>
      ids
        ? d.vendorId === ids.vendorId && d.productId === ids.productId && onBus(d).length > 0
        : d.path === path,
    );
    const device = listed ?? (path === null ? null : unlisted(path, id, profiles));
    const wanted = device ? onBus(device) : [];
    return device && wanted.length > 0 ? { device, profiles: wanted } : null;
  }
  for (const profile of profiles.filter((p) => id === '' || p.id === id)) {
    const device = usable.find((d) => matchesProfile(profile, d));
    if (device) return { device, profiles: variantsOf(profile) };
  }
  return null;
}

/** Serial ports and libraries are opened by the path alone; a HID or USB path that is not listed is not there. */
function unlisted(path: string, id: string, profiles: readonly ReaderProfile[]): DeviceInfo | null {
  const profile = profiles.find((p) => p.id === id);
  const bus = profile && busOf(profile);
  if (bus !== 'serial' && bus !== 'library') return null;
  return { bus, path, vendorId: 0, productId: 0, product: '', manufacturer: '' };
}

/** Keyboards and mice (usage page 1, usages 6 and 2), and the boot loader of STM32 chips, which some readers fall into. */
export function isNeverAReader(device: DeviceInfo): boolean {
  const typing = device.usagePage === 1 && (device.usage === 2 || device.usage === 6);
  return typing || (device.vendorId === 0x0483 && device.productId === 0xdf11);
}
