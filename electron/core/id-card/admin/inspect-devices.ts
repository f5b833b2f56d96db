import type { AttachedDevice, ReaderBus, ReaderVerdict } from '../../../../shared/contract/reader.ts';
import type { DeviceInfo, ReaderDevicePort } from '../../ports/reader-device.ts';
import { isNeverAReader } from '../choose-reader.ts';
import type { ReaderProfile } from '../reader-profile.ts';
import { busOf, matchesProfile } from '../reader-profile.ts';
import { knownDevice } from '../unsupported-readers.ts';

/** Buses whose devices can be listed; a library is named by its path. */
export const LISTED_BUSES: readonly ReaderBus[] = ['hid', 'usb', 'serial'];

export interface InspectPorts {
  devices: ReaderDevicePort;
  profiles: readonly ReaderProfile[];
  /** The device the reader logic uses or tries now. */
  inUse: Pick<DeviceInfo, 'bus' | 'path'> | null;
  /** What this machine has found out about a device by talking to it, e.g. that it only decodes in a cloud. */
  learnt?: (device: DeviceInfo) => ReaderVerdict | null;
  /** Whether the system lets this user open it, found out without opening; null when that cannot be told. */
  mayOpen: (device: DeviceInfo) => Promise<boolean | null>;
}

/**
 * Every attached device with what it is and whether it can be a reader, readers first. Nothing is opened and nothing is
 * sent. Keyboards and mice are among them, because somebody who sees a keyboard-wedge reader on the desk asks why it
 * is not there.
 * @throws CodedError when the devices cannot be listed
 */
export async function inspectDevices(ports: InspectPorts): Promise<AttachedDevice[]> {
  const { devices, profiles, inUse, learnt, mayOpen } = ports;
  const groups = new Map<string, DeviceInfo[]>();
  for (const device of await devices.list(LISTED_BUSES, { withTyping: true })) {
    const key = `${device.bus} ${device.path}`;
    groups.set(key, [...(groups.get(key) ?? []), device]);
  }
  const rows = [...groups.values()].map(async (entries): Promise<AttachedDevice> => {
    const device = headOf(entries, profiles);
    const judged = learnt?.(device) ?? verdictOf(device, profiles);
    const usable = judged === 'ready' || judged === 'by-hand';
    const closed = usable && (await mayOpen(device)) === false;
    const verdict = closed ? 'no-permission' : judged;
    return {
      bus: device.bus,
      path: device.path,
      ids: idsOf(device),
      product: device.product,
      manufacturer: device.manufacturer,
      kind: kindOf(device),
      verdict,
      known: knownText(device, profiles),
      inUse: inUse?.bus === device.bus && inUse.path === device.path,
      choices: choicesOf(device, verdict, profiles),
    };
  });
  return (await Promise.all(rows)).sort((a, b) => RANK.indexOf(a.verdict) - RANK.indexOf(b.verdict));
}

const RANK: readonly ReaderVerdict[] = [
  'ready',
  'no-permission',
  'cloud-only',
  'unknown-framing',
  'boot-loader',
  'keyboard-wedge',
  'may-probe',
  'by-hand',
  'never',
];

/** A HID device has an entry for each of its usages; one that types decides for all. */
function headOf(entries: readonly DeviceInfo[], profiles: readonly ReaderProfile[]): DeviceInfo {
  return (
    entries.find(isNeverAReader) ??
    entries.find((entry) => profiles.some((profile) => matchesProfile(profile, entry))) ??
    (entries[0] as DeviceInfo)
  );
}

function verdictOf(device: DeviceInfo, profiles: readonly ReaderProfile[]): ReaderVerdict {
  const known = knownDevice(device);
  if (known?.verdict === 'boot-loader' || known?.verdict === 'keyboard-wedge') return known.verdict;
  if (isNeverAReader(device)) return 'never';
  // Serial ports are never searched, also not for one whose adapter a profile names.
  if (device.bus === 'serial') return 'by-hand';
  if (profiles.some((profile) => matchesProfile(profile, device))) return 'ready';
  return known?.verdict ?? 'may-probe';
}

function kindOf(device: DeviceInfo): AttachedDevice['kind'] {
  if (knownDevice(device)?.verdict === 'boot-loader') return 'boot-loader';
  if (device.bus === 'serial') return 'serial';
  if (device.bus === 'usb') return 'vendor-usb';
  if (device.usagePage === 1 && device.usage === 6) return 'keyboard';
  return device.usagePage === 1 && device.usage === 2 ? 'mouse' : 'hid';
}

function knownText(device: DeviceInfo, profiles: readonly ReaderProfile[]): string {
  const names = profiles.filter((profile) => matchesProfile(profile, device)).map(({ name }) => name);
  return names.join('、') || (knownDevice(device)?.maker ?? '');
}

/**
 * The profile that names it, by itself; else every profile of its bus, beginning with trying all of them. A serial port
 * is named with its path, in every choice.
 */
function choicesOf(
  device: DeviceInfo,
  verdict: ReaderVerdict,
  profiles: readonly ReaderProfile[],
): AttachedDevice['choices'] {
  if (verdict === 'never' || verdict === 'boot-loader' || verdict === 'keyboard-wedge') return [];
  const named = profiles.filter((profile) => matchesProfile(profile, device));
  const others = profiles.filter((profile) => busOf(profile) === device.bus && !named.includes(profile));
  // The ids outlive another USB socket; a serial port is told from its twin by its path only.
  const serial = device.bus === 'serial';
  const at = serial || device.vendorId === 0 ? device.path : idsOf(device).toLowerCase();
  const tryAll = !serial && named.length === 0 && others.length > 1 ? ['probe'] : [];
  return [
    ...named.map(({ id }) => ({ profile: id, choice: serial ? `${id}@${at}` : id })),
    ...[...tryAll, ...others.map(({ id }) => id)].map((id) => ({ profile: id, choice: `${id}@${at}` })),
  ];
}

/** `10C4:0007`, or '' where the bus has none. */
export function idsOf({ vendorId, productId }: Pick<DeviceInfo, 'vendorId' | 'productId'>): string {
  if (vendorId === 0 && productId === 0) return '';
  return [vendorId, productId].map((id) => id.toString(16).padStart(4, '0').toUpperCase()).join(':');
}
