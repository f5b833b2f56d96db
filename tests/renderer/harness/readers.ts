import type { AttachedDevice, FrameEntry } from '../../../shared/contract/reader.ts';
import type { Output } from '../../../shared/contract/index.ts';

/** One device of every verdict, as a hall's PC might have them; invented makers where nothing must be said of a real one. */
export const DEVICES: AttachedDevice[] = [
  device({
    ids: '10C4:0007',
    path: '/dev/hidraw2',
    product: 'MR-300',
    manufacturer: 'MIAXIS',
    verdict: 'ready',
    known: '中正 MIAXIS 身份证阅读器',
    choices: [{ profile: 'miaxis', choice: 'miaxis' }],
  }),
  device({
    bus: 'usb',
    kind: 'vendor-usb',
    ids: '0400:C35A',
    path: '1-4',
    product: 'USB ID Card Reader',
    verdict: 'no-permission',
    known: '部标 USB (华视 CVR-100U, 新中新 DKQ-A16D, 神思, 普天, 精伦 …)',
    choices: [{ profile: 'bulk-c35a', choice: 'bulk-c35a' }],
  }),
  device({
    ids: '0425:8159',
    path: '/dev/hidraw4',
    product: 'HIDIDR',
    verdict: 'unknown-framing',
    known: '精伦 Routon HID',
    choices: ways('0425:8159'),
  }),
  device({
    ids: '0483:572B',
    path: '/dev/hidraw5',
    product: 'DK26ME',
    verdict: 'cloud-only',
    known: '德科 DK',
  }),
  device({
    ids: '1483:0001',
    path: '/dev/hidraw6',
    product: 'URF-R330',
    verdict: 'keyboard-wedge',
    known: '明华 URF-R330',
  }),
  device({
    bus: 'usb',
    kind: 'boot-loader',
    ids: '0483:DF11',
    path: '1-6',
    product: 'STM32 BOOTLOADER',
    verdict: 'boot-loader',
  }),
  device({
    ids: '1A2B:3C4D',
    path: '/dev/hidraw7',
    product: 'HID Device',
    verdict: 'may-probe',
    choices: ways('1a2b:3c4d'),
  }),
  device({
    bus: 'serial',
    kind: 'serial',
    path: '/dev/ttyS0',
    verdict: 'by-hand',
    choices: [{ profile: 'uart', choice: 'uart@/dev/ttyS0' }],
  }),
  device({
    kind: 'keyboard',
    ids: '046D:C31C',
    path: '/dev/hidraw0',
    product: 'USB Keyboard',
    verdict: 'never',
  }),
  device({
    kind: 'mouse',
    ids: '046D:C077',
    path: '/dev/hidraw1',
    product: 'USB Optical Mouse',
    verdict: 'never',
  }),
];

export const PROFILES: Output<'reader.devices'>['profiles'] = [
  { id: 'miaxis', name: '中正 MIAXIS 身份证阅读器', bus: 'hid', own: false },
  { id: 'dk', name: '德科 DK 身份证阅读器', bus: 'hid', own: false },
  { id: 'generic-raw', name: '通用身份证阅读器(原始帧)', bus: 'hid', own: false },
  { id: 'generic-len8', name: '通用身份证阅读器(长度前缀)', bus: 'hid', own: false },
  { id: 'hall-own', name: '本厅自定读卡器', bus: 'hid', own: true },
  { id: 'bulk-c35a', name: '部标 USB 身份证阅读器', bus: 'usb', own: false },
  { id: 'uart', name: '串口身份证阅读器', bus: 'serial', own: false },
  { id: 'sdtapi', name: '厂商组件 sdtapi', bus: 'library', own: false },
  { id: 'termb', name: '厂商组件 Termb', bus: 'library', own: false },
];

function device(more: Partial<AttachedDevice>): AttachedDevice {
  return {
    bus: 'hid',
    path: '',
    ids: '',
    product: '',
    manufacturer: '',
    kind: 'hid',
    verdict: 'ready',
    known: '',
    inUse: false,
    choices: [],
    ...more,
  };
}

function ways(ids: string): AttachedDevice['choices'] {
  return ['probe', 'miaxis', 'dk', 'generic-raw', 'generic-len8'].map((profile) => ({
    profile,
    choice: `${profile}@${ids}`,
  }));
}

const EXCHANGES: readonly (readonly [
  command: string,
  status: string,
  request: string,
  bytes: number,
  ms: number,
])[] = [
  ['find', '9F', '20 01 22', 15, 31],
  ['select', '90', '20 02 21', 19, 48],
  ['readBase', '90', '30 01 32', 1295, 612],
  ['readAppended', '91', '30 03 30', 11, 52],
  ['find', '80', '20 01 22', 11, 18],
  ['samStatus', '90', '11 FF ED', 11, 6],
];

/** Frames as the machine tells them: what comes from a card is not in them. */
export function framesFrom(seq: number, count: number, at: number): FrameEntry[] {
  return Array.from({ length: count }, (_, i) => {
    const no = seq + i;
    const [command, status, request, bytes, ms] = EXCHANGES[
      Math.floor(no / 2) % EXCHANGES.length
    ] as (typeof EXCHANGES)[number];
    const isOut = no % 2 === 0;
    const long = bytes > 11 ? ` ·· ×${bytes - 10}` : '';
    return {
      seq: no + 1,
      at: at + i * 40,
      direction: isOut ? 'out' : 'in',
      command,
      status: isOut ? '' : status,
      meaning: isOut ? '' : 'told by the machine',
      hex: isOut ? `AA AA AA 96 69 00 03 ${request}` : `AA AA AA 96 69 00 04 00 00 ${status}${long}`,
      bytes: isOut ? 10 : bytes,
      times: 1,
      tookMs: isOut ? 0 : ms,
    };
  });
}
