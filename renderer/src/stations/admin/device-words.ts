import type { AttachedDevice, ReaderVerdict } from '../../../../shared/contract/reader.ts';
import type { Tone } from '../../stores/strip.ts';

/** What stands first is what an admin most likely came for. */
const ORDER: readonly ReaderVerdict[] = [
  'ready',
  'no-permission',
  'unknown-framing',
  'boot-loader',
  'by-hand',
  'may-probe',
  'cloud-only',
  'keyboard-wedge',
  'never',
];

const TONES: Record<ReaderVerdict, Tone> = {
  ready: 'ok',
  'no-permission': 'warn',
  'unknown-framing': 'warn',
  'boot-loader': 'warn',
  'by-hand': 'info',
  'may-probe': 'info',
  'cloud-only': 'bad',
  'keyboard-wedge': 'bad',
  never: 'info',
};

export const toneOf = ({ verdict, inUse }: AttachedDevice): Tone => (inUse ? 'ok' : TONES[verdict]);

export function inOrder(devices: readonly AttachedDevice[]): AttachedDevice[] {
  const rank = (device: AttachedDevice): number => (device.inUse ? -1 : ORDER.indexOf(device.verdict));
  return devices
    .map((device, i) => ({ device, i }))
    .sort((a, b) => rank(a.device) - rank(b.device) || a.i - b.i)
    .map(({ device }) => device);
}

/** What a person calls it: what it says of itself, then what is known of its kind, then where it hangs. */
export const deviceName = ({ product, known, path }: AttachedDevice): string => product || known || path;

/** What may be done with it, what makes most sense first: one that is known is used, one that is not is tried. */
export function deedsOf(device: AttachedDevice): ('use' | 'probe' | 'help')[] {
  const use = mayUse(device) ? (['use'] as const) : [];
  const probe = mayProbe(device) ? (['probe'] as const) : [];
  if (device.verdict === 'no-permission') return ['help', ...use];
  return device.verdict === 'ready' ? [...use, ...probe] : [...probe, ...use];
}

/** Whether trying it makes sense and does no harm. */
const mayProbe = ({ verdict, inUse }: AttachedDevice): boolean =>
  !inUse && ['ready', 'may-probe', 'by-hand', 'unknown-framing'].includes(verdict);

/** Whether it can be taken into use at once; an unknown device is tried first. */
const mayUse = ({ verdict, inUse, choices }: AttachedDevice): boolean =>
  !inUse && choices.length > 0 && ['ready', 'no-permission', 'by-hand', 'unknown-framing'].includes(verdict);
